/** What `--explain` adds: of each changed operation how its times lie, and its worst example trace beside a like one. */
import type { Explanation } from '../compare/explanation.ts';
import { causesOf } from './causes.ts';
import type { Section } from './document.ts';
import { exceptionLines } from './exception-lines.ts';
import { pad, widthOf } from './fit-text.ts';
import { name, type Phrase, phrase } from './phrase.ts';
import { isSame } from './span-key.ts';
import { likeExemplar, sparklines, traceDrawing, traceTitle, worstExemplar } from './trace-drawing.ts';
import { seconds } from './units.ts';
import type { ScenarioView } from './view-model.ts';
import { changedSpans } from './why.ts';

/** More than these nobody reads in a terminal. */
const MOST_OPERATIONS = 3;
const MOST_DISTRIBUTIONS = 3;
const MOST_LOG_LINES = 10;

export function explainSections(scenario: ScenarioView): readonly Section[] {
  return scenario.why.slice(0, MOST_OPERATIONS).flatMap((explanation) => {
    const drawing = [...distributionLines(explanation, scenario), ...traceLines(explanation, scenario)];
    if (drawing.length === 0) return [];
    return [
      { title: 'In detail', tone: 'plain', folded: false, lines: [[name(explanation.operation)]], drawing },
    ];
  });
}

/** Of what the clients saw and of what caused it. */
function distributionLines({ time, distributions }: Explanation, { names }: ScenarioView): readonly Phrase[] {
  const causes = time ? causesOf(time).map(({ span }) => span) : [];
  const telling = distributions.filter(
    ({ span }) => span === null || causes.some((cause) => isSame(cause, span)),
  );
  const width = Math.max(widthOf(names.baseline), widthOf(names.candidate));
  return telling.slice(0, MOST_DISTRIBUTIONS).flatMap((shifts): readonly Phrase[] => {
    const lines = sparklines(shifts);
    const subject = shifts.span === null ? ['latency'] : phrase`${name(shifts.span.name)}, duration`;
    const row = (side: string, line: string, values: readonly number[]): Phrase => {
      const quantile = (share: number): string => seconds(values[shifts.at.indexOf(share)] ?? 0);
      return [name(pad(side, width, 'left')), ` |${line}|`, ` p50 ${quantile(0.5)}, p95 ${quantile(0.95)}`];
    };
    return [
      subject,
      row(names.baseline, lines.baseline, shifts.baseline),
      row(names.candidate, lines.candidate, shifts.candidate),
      [],
    ];
  });
}

function traceLines(explanation: Explanation, { names, logLines }: ScenarioView): readonly Phrase[] {
  const worst = worstExemplar(explanation);
  if (worst === null) return [];
  const like = likeExemplar(explanation, worst);
  const until = Math.max(worst.duration, like?.duration ?? 0);
  const options = { until, changed: new Set(changedSpans(explanation)) };
  const exceptions = exceptionLines(worst);
  const logs = (logLines.get(worst.traceId) ?? []).slice(0, MOST_LOG_LINES);
  return [
    ...(like ? [traceTitle(like, names.baseline), ...traceDrawing(like, options), []] : []),
    traceTitle(worst, names.candidate),
    ...traceDrawing(worst, options),
    ...(exceptions.length === 0 ? [] : [['what went wrong in it'], ...exceptions]),
    ...(logs.length === 0 ? [] : [['its log lines'], ...logs]),
  ];
}
