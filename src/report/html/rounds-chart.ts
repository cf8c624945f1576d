/** The values that were judged: a dot for every instance of every round, so that their spread can be seen. */
import { scaleLinear } from 'd3-scale';
import type { Row } from '../../compare/comparison.ts';
import type { SideNames } from '../compared-facts.ts';
import { counted, rowValue } from '../units.ts';
import type { Html } from './html-text.ts';
import { chart, dot, line, text } from './svg.ts';

const WIDTH = 460;
const LEFT = 88;
const ROW = 26;
const TOP = 14;

export function roundsChart(row: Row, what: string, { baseline, candidate }: SideNames): Html | null {
  const all = [...row.values.baseline, ...row.values.candidate];
  if (all.length < 2) return null;
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const margin = (high - low || Math.abs(high) || 1) * 0.05;
  const x = scaleLinear()
    .domain([low - margin, high + margin])
    .range([LEFT, WIDTH - 14]);
  const bottom = TOP + 2 * ROW;
  const lane = (values: readonly number[], middle: number | null, index: 0 | 1): readonly Html[] => {
    const y = TOP + (index + 0.5) * ROW;
    return [
      text(index === 0 ? baseline : candidate, { x: LEFT - 10, y: y + 4, anchor: 'end' }),
      line([LEFT, y], [WIDTH - 14, y], 'grid'),
      ...values.map((value) => dot([x(value), y], index === 0 ? 'base' : 'head')),
      ...(middle === null ? [] : [line([x(middle), y - 10], [x(middle), y + 10], 'text')]),
    ];
  };
  const value = (side: number | null) => (side === null ? 'nothing' : rowValue(side, row));
  const instances = counted(Math.max(row.values.baseline.length, row.values.candidate.length), 'instance');
  return chart(
    {
      width: WIDTH,
      height: bottom + 28,
      title: `${what}, one dot an instance`,
      description: `${instances} a side; ${baseline} ${value(row.baseline)}, ${candidate} ${value(row.candidate)}`,
    },
    [
      ...lane(row.values.baseline, row.baseline, 0),
      ...lane(row.values.candidate, row.candidate, 1),
      ...x
        .ticks(4)
        .flatMap((tick) => [
          line([x(tick), bottom], [x(tick), bottom + 5], 'grid'),
          text(rowValue(tick, row), { x: x(tick), y: bottom + 20, anchor: 'middle', ink: 'quiet' }),
        ]),
    ],
  );
}
