/** Calls to another service whose spans over there come less often than they did: it samples. Pure. */
import { type Measurement, parseSpanKeyId, type SpanKeyId } from '../measurement.ts';
import type { CoverageFinding, CoverageSides } from './coverage.ts';
import { quoted } from './listed.ts';
import { operationSpans } from './span-names.ts';

/** Calls from which a share says something. */
const MINIMUM_CALLS = 50;
/** A tenth of the calls may fail before they get there, or be retried. */
const LESS = 0.9;

interface Arrivals {
  /** A request of any operation. */
  readonly traces: number;
  calls: number;
  /** Of them: those whose span in the other service came. */
  arrived: number;
}

export function underSampled({ baseline, candidate }: CoverageSides): readonly CoverageFinding[] {
  const before = arrivalsByService(baseline);
  return [...arrivalsByService(candidate)].flatMap(([service, now]) => {
    const was = before.get(service);
    if (!was || was.calls < MINIMUM_CALLS || now.calls < MINIMUM_CALLS) return [];
    const share = shareOf(now) / shareOf(was);
    // A call that is never followed is another state: the service is missing.
    if (share >= LESS || now.arrived === 0 || !isOnlySeenLess(was, now)) return [];
    return [
      {
        state: 'under-sampled' as const,
        service,
        message: `Of the calls to ${quoted(service)}, its own spans came of ${percent(shareOf(now))}, and of ${percent(shareOf(was))} in the baseline: does it sample, or lose spans? Its calls and errors are counted too low.`,
      },
    ];
  });
}

/** Calls to several services can have one name: where fewer are made, or others more often, the share says nothing. */
function isOnlySeenLess(was: Arrivals, now: Arrivals): boolean {
  const ratio = (of: 'calls' | 'arrived'): number => now[of] / now.traces / (was[of] / was.traces);
  return ratio('calls') >= LESS && ratio('arrived') < LESS;
}

function shareOf({ calls, arrived }: Arrivals): number {
  return arrived / calls;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** By the service that is called; of calls that are followed at all. */
function arrivalsByService(measurement: Measurement): ReadonlyMap<string, Arrivals> {
  const services = new Map<string, Arrivals>();
  const operations = operationSpans(measurement);
  const traces = [...operations.values()].reduce((sum, operation) => sum + operation.traces, 0);
  for (const [operation, { edges = {} }] of Object.entries(measurement.merged)) {
    for (const [parent, below] of Object.entries(edges)) {
      const caller = parseSpanKeyId(parent);
      if (caller.kind !== 'client' && caller.kind !== 'producer') continue;
      const calls = operations.get(operation)?.calls.get(parent) ?? 0;
      for (const [service, arrived] of arrivedBelow(below, caller.service)) {
        const known = services.get(service) ?? { traces, calls: 0, arrived: 0 };
        services.set(service, known);
        known.calls += calls;
        known.arrived += arrived;
      }
    }
  }
  return services;
}

function arrivedBelow(
  below: Readonly<Record<SpanKeyId, { readonly calls: number }>>,
  caller: string,
): ReadonlyMap<string, number> {
  const services = new Map<string, number>();
  for (const [child, { calls }] of Object.entries(below)) {
    const { service } = parseSpanKeyId(child);
    if (service !== caller) services.set(service, (services.get(service) ?? 0) + calls);
  }
  return services;
}
