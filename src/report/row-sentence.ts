/** One sentence a row: what it is about, by how much it moved, and how sure that is. */
import type { Interval, Row, RowReason } from '../compare/comparison.ts';
import type { Quantity } from '../config.ts';
import { name, type Phrase, phrase } from './phrase.ts';
import {
  changePercent,
  count,
  counted,
  effectChange,
  effectRange,
  figure,
  percent,
  points,
  pointsShift,
  probability,
  rowValue,
  secondsShift,
} from './units.ts';

/** What a quantity is called in a table. */
export const QUANTITY_NAMES: Readonly<Record<Quantity, string>> = {
  p50: 'p50',
  p90: 'p90',
  p95: 'p95',
  p99: 'p99',
  self: 'self time',
  'error-rate': 'error rate',
  calls: 'calls',
  throughput: 'throughput',
  'error-logs': 'ERROR logs',
  'warn-logs': 'WARN logs',
  metric: 'value',
};

/** Why nothing can be said, or why a real change does not count. */
export const REASON_TEXTS: Readonly<Record<RowReason, string>> = {
  'calls-constant-changed': 'was constant, is constant',
  'calls-constant-same': 'constant on both sides',
  'calls-varied-changed': 'varies from request to request',
  'errors-increased': 'more than chance gives',
  'errors-decreased': 'fewer than chance gives',
  slower: 'slower',
  faster: 'faster',
  screened: 'beyond the limit once, not confirmed by a second measurement',
  'not-confirmed': 'beyond the limit once, and not again when measured a second time',
  'below-floor': 'real, but smaller than what matters',
  'within-limit': 'within the limit',
  noisy: 'too noisy to tell: the interval reaches past the limit',
  'too-noisy': 'too noisy to be settled; a larger change alone can fail (`finds`)',
  'too-few-samples': 'too few samples to judge',
  incomplete: 'an instance had no value of it, or a value of zero: not judged',
  'too-few-instances': 'too few instances to judge',
  'unlike-machine': 'advisory: the baseline is from another machine or other versions',
  'no-baseline': 'nothing to compare with',
  'new-span': 'new',
  'missing-span': 'gone',
  collapsed: 'less than a tenth of its calls is left',
  'moved-together': 'moved as nearly all rows did',
  'metric-missing': 'did not arrive from every instance, so nothing can be said of it',
  'dependency-saturated': 'hidden by a dependency at its limit that both builds shared',
};

/** From this factor on, more calls by the same request are most likely a query in a loop. */
const LOOP_FACTOR = 3;

/** `GET /orders/:id > summarize`; the operation alone for what the load client saw. */
export function subjectOf(row: Row): Phrase {
  const subject = placeOf(row);
  return row.under === undefined ? subject : phrase`${subject}, under concurrency`;
}

function placeOf(row: Row): Phrase {
  if (row.metric) return phrase`metric ${name(row.metric.name)}`;
  const place = row.operation === null ? phrase`outside requests` : phrase`${name(row.operation)}`;
  if (row.unit === 'records-per-request') return phrase`${place} (logs of ${name(row.service ?? '')})`;
  if (row.span?.kind === 'server' && row.span.name === row.operation) return phrase`${place} (server span)`;
  if (row.span) return phrase`${place} > ${name(row.span.name)}`;
  return row.operation === null ? phrase`the whole load` : place;
}

/** `pg.query SELECT order_lines in orders-api` */
function spanInService(row: Row, withService: boolean): Phrase {
  if (!row.span) return [];
  return withService
    ? phrase`${name(row.span.name)} in ${name(row.span.service)}`
    : phrase`${name(row.span.name)}`;
}

/** The sentence without a full stop, so that a headline can go on after it. */
export function rowSentence(row: Row, options: { readonly withService?: boolean } = {}): Phrase {
  const withService = options.withService ?? false;
  const operation = row.operation === null ? phrase`outside requests` : phrase`${name(row.operation)}`;
  const span = spanInService(row, withService);
  if (row.span && row.reason === 'new-span')
    return phrase`${operation}: new span ${span}${callsOf(row.candidate)}`;
  if (row.span && row.reason === 'missing-span')
    return phrase`${operation}: span ${span} is gone${callsOf(row.baseline, 'was ')}`;
  if (row.quantity === 'calls' && row.span) {
    return phrase`${operation}: calls of ${span} ${valuesText(row)} a request (${reasonText(row)})`;
  }
  if (row.unit === 'records-per-request') {
    const logs = phrase`${QUANTITY_NAMES[row.quantity]} of ${name(row.service ?? '')}`;
    return phrase`${operation}: ${logs} ${valuesText(row)} a request (${reasonText(row)})`;
  }
  const inService = withService && row.span ? phrase` in ${name(row.span.service)}` : [];
  const subject = phrase`${subjectOf(row)}${inService}`;
  const client = row.span === null && row.unit === 'seconds' ? 'client ' : '';
  const what = `${client}${QUANTITY_NAMES[row.quantity]}`;
  return phrase`${subject}: ${what} ${changeText(row)}${parenthesis(certainty(row))}${instancesText(row)}`;
}

