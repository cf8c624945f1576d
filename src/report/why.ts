/** Why an operation changed, in words: which span took the time, which calls differ, which errors came. */
import type { Comparison, Row } from '../compare/comparison.ts';
import type { CallChangeKind, Explanation, TimePart, TimeSplit } from '../compare/explanation.ts';
import type { SpanKey, SpanKeyId } from '../measurement.ts';
import { causesOf, isClear, namedCauses } from './causes.ts';
import { messageOf } from './exception-lines.ts';
import { rootCause } from './findings.ts';
import { joinPhrases, name, type Phrase, phrase } from './phrase.ts';
import { intervalName, QUANTITY_NAMES, rowSentence, valuesText } from './row-sentence.ts';
import { idOfSpanKey, isSame } from './span-key.ts';
import {
  changePercent,
  count,
  effectChange,
  effectRange,
  figure,
  probability,
  seconds,
  secondsShift,
} from './units.ts';

/** The first line about an operation, and the spans that it names. */
export interface FirstLine {
  readonly text: Phrase;
  readonly spans: readonly SpanKey[];
}

/** As for calls of a row: from this factor on it is most likely a query in a loop. */
const LOOP_FACTOR = 3;

/**
 * `GET /orders/:id p50 +4.1 ms (+31 %, …): orders > pg.query SELECT order_lines +3.9 ms (95 %), called 11 times a
 * request instead of 1`
 *
 * @returns null where the operation as its clients see it has not evidently changed, or no span stands out
 */
export function firstLineOf(row: Row, comparison: Comparison): FirstLine | null {
  const { rows, warnings, why = [] } = comparison;
  if (row.under !== undefined) return waitingLine(row, rows);
  if (row.quantity === 'error-rate') return errorLine(row, comparison);
  // Then all spans are a little of the cause.
  if (warnings.some(({ code }) => code === 'everything-moved')) return null;
  const explanation = why.find(({ operation }) => operation === row.operation);
  if (!explanation) return null;
  const client = clientRow(row, rows);
  const split = client ? splitFor(client, explanation) : splitOfCalls(row, rows, explanation);
  if (!split) return null;
  const causes = namedCauses(split, explanation, rows);
  const told = rows.filter(
    (each) => each.operation === row.operation && each.outcome === row.outcome && row.outcome !== 'none',
  );
  const rest = [row, ...told].some((each) => isAmong(each, causes)) ? [] : besideNewCall(row, causes);
  if (causes.length === 0 || rest === null) return null;
  const what = client ? clientText(client) : `mean ${secondsShift(split.shift, split.baseline)}`;
  const named = causes.map((part) => causeSentence(part, split, explanation));
  return {
    text: phrase`${name(explanation.operation)} ${what}: ${joinPhrases(named, '; ')}${rest}`,
    spans: causes.map(({ span }) => span),
  };
}

/** An error says the rest in the report. */
const LONGEST_MESSAGE = 80;

/**
 * `GET /orders/:id error rate 0 % -> 1 % (p = 0.0005): orders > pg.query SELECT orders ECONNREFUSED: connect …`
 *
 * @returns null where no span fails more often, or those who sent the requests saw nothing of it
 */
function errorLine(row: Row, { rows, why = [] }: Comparison): FirstLine | null {
  const { span, operation } = row;
  if (span === null || operation === null) return null;
  const byId = new Map(rows.map((each) => [each.id, each]));
  const seen = rows.find(
    (each) => each.operation === operation && each.span === null && rootCause(each, byId) === row,
  );
  if (!seen) return null;
  const explanation = why.find((each) => each.operation === operation);
  const [most] = (explanation?.errors ?? []).filter((each) => each.span !== null && isSame(each.span, span));
  const message = most && explanation ? messageOf(most, explanation.exemplars.candidate) : null;
  const type = most ? phrase` ${name(most.errorType)}` : [];
  const said = message === null ? [] : phrase`: ${name(shortened(message))}`;
  const sure = seen.p === null ? '' : ` (${probability(seen.p)})`;
  const where = phrase`${name(span.service)} > ${name(span.name)}`;
  return {
    text: phrase`${name(operation)} error rate ${valuesText(seen)}${sure}: ${where}${type}${said}`,
    spans: [span],
  };
}

