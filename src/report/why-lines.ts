/** What is said of an operation beside its times: which calls, errors and names differ. */
import type { Row } from '../compare/comparison.ts';
import type { CallChange, CallChangeKind, ErrorChange, Explanation, Rename } from '../compare/explanation.ts';
import { messageOf } from './exception-lines.ts';
import { name, type Phrase, phrase, toCopy } from './phrase.ts';
import { isSame } from './span-key.ts';
import { count, figure, percent } from './units.ts';

/** All that is said of an operation beside its times. */
export function whyLines({ calls, errors, renames, exemplars }: Explanation): readonly Phrase[] {
  // A call that is new or gone for its new name alone says nothing more.
  const isRenamed = ({ to, kinds }: CallChange): boolean =>
    (kinds.includes('new') || kinds.includes('gone')) &&
    renames.some((rename) => isSame(rename.from, to) || isSame(rename.to, to));
  return [
    ...renames.map(renameSentence),
    ...calls.filter((change) => !isRenamed(change)).map(callSentence),
    ...errors.map((change) => errorSentence(change, messageOf(change, exemplars.candidate))),
  ];
}

/** Without the calls whose number a finding tells already. */
export function linesBesideRows(explanation: Explanation, rows: readonly Row[]): readonly Phrase[] {
  const isTold = ({ to, kinds }: CallChange): boolean =>
    kinds.every((kind) => COUNT_KINDS.includes(kind)) &&
    rows.some(
      ({ operation, span, quantity, verdict }) =>
        operation === explanation.operation &&
        quantity === 'calls' &&
        span !== null &&
        isSame(span, to) &&
        verdict !== 'unchanged' &&
        verdict !== 'inconclusive',
    );
  return whyLines({ ...explanation, calls: explanation.calls.filter((change) => !isTold(change)) });
}

const COUNT_KINDS: readonly CallChangeKind[] = ['new', 'gone', 'more', 'fewer'];

const KIND_TEXTS: Readonly<Record<CallChangeKind, string>> = {
  new: 'new',
  gone: 'gone',
  more: 'more often',
  fewer: 'less often',
  serial: 'one after another, where they ran side by side',
  parallel: 'side by side, where they ran one after another',
  retried: 'retried',
};

/** `GET /orders/:id -> pg.query SELECT order_lines in orders-api: 1 -> 11 calls a request (more often)` */
function callSentence({ from, to, kinds, calls, retries }: CallChange): Phrase {
  const parent = from === null ? [] : phrase`${name(from.name)} -> `;
  const counts = isNear(calls.baseline, calls.candidate)
    ? `${figure(calls.candidate)} calls a request`
    : `${figure(calls.baseline)} -> ${figure(calls.candidate)} calls a request`;
  const texts = kinds.map((kind) =>
    kind === 'retried'
      ? `${figure(retries.candidate)} retries a request instead of ${figure(retries.baseline)}`
      : KIND_TEXTS[kind],
  );
  return phrase`${parent}${name(to.name)} in ${name(to.service)}: ${counts} (${texts.join(', ')})`;
}

function isNear(left: number, right: number): boolean {
  return Math.abs(left - right) < 0.005 * Math.max(left, right);
}

/** `pg.query SELECT orders in orders-api: ECONNRESET in 4.7 % of its calls (47), none before; one says read ECONNRESET` */
function errorSentence(
  { span, errorType, share, count: counts }: ErrorChange,
  message: string | null,
): Phrase {
  const subject =
    span === null ? phrase`the load client` : phrase`${name(span.name)} in ${name(span.service)}`;
  const of = span === null ? 'requests' : 'its calls';
  const before = counts.baseline === 0 ? 'none before' : `${percent(share.baseline)} before`;
  const said = message === null ? [] : phrase`; one says ${name(message)}`;
  return phrase`${subject}: ${name(errorType)} in ${percent(share.candidate)} of ${of} (${count(counts.candidate)}), ${before}${said}`;
}

/** `pg.query SELECT a may be called pg.query SELECT b now: …`, and the line of the configuration that says so. */
function renameSentence({ from, to }: Rename): Phrase {
  // JSON's texts are YAML's too, whatever is in them.
  const entry = `renames: { ${JSON.stringify(from.name)}: ${JSON.stringify(to.name)} }`;
  return phrase`${name(from.name)} may be called ${name(to.name)} in ${name(to.service)} now: same place, same calls, about the same time; if so, add to spangate.yml ${toCopy(entry)}`;
}