/** How the change is written in a table: `+61 %`, `+10`, `~` where there is no evidence of one. */
export function changeCell(row: Row): string {
  if (row.reason === 'new-span') return 'new';
  if (row.reason === 'missing-span') return 'gone';
  if (row.baseline === null || row.candidate === null) return '';
  if (row.reason === 'unlike-machine') return `(${changeSize(row)})`;
  return isOpen(row) ? '~' : changeSize(row);
}

/** Whether there is no evidence of a change; one that was seen once, or in all rows alike, counts as evidence. */
function isOpen(row: Row): boolean {
  if (row.reason === 'screened' || row.reason === 'moved-together') return false;
  return row.verdict === 'unchanged' || row.verdict === 'inconclusive';
}

/** The size of the change, evident or not. */
export function changeSize(row: Row): string {
  if (row.unit === 'share' && row.shift !== null) return pointsShift(row.shift);
  if ((row.unit === 'calls-per-request' || row.unit === 'records-per-request') && row.shift !== null) {
    return `${row.shift < 0 ? '' : '+'}${figure(row.shift)}`;
  }
  if (row.effect !== null) return effectChange(row.effect);
  // Not judged, so that the comparison gives no effect; the values can still be read.
  return row.baseline && row.candidate !== null ? effectChange(row.candidate / row.baseline) : '';
}

function changeText(row: Row): string {
  if (row.baseline === null || row.candidate === null) return valuesText(row);
  if (isOpen(row)) return '~';
  if (row.unit === 'seconds' && row.shift !== null) return secondsShift(row.shift, row.baseline);
  return valuesText(row);
}

/** `1 -> 11` */
export function valuesText(row: Row): string {
  const side = (value: number | null) => (value === null ? 'nothing' : rowValue(value, row));
  return `${side(row.baseline)} -> ${side(row.candidate)}`;
}

function callsOf(calls: number | null, before = ''): string {
  if (calls === null) return '';
  return `, ${before}${figure(calls)} ${calls === 1 ? 'call' : 'calls'} a request`;
}

/** Why the row has its verdict, with what makes it sure. */
export function reasonText(row: Row): string {
  const parts = [REASON_TEXTS[row.reason], row.p === null ? '' : probability(row.p)].filter(
    (part) => part !== '',
  );
  return `${isLoop(row) ? 'N+1: ' : ''}${parts.join(', ')}`;
}

function isLoop(row: Row): boolean {
  if (row.quantity !== 'calls' || row.verdict !== 'regression' || row.effect === null) return false;
  return row.effect >= LOOP_FACTOR && (row.candidate ?? 0) >= 2;
}

function certainty(row: Row): readonly string[] {
  const parts: string[] = [];
  const open = isOpen(row);
  if (row.unit === 'seconds' || row.unit === 'requests-per-second' || row.unit === 'metric') {
    if (!open && row.effect !== null) parts.push(effectChange(row.effect));
    if (row.interval) parts.push(`${intervalName(row.interval)} ${effectRange(row.interval)}`);
    if (row.limit.level !== 'off' && row.verdict !== 'improvement') parts.push(`limit ${limitText(row)}`);
  } else if (row.p !== null) parts.push(probability(row.p));
  if (open || row.reason === 'screened' || row.reason === 'below-floor') parts.push(REASON_TEXTS[row.reason]);
  if (open && row.minimumDetectable !== null) parts.push(`would have found ${detectableText(row)}`);
  return parts;
}

/** `95 % interval` */
export function intervalName(interval: Interval): string {
  return `${percent(interval.level)} interval`;
}

/** Decided by something else than the limit of the quantity. */
const NOT_LIMITED: readonly RowReason[] = [
  'new-span',
  'missing-span',
  'collapsed',
  'unlike-machine',
  'no-baseline',
];

/** What a row may move by without failing, with the sign of the bad direction. */
export function limitText(row: Row): string {
  const { limit, unit, quantity } = row;
  if (limit.level === 'off') return 'off';
  if (NOT_LIMITED.includes(row.reason)) return '';
  if (unit === 'share') return limit.atLeast > 0 ? `+${points(limit.atLeast)}` : 'any';
  if (unit === 'records-per-request') return limit.atLeast > 0 ? `+${figure(limit.atLeast)}` : 'any';
  if (limit.fail === 0) return 'any';
  return `${quantity === 'throughput' ? '-' : '+'}${percent(limit.fail)}`;
}

/** `+4.0 %`: the smallest change that this run would have found. */
export function detectableText(row: Row): string {
  if (row.minimumDetectable === null) return '';
  return `${row.quantity === 'throughput' ? '-' : '+'}${changePercent(row.minimumDetectable)}`;
}

function parenthesis(parts: readonly string[]): string {
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function instancesText(row: Row): string {
  const { baseline, candidate } = row.samples;
  if (baseline.instances === 0 && candidate.instances === 0) return '';
  if (baseline.runs !== undefined) {
    return `, ${counted(baseline.runs, 'stored run')} and ${counted(candidate.instances, 'instance')}`;
  }
  if (baseline.instances === candidate.instances) return `, ${counted(candidate.instances, 'instance')} each`;
  return `, ${count(baseline.instances)} and ${counted(candidate.instances, 'instance')}`;
}
