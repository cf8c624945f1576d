/** Names of spans as ids, with a limit on how many there are. */
import type { EndedSpan } from './ended-span.ts';
import { StringTable } from './string-table.ts';

const NAME_LIMIT = 1000;

export class SpanNames {
  readonly table = new StringTable(NAME_LIMIT);
  /** Spans that got the overflow name. */
  overflowed = 0;
  lastWasDerived = false;

  idOf(span: EndedSpan): number {
    const id = this.table.idOf(span.name);
    if (id === 0) this.overflowed += 1;
    return id;
  }
}
