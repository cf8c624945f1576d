/** Where the time went, as a waterfall: from the mean of the one build, step by step, to that of the other. */
import { scaleLinear } from 'd3-scale';
import type { TimeSplit } from '../../compare/explanation.ts';
import type { SideNames } from '../compared-facts.ts';
import { seconds, secondsShift } from '../units.ts';
import { cut, type Html } from './html-text.ts';
import { chart, type Ink, line, rect, text } from './svg.ts';

const WIDTH = 760;
const LEFT = 300;
const RIGHT = WIDTH - 90;
const ROW = 26;
const BAR = 16;
const MOST_STEPS = 8;
/** Share of the change below which a step is one of the others. */
const SMALL = 0.01;
const LABEL = 44;

interface Step {
  readonly label: string;
  readonly shift: number;
}

export function splitChart(split: TimeSplit, { baseline, candidate }: SideNames): Html {
  const steps = stepsOf(split);
  const ends = [split.baseline];
  for (const { shift } of steps) ends.push((ends.at(-1) ?? 0) + shift);
  const x = scaleLinear()
    .domain([Math.min(0, ...ends), Math.max(...ends, split.candidate)])
    .range([LEFT, RIGHT]);
  const bar = (from: number, to: number, index: number, ink: Ink): Html =>
    rect(
      {
        x: x(Math.min(from, to)),
        y: index * ROW + 6,
        width: x(Math.max(from, to)) - x(Math.min(from, to)),
        height: BAR,
      },
      ink,
    );
  const label = (content: string, index: number, bold = false): Html =>
    text(cut(content, LABEL), { x: LEFT - 10, y: index * ROW + 18, anchor: 'end', bold, whole: content });
  const value = (content: string, at: number, index: number): Html =>
    text(content, { x: x(at) + 6, y: index * ROW + 18 });
  const last = steps.length + 1;
  return chart(
    {
      width: WIDTH,
      height: (last + 1) * ROW + 8,
      title: `Mean of a request, from ${baseline} to ${candidate}`,
      description: `${seconds(split.baseline)} to ${seconds(split.candidate)}: ${steps
        .map((step) => `${step.label} ${secondsShift(step.shift, split.candidate)}`)
        .join(', ')}`,
    },
    [
      line([LEFT, 0], [LEFT, (last + 1) * ROW], 'grid'),
      label(baseline, 0, true),
      bar(0, split.baseline, 0, 'base'),
      value(seconds(split.baseline), split.baseline, 0),
      ...steps.flatMap(({ label: name, shift }, index) => {
        const [from, to] = [ends[index] ?? 0, ends[index + 1] ?? 0];
        return [
          label(name, index + 1),
          line([x(from), index * ROW + 6 + BAR], [x(from), (index + 1) * ROW + 6], 'quiet'),
          bar(from, to, index + 1, shift > 0 ? 'worse' : 'better'),
          value(secondsShift(shift, split.candidate), Math.max(from, to), index + 1),
        ];
      }),
      label(candidate, last, true),
      bar(0, split.candidate, last, 'head'),
      value(seconds(split.candidate), split.candidate, last),
    ],
  );
}

/** Largest first, and what is left in one step, so that they add up. */
function stepsOf({ parts, rest, shift }: TimeSplit): readonly Step[] {
  const shown = parts
    .filter((part) => Math.abs(part.shift) >= SMALL * Math.abs(shift) && part.shift !== 0)
    .slice(0, MOST_STEPS);
  const others = parts.filter((part) => !shown.includes(part));
  const left = rest.shift + others.reduce((sum, part) => sum + part.shift, 0);
  const label = others.length === 0 ? 'outside the spans' : 'other spans, and outside the spans';
  return [
    ...shown.map((part) => ({ label: `${part.span.service} > ${part.span.name}`, shift: part.shift })),
    { label, shift: left },
  ];
}
