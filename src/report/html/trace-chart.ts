/** One trace as a waterfall of its spans. Two of them side by side have the same scale. */
import { scaleLinear } from 'd3-scale';
import type { Exemplar } from '../../measurement.ts';
import { spanKeyOf } from '../span-key.ts';
import { traceRows } from '../trace-rows.ts';
import { counted, seconds } from '../units.ts';
import { cut, type Html } from './html-text.ts';
import { chart, line, rect, text } from './svg.ts';

const WIDTH = 460;
const LEFT = 204;
const RIGHT = WIDTH - 66;
const ROW = 18;
const TOP = 20;
/** Characters; bold ones are wider. */
const LABEL = 28;
const BOLD_LABEL = 25;
/** Deeper ones would leave no room for their names. */
const MOST_INDENT = 8;
/** More rows than these nobody compares by eye. */
const MOST_ROWS = 40;

export interface TraceChartOptions {
  readonly title: string;
  /** Seconds that the width stands for. */
  readonly until: number;
  /** Span key ids that are marked, since they changed. */
  readonly changed: ReadonlySet<string>;
}

export function traceChart(exemplar: Exemplar, { title, until, changed }: TraceChartOptions): Html {
  const rows = traceRows(exemplar);
  const shown = rows.slice(0, MOST_ROWS);
  const left = rows.length - shown.length + (exemplar.leftOut ?? 0);
  const x = scaleLinear().domain([0, until]).range([LEFT, RIGHT]).clamp(true);
  const height = TOP + (shown.length + (left > 0 ? 1 : 0)) * ROW + 6;
  const services = new Set(exemplar.spans.map(({ span }) => spanKeyOf(span).service));
  const description = `${seconds(exemplar.duration)}, ${counted(exemplar.spans.length, 'span')} in ${counted(services.size, 'service')}`;
  return chart({ width: WIDTH, height, title, description }, [
    ...x
      .ticks(3)
      .flatMap((tick) => [
        line([x(tick), TOP - 4], [x(tick), height - 4], 'grid'),
        text(seconds(tick), { x: x(tick), y: TOP - 8, anchor: 'middle', ink: 'quiet' }),
      ]),
    ...shown.flatMap(({ span, depth }, index) => {
      const key = spanKeyOf(span.span);
      const y = TOP + index * ROW;
      const isChanged = changed.has(span.span);
      const failed = span.errorType === undefined ? '' : ` (${span.errorType})`;
      const mark = isChanged ? '◆ ' : '';
      const indent = Math.min(depth, MOST_INDENT);
      const name = `${mark}${services.size > 1 ? `${key.service}: ` : ''}${key.name}${failed}`;
      return [
        text(cut(name, (isChanged ? BOLD_LABEL : LABEL) - indent), {
          ...{ x: indent * 6, y: y + 13, bold: isChanged },
          whole: `${key.service} > ${key.name}${failed}, ${seconds(span.duration)}`,
        }),
        rect(
          { x: x(span.start), y: y + 4, width: x(span.start + span.duration) - x(span.start), height: 10 },
          span.status === 'error' || isChanged ? 'worse' : 'head',
        ),
        text(seconds(span.duration), { x: RIGHT + 6, y: y + 13, ink: 'quiet' }),
      ];
    }),
    ...(left > 0
      ? [text(`and ${counted(left, 'more span')}`, { x: 0, y: TOP + shown.length * ROW + 13, ink: 'quiet' })]
      : []),
  ]);
}
