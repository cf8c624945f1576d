/** Why one operation changed: its distributions, its rounds, where its time went, and its traces beside one another. */
import type { Row } from '../../compare/comparison.ts';
import type { Explanation, QuantileShifts } from '../../compare/explanation.ts';
import type { Exemplar } from '../../measurement.ts';
import { causesOf, namedCauses } from '../causes.ts';
import { exceptionLines } from '../exception-lines.ts';
import type { Phrase } from '../phrase.ts';
import { joinPhrases, name, phrase, plainText } from '../phrase.ts';
import { changeCell, QUANTITY_NAMES, subjectOf } from '../row-sentence.ts';
import { isSame } from '../span-key.ts';
import { counted, seconds } from '../units.ts';
import type { ScenarioView } from '../view-model.ts';
import { causeSentence, changedSpans, hasChanged, splitTitle } from '../why.ts';
import { whyLines } from '../why-lines.ts';
import { ecdfChart, shiftChart } from './distribution-charts.ts';
import { linesHtml } from './document-html.ts';
import { term } from './glossary.ts';
import { element, type Html, joined, phraseHtml, textLines } from './html-text.ts';
import { roundsChart } from './rounds-chart.ts';
import { splitChart } from './split-chart.ts';
import { traceChart } from './trace-chart.ts';

/** Of an operation; the others are in the table of all rows. */
const MOST_ROUNDS = 8;
/** Of them not folded. */
const FIRST_ROUNDS = 2;

export function explanationHtml(explanation: Explanation, scenario: ScenarioView): Html {
  const { names, rows } = scenario;
  const lines = whyLines(explanation);
  return element(
    'section',
    {},
    element('h3', {}, phraseHtml([name(explanation.operation)])),
    lines.length === 0 ? null : linesHtml(lines),
    splitHtml(explanation, scenario),
    tracesHtml(explanation, scenario),
    distributionsHtml(explanation, names),
    roundsHtml(movedRows(explanation, rows), names),
  );
}

/** What there is to say of an operation that is not drawn. */
export function briefLines(explanation: Explanation, { rows }: ScenarioView): readonly Phrase[] {
  const { time, operation } = explanation;
  const causes = time && hasChanged(explanation, rows) ? namedCauses(time, explanation, rows) : [];
  const spent =
    time && causes.length > 0
      ? [
          phrase`${splitTitle(time)}: ${joinPhrases(
            causes.map((part) => causeSentence(part, time, explanation)),
            '; ',
          )}`,
        ]
      : [];
  return [...spent, ...whyLines(explanation)].map((line) => phrase`${name(operation)}: ${line}`);
}

/** What the clients saw and what caused it first; what only follows from that is folded away. */
function distributionsHtml(explanation: Explanation, names: ScenarioView['names']): Html {
  const causes = explanation.time ? causesOf(explanation.time).map(({ span }) => span) : [];
  const isTelling = ({ span }: QuantileShifts): boolean =>
    span === null || causes.length === 0 || causes.some((cause) => isSame(cause, span));
  const drawn = (shifts: readonly QuantileShifts[]): readonly Html[] =>
    shifts.map((each) => distributionHtml(explanation.operation, each, names));
  const others = explanation.distributions.filter((each) => !isTelling(each));
  return joined(
    element('h4', {}, 'How long it took'),
    drawn(explanation.distributions.filter(isTelling)),
    others.length === 0
      ? null
      : folded(`${counted(others.length, 'more span')} that moved along`, drawn(others)),
  );
}

function folded(title: string, children: readonly Html[]): Html {
  return element('details', {}, element('summary', {}, title), children);
}

/** Nothing where the clients of the operation saw no change: a split of noise is noise. */
function splitHtml(explanation: Explanation, { names, rows }: ScenarioView): Html | null {
  const { time, tail } = explanation;
  if (!time || !hasChanged(explanation, rows)) return null;
  const by = time.by === 'critical-path' ? term('critical path') : term('self time');
  return joined(
    element('h4', {}, 'Where the time went (by ', by, ')'),
    wideFigure('Where the time went', splitChart(time, names)),
    tail
      ? folded('The same of the slowest tenth of the requests', [
          wideFigure('Where the time of the slowest tenth went', splitChart(tail, names)),
        ])
      : null,
  );
}

/** On a small screen it is scrolled, since its words would be too small to read. */
function wideFigure(label: string, drawn: Html): Html {
  return element('figure', { class: 'wide', tabindex: 0, role: 'region', 'aria-label': label }, drawn);
}

