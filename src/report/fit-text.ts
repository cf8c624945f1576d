/** Fits text into columns of a terminal, counting wide characters as two. */
import stringWidth from 'string-width';

const SEGMENTER = new Intl.Segmenter('en', { granularity: 'grapheme' });

export function widthOf(text: string): number {
  return stringWidth(text);
}

/** More than any letter with its marks has; what lies further from both ends of a long text is never shown. */
const MAX_UNITS_A_COLUMN = 20;

/** Cuts the middle out, since span names differ at both ends: `pg.query:SEL…order_lines`. */
export function shortenMiddle(text: string, width: number): string {
  if (text.length <= 2 * width * MAX_UNITS_A_COLUMN && stringWidth(text) <= width) return text;
  if (width <= 1) return width === 1 ? '…' : '';
  const most = width * MAX_UNITS_A_COLUMN;
  const near = text.length > 2 * most ? text.slice(0, most) + text.slice(-most) : text;
  const characters = [...SEGMENTER.segment(near)].map(({ segment }) => segment);
  // A little more of the end, because routes and statements differ there.
  const tailWidth = Math.ceil((width - 1) / 2);
  const tail = takeWhileFits(characters.toReversed(), tailWidth).toReversed().join('');
  const head = takeWhileFits(characters, width - 1 - stringWidth(tail)).join('');
  return `${head}…${tail}`;
}

/** Cuts the end off. */
export function shortenEnd(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  if (width <= 1) return width === 1 ? '…' : '';
  const characters = [...SEGMENTER.segment(text)].map(({ segment }) => segment);
  return `${takeWhileFits(characters, width - 1).join('')}…`;
}

export function pad(text: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return align === 'left' ? text + space : space + text;
}

/** A figure and its unit are not parted by the end of a line. */
const BREAKS = /(?<!\d) +| +(?!(?:%|ms|µs|ns|s|min|h|pp)(?:[\s,.;:)]|$))/;

/** Lines of at most `width` columns; words that are longer are cut in two. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(BREAKS).filter((part) => part !== '')) {
    if (line !== '' && stringWidth(line) + 1 + stringWidth(word) <= width) {
      line += ` ${word}`;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    while (stringWidth(line) > width) {
      const head = takeWhileFits(
        [...SEGMENTER.segment(line)].map(({ segment }) => segment),
        width,
      ).join('');
      if (head === '') break;
      lines.push(head);
      line = line.slice(head.length);
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}

function takeWhileFits(characters: readonly string[], width: number): readonly string[] {
  const taken: string[] = [];
  let used = 0;
  for (const character of characters) {
    used += stringWidth(character);
    if (used > width) break;
    taken.push(character);
  }
  return taken;
}
