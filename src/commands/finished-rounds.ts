/** Finished rounds outlive whatever happens to the next one, in a folder that nobody commits. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../baseline/atomic-file.ts';
import { writeMeasurementFile } from '../baseline/measurement-file.ts';
import { UserError } from '../errors.ts';
import type { Measurement } from '../measurement.ts';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'no right to write there',
  EPERM: 'no right to write there',
  EROFS: 'it is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full',
  ENOTDIR: 'a file is in its place',
  EEXIST: 'a file is in its place',
};

export class FinishedRounds {
  readonly #folder: string;
  /** By file: what is in it. */
  readonly #kept = new Map<string, { readonly scenario: string; readonly rounds: number }>();
  readonly #begun = new Set<string>();
  #hasFailed = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Writes what there is so far; a confirming measurement has a file of its own, and so has each arm.
   *
   * @returns a warning where it cannot be written, once: the measurement itself does not need the file
   */
  keep(soFar: Measurement, { isConfirmation }: { readonly isConfirmation: boolean }): string | null {
    const parts = [soFar.scenario, soFar.arm, isConfirmation ? 'confirmation' : undefined];
    const name = parts.filter((part) => part !== undefined).join('.');
    const file = join(this.#folder, `${name}.json.gz`);
    try {
      makeFolder(this.#folder);
      this.#forgetEarlierRun(soFar.scenario);
      const ignore = join(this.#folder, '.gitignore');
      if (!existsSync(ignore)) writeFileSync(ignore, '*\n');
      writeMeasurementFile(file, soFar);
      const scenario = soFar.arm === undefined ? soFar.scenario : `${soFar.scenario} (${soFar.arm})`;
      this.#kept.set(file, { scenario, rounds: soFar.rounds.length });
      return null;
    } catch (error) {
      if (this.#hasFailed) return null;
      this.#hasFailed = true;
      const { code = '', message } = (
        error instanceof UserError ? error.cause : error
      ) as NodeJS.ErrnoException;
      return `finished rounds are not kept in ${this.#folder}: ${REASONS[code] ?? message}`;
    }
  }

  /** Rounds of another run, such as those that confirmed something then, must not pass for this one's. */
  #forgetEarlierRun(scenario: string): void {
    if (this.#begun.has(scenario)) return;
    this.#begun.add(scenario);
    for (const arm of ['', '.base', '.head']) {
      for (const stage of ['', '.confirmation']) {
        rmSync(join(this.#folder, `${scenario}${arm}${stage}.json.gz`), { force: true });
      }
    }
  }

  /** @param shown how a path is shown */
  sentences(shown: (file: string) => string): readonly string[] {
    return [...this.#kept].map(([file, { scenario, rounds }]) => {
      const count = rounds === 1 ? '1 finished round' : `${rounds} finished rounds`;
      return `${count} of ${scenario} ${rounds === 1 ? 'is' : 'are'} kept in ${shown(file)}`;
    });
  }
}
