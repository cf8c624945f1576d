/** Drawings of text: a trace as a waterfall, and the two distributions as sparklines. */
import type { Explanation, QuantileShifts } from '../compare/explanation.ts';
import type { Exemplar } from '../measurement.ts';
import { pad, shortenMiddle } from './fit-text.ts';
import { name, type Phrase, phrase } from './phrase.ts';
import { visibleText } from './safe-text.ts';
import { spanKeyOf } from './span-key.ts';
import { traceRows } from './trace-rows.ts';
import { counted, seconds } from './units.ts';

const NAME_WIDTH = 36;
const BAR_WIDTH = 26;
const TIME_WIDTH = 9;
const MOST_ROWS = 30;
const MOST_INDENT = 8;

/** One line a span: name, bar, duration. `!` marks spans that changed. */
export function traceDrawing(
  exemplar: Exemplar,
  { until, changed }: { readonly until: number; readonly changed: ReadonlySet<string> },
): readonly Phrase[] {
  const rows = traceRows(exemplar);
  const shown = rows.slice(0, MOST_ROWS);
  const left = rows.length - shown.length + (exemplar.leftOut ?? 0);
  const services = new Set(exemplar.spans.map(({ span }) => spanKeyOf(span).service));
  const column = (time: number): number =>
    Math.min(BAR_WIDTH, Math.max(0, Math.round((time / until) * BAR_WIDTH)));
  const lines = shown.map(({ span, depth }): Phrase => {
    const key = spanKeyOf(span.span);
    const indent = ' '.repeat(Math.min(depth, MOST_INDENT));
    const full = services.size > 1 ? `${key.service}: ${key.name}` : key.name;
    const error = span.errorType === undefined ? '' : ` (${span.errorType})`;
    const label = `${indent}${shortenMiddle(visibleText(`${full}${error}`), NAME_WIDTH - indent.length)}`;
    const from = Math.min(column(span.start), BAR_WIDTH - 1);
    const length = Math.max(1, column(span.start + span.duration) - from);
    const bar = `${' '.repeat(from)}${'█'.repeat(length)}`;
    const mark = changed.has(span.span) ? '! ' : '  ';
    // A name of its own, so that whatever is in it stays harmless.
    return [
      mark,
      name(pad(label, NAME_WIDTH, 'left')),
      ` ${pad(bar, BAR_WIDTH, 'left')}`,
      pad(seconds(span.duration), TIME_WIDTH, 'right'),
    ];
  });
  return left > 0 ? [...lines, [`  and ${counted(left, 'more span')}`]] : lines;
}

const LEVELS = ' ▁▂▃▄▅▆▇█';
const COLUMNS = 40;

/** How the values lie, on one log scale for both: a column for each equal ratio of times, as high as its share. */
export function sparklines(shifts: QuantileShifts): {
  readonly baseline: string;
  readonly candidate: string;
} {
  const all = [...shifts.baseline, ...shifts.candidate].filter((value) => value > 0);
  const low = Math.log(Math.min(...all));
  const span = Math.max(Math.log(Math.max(...all)) - low, 1e-9);
  const sides = [densityOf(shifts.at, shifts.baseline), densityOf(shifts.at, shifts.candidate)];
  const peak = Math.max(...sides.flat());
  const text = (density: readonly number[]): string =>
    density.map((share) => LEVELS[Math.ceil((share / peak) * (LEVELS.length - 1))] ?? ' ').join('');
  return { baseline: text(sides[0] ?? []), candidate: text(sides[1] ?? []) };

  function densityOf(at: readonly number[], values: readonly number[]): readonly number[] {
    const density = new Array<number>(COLUMNS).fill(0);
    for (let index = 0; index + 1 < at.length; index += 1) {
      const mass = (at[index + 1] ?? 0) - (at[index] ?? 0);
      const place = (value: number): number => ((Math.log(Math.max(value, 1e-9)) - low) / span) * COLUMNS;
      spread(density, mass, [place(values[index] ?? 0), place(values[index + 1] ?? 0)]);
    }
    return density;
  }
}

/** Evenly between two places. */
function spread(density: number[], mass: number, [from, to]: readonly [number, number]): void {
  const length = Math.max(to - from, 1e-9);
  for (let column = Math.max(0, Math.floor(from)); column < density.length && column <= to; column += 1) {
    const overlap = Math.min(to, column + 1) - Math.max(from, column);
    const share = to - from < 1e-9 ? 1 : Math.max(0, overlap) / length;
    density[column] = (density[column] ?? 0) + mass * share;
  }
  if (from >= density.length) density[density.length - 1] = (density.at(-1) ?? 0) + mass;
}

/** The candidate's trace that shows most: a failed one where errors came, else a slow one. */
export function worstExemplar({ exemplars, errors }: Explanation): Exemplar | null {
  const { candidate } = exemplars;
  const find = (why: Exemplar['why']): Exemplar | undefined => candidate.find((each) => each.why === why);
  return (errors.length > 0 ? find('error') : undefined) ?? find('slow') ?? candidate[0] ?? null;
}

/** The baseline's trace to lay beside it; null where it has none of that kind. */
export function likeExemplar({ exemplars }: Explanation, exemplar: Exemplar): Exemplar | null {
  return exemplars.baseline.find(({ why }) => why === exemplar.why) ?? null;
}

/** `base, slow (p95): 8.29 ms, trace 5555…` */
export function traceTitle({ traceId, why, duration }: Exemplar, side: string): Phrase {
  const kind = { typical: 'usual (p50)', slow: 'slow (p95)', error: 'with an error' }[why];
  return phrase`${side}, ${kind}: ${seconds(duration)}, trace ${name(traceId)}`;
}
