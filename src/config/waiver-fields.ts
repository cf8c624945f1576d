/** What a waiver must say, in the configuration as in the trailer of a commit. */
import type { Quantity, Waiver } from '../config.ts';

export type WaiverFields = Omit<Waiver, 'source'>;

/** What is wrong with a waiver, and with which of its keys. */
export interface WaiverMistake {
  readonly key: 'operation' | 'span' | 'service' | 'quantity' | 'expires';
  readonly message: string;
}

/** Rows that there are: of spans, and of the load client. */
const OF_SPANS: readonly Quantity[] = ['self', 'calls'];
const OF_CLIENT: readonly Quantity[] = ['throughput', 'error-logs', 'warn-logs'];
const OF_LOGS: readonly Quantity[] = ['error-logs', 'warn-logs'];

export function waiverMistake(fields: WaiverFields): WaiverMistake | null {
  const { operation, span, service, quantity, under } = fields;
  if (quantity === 'metric') {
    if (span === null) return { key: 'span', message: 'name the metric, as it is called under `metrics`' };
    return operation === null ? null : { key: 'operation', message: 'a metric is of no operation' };
  }
  // The probe has one throughput, that of the whole load.
  const isWhole = under === 'concurrency' && quantity === 'throughput';
  if (operation === null && span === null && !isWhole) {
    return { key: 'span', message: 'a waiver names an operation, a span, or both' };
  }
  if (span === null && service !== null && !OF_LOGS.includes(quantity)) {
    return { key: 'service', message: 'a service is named with a span of it' };
  }
  if (span === null && OF_SPANS.includes(quantity)) {
    return { key: 'quantity', message: `there is no ${quantity} of a whole operation; name a span` };
  }
  if (span !== null && OF_CLIENT.includes(quantity)) {
    return { key: 'quantity', message: `there is no ${quantity} of a span; name an operation alone` };
  }
  return null;
}

/** Whether the text is a day of the calendar such as `2026-12-31`. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  // The 31st of a short month would be the 1st of the next.
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
