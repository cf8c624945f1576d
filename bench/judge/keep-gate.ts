/**
 * Keeps the rounds of a live gate of unchanged code in the bank: what was measured to count alarms is what gates can be
 * drawn from. `spangate` leaves the rounds of its last run in `.spangate/last-run`.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readMeasurementFile } from '../../src/baseline/measurement-file.ts';
import { addToBank, bankRoundOf, folderOf, type RoundFacts } from './bank.ts';

export interface KeptGate {
  /** `.spangate/last-run` of the service. */
  readonly folder: string;
  readonly scenario: string;
  readonly bank: string;
  /** `roundSeconds`: of the gate, divided by its rounds; the concurrency probe is part of it. */
  readonly facts: RoundFacts;
}

/** @returns the number of rounds that were added */
export function keepGate({ folder, scenario, bank, facts }: KeptGate): number {
  let kept = 0;
  for (const stage of ['', '.confirmation']) {
    const [base, head] = (['base', 'head'] as const).map((arm) =>
      join(folder, `${scenario}.${arm}${stage}.json.gz`),
    );
    if (!base || !head || !existsSync(base) || !existsSync(head)) continue;
    const arms = [readMeasurementFile(base), readMeasurementFile(head)] as const;
    for (const index of arms[0].rounds.keys()) {
      const round = bankRoundOf(arms, index, facts);
      if (round === null) continue;
      addToBank(folderOf(bank, facts), round);
      kept += 1;
    }
  }
  return kept;
}