function distributionHtml(operation: string, shifts: QuantileShifts, names: ScenarioView['names']): Html {
  const { span } = shifts;
  const subject = span
    ? phrase`${name(span.service)} > ${name(span.name)}, duration`
    : phrase`${name(operation)}, latency that the clients saw`;
  return element(
    'figure',
    {},
    element('figcaption', {}, phraseHtml(subject)),
    element('div', { class: 'pair' }, ecdfChart(shifts, names), shiftChart(shifts, names)),
  );
}

/** What the clients saw, then what is not explained by another row. */
function movedRows({ operation }: Explanation, rows: readonly Row[]): readonly Row[] {
  const rank = ({ span, quantity, explainedBy }: Row): number => {
    if (span === null) return quantity === 'p50' ? 0 : 2;
    return explainedBy === undefined ? 1 : 3;
  };
  const moved = rows.filter(
    (row) =>
      row.operation === operation &&
      row.under === undefined &&
      (row.outcome !== 'none' || row.reason === 'screened' || row.verdict === 'improvement'),
  );
  return moved.toSorted((left, right) => rank(left) - rank(right));
}

function roundsHtml(rows: readonly Row[], names: ScenarioView['names']): Html | null {
  const charts = rows.slice(0, MOST_ROUNDS).flatMap((row) => {
    const client = row.span === null ? 'client ' : '';
    const what = phrase`${subjectOf(row)}, ${client}${QUANTITY_NAMES[row.quantity]}`;
    const drawn = roundsChart(row, plainText(what), names);
    if (drawn === null) return [];
    return [element('figure', {}, element('figcaption', {}, phraseHtml(what), ` ${changeCell(row)}`), drawn)];
  });
  if (charts.length === 0) return null;
  const pair = (figures: readonly Html[]): Html => element('div', { class: 'pair' }, ...figures);
  const more = charts.slice(FIRST_ROUNDS);
  return joined(
    element('h4', {}, 'One dot for each ', term('instance'), '; the line is their middle'),
    pair(charts.slice(0, FIRST_ROUNDS)),
    more.length === 0 ? null : folded(`${counted(more.length, 'more row')}`, [pair(more)]),
  );
}

const KINDS: Readonly<Record<Exemplar['why'], string>> = {
  typical: 'A usual request (p50)',
  slow: 'A slow request (p95)',
  error: 'A request with an error',
};

function tracesHtml(explanation: Explanation, scenario: ScenarioView): Html | null {
  const { baseline, candidate } = explanation.exemplars;
  const changed = new Set(changedSpans(explanation));
  const shown = (['typical', 'slow', 'error'] as const).flatMap((why) => {
    const sides = [
      ...baseline.filter((each) => each.why === why).map((each) => ({ each, side: scenario.names.baseline })),
      ...candidate
        .filter((each) => each.why === why)
        .map((each) => ({ each, side: scenario.names.candidate })),
    ];
    if (sides.length === 0) return [];
    const until = Math.max(...sides.map(({ each }) => each.duration));
    const figures = sides.map(({ each, side }) => traceHtml(each, { side, until, changed, scenario }));
    return [joined(element('h4', {}, KINDS[why]), element('div', { class: 'pair' }, ...figures))];
  });
  if (shown.length === 0) return null;
  const legend = changed.size === 0 ? null : element('p', { class: 'quiet' }, '◆ spans that changed');
  return joined(legend, ...shown);
}

function traceHtml(
  exemplar: Exemplar,
  context: {
    readonly side: string;
    readonly until: number;
    readonly changed: ReadonlySet<string>;
    readonly scenario: ScenarioView;
  },
): Html {
  const { side, until, changed, scenario } = context;
  const title = `${side}: ${seconds(exemplar.duration)}`;
  const exceptions = exceptionLines(exemplar);
  const logLines = scenario.logLines.get(exemplar.traceId) ?? [];
  return element(
    'figure',
    {},
    element('figcaption', {}, `${title}, `, term('trace'), ' ', element('code', {}, exemplar.traceId)),
    traceChart(exemplar, { title, until, changed }),
    exceptions.length === 0 ? null : linesHtml(exceptions),
    logLines.length === 0 ? null : logHtml(logLines),
  );
}

function logHtml(lines: readonly Phrase[]): Html {
  return element(
    'details',
    {},
    element('summary', {}, `Log lines of this request (${lines.length})`),
    element('pre', {}, textLines(lines.map((line) => plainText(line)))),
  );
}
