/** An example with a configuration of short rounds, and what a gate of it says. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import type { GateResult, Row } from '../../src/compare/comparison.ts';
import type { Measurement } from '../../src/measurement.ts';
import { plainText } from '../../src/report/phrase.ts';
import { viewOf } from '../../src/report/view.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Spangate {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class GatedExample implements Disposable {
  readonly #folder: string;
  readonly #config: string;
  readonly #scratch = mkdtempSync(join(tmpdir(), 'spangate-example-'));

  /** @param changes sections that take the place of those in the example's own configuration */
  constructor(name: string, changes: object) {
    this.#folder = join(root, 'examples', name);
    // Beside the example's own, since paths in it are relative.
    this.#config = join(this.#folder, 'spangate.test.yml');
    const file = parse(readFileSync(join(this.#folder, 'spangate.yml'), 'utf8')) as object;
    writeFileSync(this.#config, stringify({ ...file, ...changes }));
  }

  spangate(...args: readonly string[]): Spangate {
    const command = [join(root, 'build', 'bin.js'), ...args, '--config', this.#config];
    const { status, stdout, stderr } = spawnSync(process.execPath, command, {
      cwd: this.#folder,
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  }

  measure(...args: readonly string[]): Spangate & { readonly measurement: Measurement | null } {
    const file = join(this.#scratch, 'measurement.json');
    rmSync(file, { force: true });
    return { ...this.spangate('run', ...args, '--output', file), measurement: readIfThere(file) };
  }

  /**
   * @returns `failed`: the rows that fail, those that another explains too; `headline`: what the report begins with, as
   *   one line, however wide the terminal is that breaks it
   */
  ab(...args: readonly string[]): Spangate & { readonly failed: readonly Row[]; readonly headline: string } {
    const file = join(this.#scratch, 'result.json');
    rmSync(file, { force: true });
    const ended = this.spangate('ab', ...args, '--output', file);
    const result = readIfThere<GateResult>(file);
    const rows = result?.comparisons.flatMap((comparison) => comparison.rows) ?? [];
    const headline = result === null ? '' : plainText(viewOf(result).headline);
    return { ...ended, failed: rows.filter((row) => row.outcome === 'fail'), headline };
  }

  [Symbol.dispose](): void {
    rmSync(this.#config, { force: true });
    rmSync(this.#scratch, { recursive: true, force: true });
  }
}

function readIfThere<T>(file: string): T | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
