/** `spangate ledger`: what the gates of a repository did, or would have done in shadow. */
import { EXIT, type ExitCode } from '../errors.ts';
import { DEFAULT_RUNS_NEEDED, ledgerSummary } from '../ledger/ledger-summary.ts';
import { formatLedger, type LedgerFormat } from '../report/ledger-report.ts';
import type { World } from '../world.ts';
import { readLedger } from './ledger.ts';
import { page } from './page.ts';

export interface LedgerCommandOptions {
  readonly remote: string;
  readonly format: LedgerFormat;
  /** Only runs of so many days; absent: all. */
  readonly days?: number;
  /** Runs that a row needs to be ready. */
  readonly runs?: number;
}

const DAY_MS = 86_400_000;

/** @throws UserError as `readLedger` */
export async function runLedger(world: World, options: LedgerCommandOptions): Promise<ExitCode> {
  const content = await readLedger(world, options);
  const { days } = options;
  const first = days === undefined ? '' : new Date(world.now().getTime() - days * DAY_MS).toISOString();
  const runs = content.runs.filter(({ at }) => at >= first);
  const summary = ledgerSummary({ ...content, runs }, { runsNeeded: options.runs ?? DEFAULT_RUNS_NEEDED });
  world.stdout.write(formatLedger(summary, options.format, page(world)));
  return EXIT.pass;
}