function shortened(message: string): string {
  const [line = ''] = message.split('\n', 1);
  return line.length > LONGEST_MESSAGE ? `${line.slice(0, LONGEST_MESSAGE - 1)}…` : line;
}

/**
 * `the whole load, under concurrency: throughput 450/s -> 200/s (…): 4 of 5 operations wait for one another; create order
 * does not call POST payments/authorisations any more`: what was waited for side by side may be waited for by all.
 *
 * @returns null where it is not most operations that wait
 */
function waitingLine(row: Row, rows: readonly Row[]): FirstLine | null {
  if (row.quantity !== 'throughput' || row.operation !== null) return null;
  const probed = rows.filter(({ under }) => under === row.under);
  const all = new Set(probed.flatMap(({ operation }) => operation ?? []));
  const waiting = new Set(
    probed.flatMap(({ explainedBy, operation }) => (explainedBy === row.id ? (operation ?? []) : [])),
  );
  if (waiting.size < 2) return null;
  const gone = rows.find(
    ({ span, quantity, reason, candidate, under }) =>
      under === undefined &&
      span?.kind === 'client' &&
      quantity === 'calls' &&
      (reason === 'missing-span' || candidate === 0),
  );
  const lost = gone?.span
    ? phrase`; ${name(gone.operation ?? '')} does not call ${name(gone.span.name)} in ${name(gone.span.service)} any more`
    : [];
  const who = `${count(waiting.size)} of ${count(all.size)} operations wait for one another`;
  return { text: phrase`${rowSentence(row)}: ${who}${lost}`, spans: [] };
}

/** `p50 +4.1 ms (+31 %, 90 % interval +28 % to +35 %)` */
function clientText({ quantity, shift, baseline, effect, interval }: Row): string {
  const range = interval ? `, ${intervalName(interval)} ${effectRange(interval)}` : '';
  const change = effect === null ? '' : ` (${effectChange(effect)}${range})`;
  return `${QUANTITY_NAMES[quantity]} ${secondsShift(shift ?? 0, baseline ?? 0)}${change}`;
}

/**
 * A gate that fails for more calls does so after one short round, which is enough for a mean that is far off: no row of
 * times says that it is there, so the largest part has to be clear.
 */
function splitOfCalls(row: Row, rows: readonly Row[], { time }: Explanation): TimeSplit | undefined {
  if (row.quantity !== 'calls' || row.outcome !== 'fail' || !time || !isWatched(row, rows)) return undefined;
  const [largest] = causesOf(time);
  if (!largest || largest.standardError === null || time.shift <= 0) return undefined;
  return isClear(largest) ? time : undefined;
}

/** Who turned the times of an operation off wants to hear nothing of them. */
function isWatched({ operation }: Pick<Row, 'operation'>, rows: readonly Row[]): boolean {
  return rows.some(
    (each) =>
      each.operation === operation &&
      each.span === null &&
      each.under === undefined &&
      each.quantity === 'p50' &&
      each.level !== 'off',
  );
}

/** Else what the row found has made no time of it, and the first line would not be about it. */
function isAmong({ span }: Row, causes: readonly TimePart[]): boolean {
  return span === null || causes.some((part) => isSame(part.span, span));
}

/**
 * A new call brings others with it, such as that of the pool: they fail by their count, and the time is the new one's,
 * which no limit asks about.
 */
function besideNewCall(row: Row, causes: readonly TimePart[]): Phrase | null {
  const { span, quantity, outcome } = row;
  if (span === null || quantity !== 'calls' || outcome !== 'fail') return null;
  const isNew = causes.some(
    (part) => part.calls.baseline === 0 && part.span.service === span.service && part.shift > 0,
  );
  return isNew ? phrase`; calls of ${name(span.name)} ${valuesText(row)}` : null;
}

/** Whether its clients saw the operation change: else its split is that of noise. */
export function hasChanged(explanation: Explanation, rows: readonly Row[]): boolean {
  const { operation } = explanation;
  if (clientRow({ operation }, rows) !== undefined) return true;
  return rows.some(
    (row) => row.operation === operation && splitOfCalls(row, rows, explanation) !== undefined,
  );
}

