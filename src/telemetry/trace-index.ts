/** Which spans belong together: rows of a span table by trace, and each row's parent and children. */
import type { SpanTable } from './span-table.ts';

export interface TraceIndex {
  readonly traceCount: number;
  /** Rows of trace `t`: `rowsByTrace[traceStarts[t]]` up to, not including, `rowsByTrace[traceStarts[t + 1]]`. */
  readonly traceStarts: Uint32Array;
  readonly rowsByTrace: Uint32Array;
  /** Row of the parent in the same trace, -1 where it has none or the parent was not received. */
  readonly parentRows: Int32Array;
  /** Children of row `r`, like the rows of a trace. */
  readonly childStarts: Uint32Array;
  readonly rowsByParent: Uint32Array;
}

export function indexTraces(table: SpanTable): TraceIndex {
  const traces = new WordIndex(table.traceIds, 4, table.count);
  const traceOf = new Uint32Array(table.count);
  for (let row = 0; row < table.count; row += 1) traceOf[row] = traces.idOf(table.traceIds, row);
  const byTrace = group(traceOf, traces.count);

  const spans = new WordIndex(table.spanIds, 2, table.count);
  const rowOfSpan = new Uint32Array(table.count);
  for (let row = table.count - 1; row >= 0; row -= 1) rowOfSpan[spans.idOf(table.spanIds, row)] = row;
  const parentRows = new Int32Array(table.count).fill(-1);
  // Group 0 is for rows without a parent here, so that every row is in some group.
  const parentGroups = new Uint32Array(table.count);
  for (let row = 0; row < table.count; row += 1) {
    const parent = rowOfSpan[spans.find(table.parentIds, row)] ?? -1;
    if (parent < 0 || parent === row || traceOf[parent] !== traceOf[row]) continue;
    parentRows[row] = parent;
    parentGroups[row] = parent + 1;
  }
  const byParent = group(parentGroups, table.count + 1);
  return {
    traceCount: traces.count,
    traceStarts: byTrace.starts,
    rowsByTrace: byTrace.members,
    parentRows,
    childStarts: byParent.starts.subarray(1),
    rowsByParent: byParent.members,
  };
}

/** Counting sort: members of group `g` lie from `starts[g]` to `starts[g + 1]`, in their old order. */
function group(groupOf: Uint32Array, groupCount: number): { starts: Uint32Array; members: Uint32Array } {
  const starts = new Uint32Array(groupCount + 1);
  for (const of of groupOf) starts[of + 1] = (starts[of + 1] ?? 0) + 1;
  for (let index = 0; index < groupCount; index += 1) {
    starts[index + 1] = (starts[index + 1] ?? 0) + (starts[index] ?? 0);
  }
  const next = starts.slice();
  const members = new Uint32Array(groupOf.length);
  groupOf.forEach((of, member) => {
    const at = next[of] ?? 0;
    members[at] = member;
    next[of] = at + 1;
  });
  return { starts, members };
}

/** Open-addressing hash index of ids of several words; numbers distinct ids from 0 in order of appearance. */
class WordIndex {
  count = 0;
  readonly #words: Uint32Array;
  readonly #width: number;
  readonly #slots: Int32Array;
  /** Row of `words` that holds id `i`. */
  readonly #rowOfId: Uint32Array;

  /** @param words ids of `width` words each, of which `idOf` may be given any row */
  constructor(words: Uint32Array, width: number, capacity: number) {
    this.#words = words;
    this.#width = width;
    // At most half full, so that a search ends soon; a power of two, so that a mask finds the slot.
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(4, capacity * 2)))).fill(-1);
    this.#rowOfId = new Uint32Array(capacity);
  }

  /** The number of the id in `row` of the indexed words, given now if it is new. */
  idOf(words: Uint32Array, row: number): number {
    const slot = this.#slotOf(words, row);
    const known = this.#slots[slot] ?? -1;
    if (known >= 0) return known;
    this.#slots[slot] = this.count;
    this.#rowOfId[this.count] = row;
    this.count += 1;
    return this.count - 1;
  }

  /** The number of the id in `row` of any words, -1 where it is not known. */
  find(words: Uint32Array, row: number): number {
    return this.#slots[this.#slotOf(words, row)] ?? -1;
  }

  /** The slot where the id is, or where it would go. */
  #slotOf(words: Uint32Array, row: number): number {
    const mask = this.#slots.length - 1;
    let slot = this.#hash(words, row) & mask;
    for (;;) {
      const id = this.#slots[slot] ?? -1;
      if (id < 0 || this.#equal(words, row, this.#rowOfId[id] ?? 0)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #hash(words: Uint32Array, row: number): number {
    let hash = 0;
    for (let index = row * this.#width; index < (row + 1) * this.#width; index += 1) {
      hash = Math.imul(hash ^ (words[index] ?? 0), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    return hash >>> 0;
  }

  #equal(words: Uint32Array, row: number, known: number): boolean {
    for (let index = 0; index < this.#width; index += 1) {
      if (words[row * this.#width + index] !== this.#words[known * this.#width + index]) return false;
    }
    return true;
  }
}
