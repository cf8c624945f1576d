/** What to do about a verdict. */
import type { Comparison, Row } from '../compare/comparison.ts';
import { name, type Phrase, phrase, toCopy } from './phrase.ts';
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
    [toCopy(trailerText(first, comparison))],
  ];
}

/** As `Spangate-Accept` is read; the reason is for the reader to fill in. */
function trailerText({ rows }: Finding, comparison: Comparison): string {
  const [main] = rows;
  const failing = rows.filter((row) => row.outcome === 'fail');
  const quantities = [...new Set(failing.map(({ quantity }) => quantity))].join(', ');
  const under = main.under === undefined ? '' : ' under concurrency';
  const named = main.span?.name ?? main.metric?.name;
  const span = named === undefined ? '' : ` of ${quoted(named)}`;
  const from = isNameShared(main, comparison.rows) ? ` from ${quoted(serviceOf(main) ?? '')}` : '';
  const operation = main.operation === null ? '' : ` in ${quoted(main.operation)}`;
  return `Spangate-Accept: ${quantities}${under}${span}${from}${operation} until ${endOf(comparison.createdAt)}: why`;
}

/** Whether another service has rows that would be accepted with it. */
function isNameShared(main: Row, rows: readonly Row[]): boolean {
  const service = serviceOf(main);
  if (service === null || main.metric) return false;
  return rows.some(
    (row) =>
      row.operation === main.operation &&
      row.under === main.under &&
      row.span?.name === main.span?.name &&
      row.metric === undefined &&
      (serviceOf(row) ?? service) !== service,
  );
}

function serviceOf({ span, service }: Row): string | null {
  return span?.service ?? service ?? null;
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
