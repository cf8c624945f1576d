/** What to do about a verdict. */
import type { Comparison } from '../compare/comparison.ts';
import { name, type Phrase, phrase } from './phrase.ts';
import type { Finding } from './view-model.ts';

export interface NextStepsOptions {
  readonly failed: readonly Finding[];
  /** Whether a warning has said why there is no verdict. */
  readonly isExplained: boolean;
}

export function nextSteps(
  comparison: Comparison,
  { failed, isExplained }: NextStepsOptions,
): readonly Phrase[] {
  const { verdict, mode } = comparison;
  const record = name('spangate baseline record');
  if (verdict === 'nothing-compared') {
    return mode === 'together' ? [] : [phrase`Next, store a baseline to compare with: ${record}`];
  }
  if (verdict === 'fail' && mode === 'stored') {
    return [phrase`Meant to be so? Record a new baseline: ${name('spangate baseline record --force')}`];
  }
  if (verdict === 'fail' && mode === 'together') return acceptance(comparison, failed);
  if (verdict === 'inconclusive' && !isExplained) {
    return [phrase`More rounds, or a quieter machine, make smaller changes visible.`];
  }
  return [];
}

/** Long enough for a follow-up, and an end that somebody will see. */
const ACCEPTED_DAYS = 90;

/** Of two folders nothing is merged, so nothing is accepted. */
function acceptance(comparison: Comparison, failed: readonly Finding[]): readonly Phrase[] {
  const [first] = failed;
  if (!first || comparison.names?.baseline === 'A') return [];
  const more = failed.length > 1 ? ', one line for each,' : '';
  return [
    [`Meant to be so? Say it in the last paragraph of a commit message${more} such as:`],
    [trailerText(first, comparison.createdAt)],
  ];
}

/** As `Spangate-Accept` is read; the reason is for the reader to fill in. */
export function trailerText({ rows }: Finding, createdAt: string): string {
  const [main] = rows;
  const failing = rows.filter((row) => row.outcome === 'fail');
  const quantities = [...new Set(failing.map(({ quantity }) => quantity))].join(', ');
  const under = main.under === undefined ? '' : ' under concurrency';
  const named = main.span?.name ?? main.metric?.name;
  const span = named === undefined ? '' : ` of ${quoted(named)}`;
  const operation = main.operation === null ? '' : ` in ${quoted(main.operation)}`;
  return `Spangate-Accept: ${quantities}${under}${span}${operation} until ${endOf(createdAt)}: why`;
}

function quoted(text: string): string {
  return /^[^\s"“”]+$/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function endOf(createdAt: string): string {
  const day = new Date(createdAt);
  if (Number.isNaN(day.getTime())) return 'YYYY-MM-DD';
  day.setUTCDate(day.getUTCDate() + ACCEPTED_DAYS);
  return day.toISOString().slice(0, 10);
}
