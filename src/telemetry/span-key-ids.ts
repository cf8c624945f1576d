/** Span key ids of the rows of a span table, made once for each key. */
import { type SpanKeyId, spanKeyId } from '../measurement.ts';
import { SPAN_KINDS, type SpanTable } from './span-table.ts';

export class SpanKeyIds {
  readonly #table: SpanTable;
  readonly #ids = new Map<number, SpanKeyId>();

  constructor(table: SpanTable) {
    this.#table = table;
  }

  idOf(row: number): SpanKeyId {
    const { serviceIds, kinds, nameIds, names, services } = this.#table;
    const serviceId = serviceIds[row] ?? 0;
    const kind = kinds[row] ?? 0;
    const nameId = nameIds[row] ?? 0;
    const code = (serviceId * SPAN_KINDS.length + kind) * names.length + nameId;
    let id = this.#ids.get(code);
    if (id === undefined) {
      id = spanKeyId({
        service: services[serviceId] ?? '',
        kind: SPAN_KINDS[kind] ?? 'internal',
        name: names[nameId] ?? '',
      });
      this.#ids.set(code, id);
    }
    return id;
  }
}
