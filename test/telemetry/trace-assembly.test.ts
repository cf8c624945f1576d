import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import {
  assembleTraces,
  type InstanceTraces,
  type RequestSpanObservations,
  type SpanObservations,
} from '../../src/telemetry/trace-assembly.ts';
import { DRAWN_RUN_TAG, type DrawnSpan, drawTable } from './drawn-spans.ts';

const CASES = fileURLToPath(new URL('./fixtures/traces/', import.meta.url));

interface Case {
  readonly requests: number;
  readonly window?: { readonly from: number; readonly to: number };
  readonly spans: readonly DrawnSpan[];
  readonly expected: unknown;
}

test.each(readdirSync(CASES).filter((name) => name.endsWith('.json')))('assembles %s', (name) => {
  const { requests, window, spans, expected } = JSON.parse(readFileSync(CASES + name, 'utf8')) as Case;
  const traces = assembleTraces(
    { spans: drawTable(spans) },
    { runTag: DRAWN_RUN_TAG, requests, phase: 'measured', ...(window && { window }) },
  );
  const plain = plainTraces(traces);
  if (JSON.stringify(plain) !== JSON.stringify(expected)) {
    writeFileSync(`${CASES}${name}.got`, `${JSON.stringify(plain, null, 2)}\n`);
  }
  expect(plain).toEqual(expected);
});

test('keeps the traces of other instances and of unknown requests out', () => {
  const span = { parent: 'minted', name: 'a', start: 0, duration: 1 } as const;
  const table = drawTable([
    { ...span, id: 1, trace: { request: 0, instance: 0, serial: 1 } },
    { ...span, id: 2, trace: { request: 0, instance: 1, serial: 2 } },
    { ...span, id: 3, trace: { request: 7, instance: 1, serial: 3 } },
  ]);
  const options = { runTag: DRAWN_RUN_TAG, requests: 1, phase: 'measured' } as const;
  expect(assembleTraces({ spans: table }, options).rootSpans).toBe(2);
  expect(assembleTraces({ spans: table }, { ...options, instance: 1 }).rootSpans).toBe(1);
  expect(assembleTraces({ spans: table }, { ...options, runTag: 1 }).outsideSpans).toBe(3);
});

test('a request that reached two services behind a proxy has one root span, and hides no other that has none', () => {
  const span = { parent: 'minted', name: 'a', start: 0, duration: 1 } as const;
  const table = drawTable([
    { ...span, id: 1, trace: { request: 0, instance: 0, serial: 1 } },
    { ...span, id: 2, trace: { request: 0, instance: 0, serial: 1 } },
    { ...span, id: 3, parent: 99, trace: { request: 0, instance: 0, serial: 2 } },
  ]);
  const { rootSpans, spans } = assembleTraces(
    { spans: table },
    { runTag: DRAWN_RUN_TAG, requests: 1, phase: 'measured' },
  );
  expect([rootSpans, spans]).toEqual([1, 3]);
});

function plainTraces({ requests, consumers, outsideRequests, ...counts }: InstanceTraces): unknown {
  return {
    ...counts,
    ...(consumers.size > 0 && {
      consumers: Object.fromEntries(
        [...consumers].map(([name, { messages, errors, latencies, traces }]) => [
          name,
          {
            messages,
            errors,
            latencies: [...latencies],
            traces: traces.traces,
            spans: plainSpans(traces.spans),
          },
        ]),
      ),
    }),
    requests: requests.map(({ traces, spans }) => ({ traces, spans: plainSpans(spans) })),
    outsideRequests: plainSpans(outsideRequests),
  };
}

function plainSpans(spans: ReadonlyMap<string, SpanObservations | RequestSpanObservations>): unknown {
  return Object.fromEntries(
    [...spans].map(([id, observations]) => [
      id,
      {
        calls: observations.calls,
        errors: observations.errors,
        durations: rounded(observations.durations),
        selfTimes: rounded(observations.selfTimes),
        ...('callsPerContent' in observations && {
          callsPerContent: Object.fromEntries(observations.callsPerContent),
        }),
      },
    ]),
  );
}

function rounded(values: Float64Array): number[] {
  return Array.from(values, (value) => Math.round(value * 1e9) / 1e9);
}
