/** Keeps Markdown under a limit of characters by leaving out whole rows, the least important first. */
import { counted } from './units.ts';

/** Text that is cut by whole rows; without any row all of it is left out. */
export interface MarkdownBlock {
  readonly open: string;
  readonly rows: readonly string[];
  readonly close: string;
  /** What is cut last has the lowest. */
  readonly rank: number;
}

const GAP = '\n\n';

/** Room for the sentence that says what was left out. */
const CUT_NOTE_CHARACTERS = 160;

/** Text that ends with a line feed. The head always stays; of each block, rows are kept from the first on. */
export function fitBlocks(head: string, blocks: readonly MarkdownBlock[], maxCharacters: number): string {
  const whole = joined(head, blocks);
  if (whole.length <= maxCharacters) return whole;
  let free = maxCharacters - head.length - 1 - CUT_NOTE_CHARACTERS;
  const kept = new Map<MarkdownBlock, MarkdownBlock>();
  for (const block of blocks.toSorted((left, right) => left.rank - right.rank)) {
    const room = free - block.open.length - block.close.length - GAP.length;
    const rows = rowsThatFit(block.rows, room);
    if (rows.length === 0) continue;
    kept.set(block, { ...block, rows });
    free = room - charactersOf(rows);
  }
  const shown = blocks.flatMap((block) => kept.get(block) ?? []);
  const left = counted(rowCount(blocks) - rowCount(shown), 'row');
  const note = `_Cut to fit: ${left} left out. The result as JSON has all of them._`;
  return joined(head, [...shown, { open: '', rows: [note], close: '', rank: 0 }]);
}

function rowsThatFit(rows: readonly string[], room: number): readonly string[] {
  let used = 0;
  const overflowing = rows.findIndex((row) => {
    used += row.length + 1;
    return used > room;
  });
  return overflowing === -1 ? rows : rows.slice(0, overflowing);
}

function charactersOf(rows: readonly string[]): number {
  return rows.reduce((sum, row) => sum + row.length + 1, 0);
}

function rowCount(blocks: readonly MarkdownBlock[]): number {
  return blocks.reduce((sum, block) => sum + block.rows.length, 0);
}

function joined(head: string, blocks: readonly MarkdownBlock[]): string {
  const texts = blocks.map((block) => `${block.open}${block.rows.join('\n')}${block.close}`);
  return `${[head, ...texts].join(GAP)}\n`;
}
