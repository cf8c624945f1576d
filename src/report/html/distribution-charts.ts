/** The two distributions of what changed: how much of them lies below a time, and by how much each quantile moved. */
import { scaleLinear, scaleLog } from 'd3-scale';
import type { QuantileShifts } from '../../compare/explanation.ts';
import type { SideNames } from '../compared-facts.ts';
import { effectChange, seconds } from '../units.ts';
import type { Html } from './html-text.ts';
import { chart, line, polygon, polyline, text } from './svg.ts';

const WIDTH = 460;
const HEIGHT = 250;
/** For a time with its unit. */
const TICK_ROOM = 64;
const PLOT = { left: 54, right: WIDTH - 14, top: 34, bottom: HEIGHT - 38 } as const;

/** The share of the requests, or calls, that took up to so long (ECDF). */
export function ecdfChart(shifts: QuantileShifts, { baseline, candidate }: SideNames): Html {
  const all = [...shifts.baseline, ...shifts.candidate].filter((value) => value > 0);
  const low = Math.min(...all);
  const x = scaleLog()
    .domain([low, Math.max(...all, low * 1.1)])
    .range([PLOT.left, PLOT.right]);
  const y = scaleLinear().domain([0, 1]).range([PLOT.bottom, PLOT.top]);
  const points = (values: readonly number[]) =>
    values.map((value, index): [number, number] => [x(Math.max(value, low)), y(shifts.at[index] ?? 0)]);
  const description = ['p50', 'p90', 'p95', 'p99']
    .map((name) => {
      const index = shifts.at.indexOf(Number(name.slice(1)) / 100);
      return `${name}: ${baseline} ${seconds(shifts.baseline[index] ?? 0)}, ${candidate} ${seconds(shifts.candidate[index] ?? 0)}`;
    })
    .join('; ');
  return chart({ width: WIDTH, height: HEIGHT, title: 'Share that took up to so long', description }, [
    legend([
      [baseline, 'base'],
      [candidate, 'head'],
    ]),
    ...[0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
      line([PLOT.left, y(share)], [PLOT.right, y(share)], 'grid'),
      text(`${share * 100} %`, { x: PLOT.left - 6, y: y(share) + 4, anchor: 'end', ink: 'quiet' }),
    ]),
    ...fewTicks(x.ticks(5), x).flatMap((value) => [
      line([x(value), PLOT.bottom], [x(value), PLOT.bottom + 5], 'grid'),
      text(seconds(value), { x: x(value), y: PLOT.bottom + 20, anchor: 'middle', ink: 'quiet' }),
    ]),
    polyline(points(shifts.baseline), 'base', true),
    polyline(points(shifts.candidate), 'head'),
  ]);
}

/** By how much each quantile moved, with its interval. */
export function shiftChart(shifts: QuantileShifts, { baseline }: SideNames): Html {
  const effects = shifts.baseline.map((before, index) =>
    before > 0 ? (shifts.candidate[index] ?? 0) / before : 1,
  );
  const { interval } = shifts;
  const bounds = [...effects, 1, ...(interval?.lower ?? []), ...(interval?.upper ?? [])].filter(
    (value) => value > 0 && Number.isFinite(value),
  );
  const x = scaleLinear().domain([0, 1]).range([PLOT.left, PLOT.right]);
  const y = scaleLinear()
    .domain([Math.min(...bounds, 0.98), Math.max(...bounds, 1.02)])
    .nice(5)
    .range([PLOT.bottom, PLOT.top]);
  const at = (values: readonly number[]) =>
    values.map((value, index): [number, number] => [x(shifts.at[index] ?? 0), y(value)]);
  const middle = effects[shifts.at.indexOf(0.5)] ?? 1;
  const tail = effects[shifts.at.indexOf(0.95)] ?? 1;
  const worse = middle > 1;
  const description = `p50 ${effectChange(middle)}, p95 ${effectChange(tail)} of ${baseline}`;
  const title = interval
    ? `Change of each quantile, with its ${Math.round(interval.level * 100)} % interval`
    : 'Change of each quantile';
  return chart({ width: WIDTH, height: HEIGHT, title, description }, [
    text(title, { x: PLOT.left, y: 16, ink: 'quiet' }),
    ...y
      .ticks(5)
      .flatMap((value) => [
        line([PLOT.left, y(value)], [PLOT.right, y(value)], 'grid'),
        text(effectChange(value), { x: PLOT.left - 6, y: y(value) + 4, anchor: 'end', ink: 'quiet' }),
      ]),
    ...[0.1, 0.25, 0.5, 0.75, 0.9].map((quantile) =>
      text(`p${Math.round(quantile * 100)}`, {
        x: x(quantile),
        y: PLOT.bottom + 20,
        anchor: 'middle',
        ink: 'quiet',
      }),
    ),
    line([PLOT.left, y(1)], [PLOT.right, y(1)], 'text'),
    ...(interval
      ? [polygon([...at(interval.lower), ...at(interval.upper).toReversed()], worse ? 'worse' : 'better')]
      : []),
    polyline(at(effects), worse ? 'worse' : 'better'),
  ]);
}

function legend(entries: readonly (readonly [string, 'base' | 'head'])[]): Html {
  const marks = entries.flatMap(([name, ink], index) => {
    const x = PLOT.left + index * 170;
    return [
      polyline(
        [
          [x, 14],
          [x + 26, 14],
        ],
        ink,
        ink === 'base',
      ),
      text(name, { x: x + 34, y: 18 }),
    ];
  });
  return { html: marks.map(({ html }) => html).join('') };
}

/** Of a log scale the ticks come in crowds: those that lie too near to the one before are left out. */
function fewTicks(ticks: readonly number[], placeOf: (value: number) => number): readonly number[] {
  const kept: number[] = [];
  for (const tick of ticks) {
    const last = kept.at(-1);
    const isFree = last === undefined || placeOf(tick) - placeOf(last) >= TICK_ROOM;
    if (isFree && placeOf(tick) <= PLOT.right - TICK_ROOM / 2) kept.push(tick);
  }
  return kept;
}
