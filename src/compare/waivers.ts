/**
 * Accepted regressions. A waiver is exact, so that it accepts one row and nothing else; the row keeps its verdict and
 * its figures, and no more than what it does to the gate is taken away.
 */
import type { Waiver } from '../config.ts';
import { isOfService } from '../measurement.ts';
import type { AppliedWaiver, Row } from './comparison.ts';

export interface WaiverOptions {
  /** A later one accepts only what no earlier one does. */
  readonly waivers: readonly Waiver[];
  /** ISO 8601, UTC; the day is what counts. */
  readonly today: string;
  /** Whether the row keeps the gate from a verdict. */
  readonly isOpen: (row: Row) => boolean;
}

export interface Waived {
  /** Those with an outcome first, then what was waived, else in the order given. */
  readonly rows: readonly Row[];
  /** In the order given, so that `Row.waivedBy` is an index of it. */
  readonly waivers: readonly AppliedWaiver[];
}

export function applyWaivers(rows: readonly Row[], { waivers, today, isOpen }: WaiverOptions): Waived {
  if (waivers.length === 0) return { rows, waivers: [] };
  const states = waivers.map((waiver): AppliedWaiver['state'] =>
    isExpired(waiver, today) ? 'expired' : 'unmatched',
  );
  const waived = rows.map((row): Row => {
    const isNeeded = row.outcome === 'fail' || isOpen(row);
    const matching = waivers.flatMap((waiver, index) =>
      states[index] !== 'expired' && waives(waiver, row) ? [index] : [],
    );
    for (const index of matching) {
      if (isNeeded) states[index] = 'applied';
      else if (states[index] === 'unmatched') states[index] = 'unneeded';
    }
    const [first] = matching;
    return isNeeded && first !== undefined ? { ...row, outcome: 'none', waivedBy: first } : row;
  });
  return {
    rows: waived.sort((left, right) => place(left) - place(right)),
    waivers: waivers.map((waiver, index) => ({ ...waiver, state: states[index] ?? 'unmatched' })),
  };
}

/** Whether the waiver is about this row, whatever its day. */
export function waives(waiver: Waiver, row: Row): boolean {
  if (waiver.quantity !== row.quantity || waiver.under !== row.under) return false;
  if (waiver.operation !== null && waiver.operation !== row.operation) return false;
  if (waiver.quantity === 'metric') return waiver.span === row.metric?.name;
  if (waiver.span === null)
    return row.span === null && (waiver.service === null || waiver.service === row.service);
  return (
    row.span?.name === waiver.span &&
    (waiver.service === null || isOfService(row.span.service, waiver.service))
  );
}

/** The last day counts to its end. */
function isExpired({ expires }: Waiver, today: string): boolean {
  return today.slice(0, 10) > expires;
}

function place({ outcome, waivedBy }: Row): number {
  if (outcome === 'fail') return 0;
  if (outcome === 'warn') return 1;
  return waivedBy === undefined ? 3 : 2;
}