/**
 * What the clients of the operation saw, where that is evident: the median rather than a tail. A gate that failed for
 * a count stops before times are decided, but their interval may be clear by then.
 */
function clientRow({ operation }: Pick<Row, 'operation'>, rows: readonly Row[]): Row | undefined {
  const own = rows.filter(
    (row) =>
      row.operation === operation &&
      row.span === null &&
      row.under === undefined &&
      row.level !== 'off' &&
      isEvident(row),
  );
  return (['p50', 'p90', 'p95'] as const)
    .map((quantity) => own.find((row) => row.quantity === quantity))
    .find((row) => row !== undefined);
}

function isEvident({ verdict, reason, interval }: Row): boolean {
  if (verdict === 'regression' || verdict === 'improvement' || reason === 'screened') return true;
  return reason === 'noisy' && interval !== null && (interval.lower > 1 || interval.upper < 1);
}

/** A median goes with the mean, a tail with the mean of the slowest tenth; only what moved the same way explains it. */
function splitFor({ quantity, shift }: Row, { time, tail }: Explanation): TimeSplit | undefined {
  const split = quantity === 'p50' ? time : (tail ?? time);
  return split && shift !== null && shift < 0 === split.shift < 0 ? split : undefined;
}

/** `orders > pg.query SELECT order_lines +3.9 ms (95 %), called 11 times a request instead of 1 (N+1)` */
export function causeSentence(part: TimePart, split: TimeSplit, explanation: Explanation): Phrase {
  const share = split.shift === 0 ? '' : ` (${changePercent(part.shift / split.shift)})`;
  const reference = Math.max(part.baseline, part.candidate);
  const size = `${secondsShift(part.shift, reference)}${share}`;
  const itself = isRoot(part.span, explanation) ? ' itself' : '';
  return phrase`${name(part.span.service)} > ${name(part.span.name)}${itself} ${size}${howOf(part, explanation)}`;
}

/** The part of a root span is what is left when those below it are told. */
function isRoot(span: SpanKey, { exemplars }: Explanation): boolean {
  return exemplars.candidate.some(({ spans }) => spans[0]?.span === idOfSpanKey(span));
}

/** What of the calls makes the difference, where they do. */
function howOf(part: TimePart, { calls }: Explanation): string {
  const own = calls.filter(({ to }) => isSame(to, part.span));
  const has = (kind: CallChangeKind): boolean => own.some(({ kinds }) => kinds.includes(kind));
  if (part.calls.baseline === 0) {
    const loop = part.span.kind === 'client' && part.calls.candidate >= LOOP_FACTOR ? ' (N+1)' : '';
    return `, new, called ${times(part.calls.candidate)} a request${loop}`;
  }
  if (part.calls.candidate === 0) return ', not called any more';
  // A share of the change, and not against it: ten short calls that became a long one are not slower for being fewer.
  if (part.shift !== 0 && part.byCalls / part.shift >= 0.5) {
    const isLoop = part.calls.candidate >= LOOP_FACTOR * part.calls.baseline && part.calls.candidate >= 2;
    const called = `, called ${times(part.calls.candidate)} a request instead of ${figure(part.calls.baseline)}`;
    return `${called}${isLoop ? ' (N+1)' : ''}`;
  }
  if (has('serial')) return ', one after another instead of side by side';
  return has('retried') ? ', retried after errors' : '';
}

function times(calls: number): string {
  return calls === 1 ? 'once' : `${figure(calls)} times`;
}

/** Ids of the span keys that are marked in traces, since they changed. */
export function changedSpans({ time, calls, errors }: Explanation): readonly SpanKeyId[] {
  return [
    ...(time ? causesOf(time).map(({ span }) => span) : []),
    ...calls.map(({ to }) => to),
    ...errors.flatMap(({ span }) => span ?? []),
  ].map(idOfSpanKey);
}

/** `mean 3.94 ms -> 12.1 ms, +8.2 ms` */
export function splitTitle(split: TimeSplit): string {
  const change = secondsShift(split.shift, split.baseline);
  return `mean ${seconds(split.baseline)} -> ${seconds(split.candidate)}, ${change}`;
}
