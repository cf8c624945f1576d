/**
 * Charts as SVG text. Colours are presentation attributes with a class beside them: a page whose style sheet is blocked
 * (as in Jenkins) still shows them, and the style sheet makes them fit a dark page.
 */
import { type Attributes, element, escaped, type Html } from './html-text.ts';

export type Ink = 'base' | 'head' | 'worse' | 'better' | 'text' | 'quiet' | 'grid';

export const INKS: Readonly<Record<Ink, { readonly light: string; readonly dark: string }>> = {
  base: { light: '#475467', dark: '#a9b4c4' },
  head: { light: '#1d4ed8', dark: '#84adff' },
  worse: { light: '#b42318', dark: '#ff8a7a' },
  better: { light: '#067647', dark: '#6ce9a6' },
  text: { light: '#1d2939', dark: '#e4e7ec' },
  quiet: { light: '#5d6b82', dark: '#98a2b3' },
  grid: { light: '#d0d5dd', dark: '#475467' },
};

export interface Chart {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** What the chart shows, in words, for whoever cannot see it. */
  readonly description: string;
}

/** Fits the width of its column, and is never larger than drawn. */
export function chart({ width, height, title, description }: Chart, marks: readonly Html[]): Html {
  return element(
    'svg',
    {
      class: 'chart',
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'img',
      'aria-label': `${title}. ${description}`,
      'font-family': 'system-ui, sans-serif',
      'font-size': 12,
    },
    element('title', {}, title),
    ...marks,
  );
}

export function line(from: readonly [number, number], to: readonly [number, number], ink: Ink): Html {
  return element('line', {
    ...{ x1: at(from[0]), y1: at(from[1]), x2: at(to[0]), y2: at(to[1]) },
    ...stroke(ink),
  });
}

export function polyline(points: readonly (readonly [number, number])[], ink: Ink, dashed = false): Html {
  return element('polyline', {
    points: pointsText(points),
    fill: 'none',
    'stroke-width': 2,
    ...(dashed && { 'stroke-dasharray': '6 4' }),
    ...stroke(ink),
  });
}

export function polygon(points: readonly (readonly [number, number])[], ink: Ink): Html {
  return element('polygon', { points: pointsText(points), 'fill-opacity': 0.18, ...filled(ink) });
}

export function rect(
  box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  ink: Ink,
): Html {
  return element('rect', {
    ...{ x: at(box.x), y: at(box.y), width: at(Math.max(1, box.width)), height: at(box.height) },
    ...filled(ink),
  });
}

export function dot([x, y]: readonly [number, number], ink: Ink): Html {
  return element('circle', { cx: at(x), cy: at(y), r: 4, 'fill-opacity': 0.65, ...filled(ink) });
}

export interface Label {
  readonly x: number;
  readonly y: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly ink?: Ink;
  readonly bold?: boolean;
  /** Shown on hover, where the text is cut. */
  readonly whole?: string;
}

export function text(content: string, label: Label): Html {
  const { x, y, anchor = 'start', ink = 'text', bold = false, whole } = label;
  return element(
    'text',
    {
      ...{ x: at(x), y: at(y) },
      'text-anchor': anchor === 'start' ? null : anchor,
      'font-weight': bold ? 600 : null,
      ...filled(ink),
    },
    content,
    whole === undefined || whole === content ? null : element('title', {}, whole),
  );
}

function stroke(ink: Ink): Attributes {
  return { stroke: INKS[ink].light, class: `s-${ink}` };
}

function filled(ink: Ink): Attributes {
  return { fill: INKS[ink].light, class: `f-${ink}` };
}

function pointsText(points: readonly (readonly [number, number])[]): string {
  return escaped(points.map(([x, y]) => `${at(x)},${at(y)}`).join(' '));
}

/** A tenth of a pixel is enough. */
function at(value: number): number {
  return Number.isFinite(value) ? Math.round(value * 10) / 10 : 0;
}
