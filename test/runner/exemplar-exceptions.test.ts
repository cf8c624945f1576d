import { expect, test } from 'vitest';
import { summarize } from '../../src/baseline/summarize.ts';
import type { Exemplar } from '../../src/measurement.ts';
import { instanceRecord } from '../../src/runner/instance-record.ts';
import { type Redactor, redactorOf } from '../../src/telemetry/logs/redaction.ts';
import { assembleTraces } from '../../src/telemetry/trace-assembly.ts';
import { fullMeasurement } from '../baseline/full-measurement.ts';
import { DRAWN_RUN_TAG, drawTable } from '../telemetry/drawn-spans.ts';

const SAID = `cannot log in with password=hunter2 \u001b[31m${'x'.repeat(600)}`;

function exemplarsWith(redact: Redactor | null): readonly Exemplar[] {
  const trace = { request: 0, serial: 1 };
  const spans = drawTable([
    { trace, id: 1, parent: 'minted', name: 'GET /cart', error: '500', start: 0, duration: 2 },
    { trace, id: 2, parent: 1, name: 'login', error: 'Denied', start: 0, duration: 1 },
  ]);
  const exceptions = new Map([[1, { type: 'Denied', message: SAID }]]);
  const options = { runTag: DRAWN_RUN_TAG, requests: 1, phase: 'measured' } as const;
  const operation = { requests: 1, completed: 1, errors: {}, latencies: new Float64Array() };
  return (
    instanceRecord({
      ...{ id: 'i', processes: [], operations: ['GET /cart'], metrics: [], redact, measuredSeconds: 2 },
      load: { operations: [operation], throughput: 1 } as never,
      traces: assembleTraces({ spans: { ...spans, exceptions } }, options),
      recording: { droppedSpans: 0, tornBytes: 0, overflowSpans: 0, foldedNames: [], derivedNames: [] },
    }).exemplars ?? []
  );
}

test('an example trace keeps what its exception says, without secrets and not for long', () => {
  const [failed] = exemplarsWith(redactorOf());
  const exception = failed?.spans[1]?.exception;
  expect(exception?.type).toBe('Denied');
  expect(exception?.message).toHaveLength(500);
  expect(exception?.message).toMatch(/^cannot log in with password=\[redacted\] \[31mx+…$/);
});

test('an example trace keeps no text where logs are not to be read', () => {
  const [failed] = exemplarsWith(null);
  expect(failed?.spans[1]).toMatchObject({ span: 'internal:shop:login', errorType: 'Denied' });
  expect(failed?.spans[1]).not.toHaveProperty('exception');
});

test('a stored baseline keeps nothing that an exception said', () => {
  const exemplars = exemplarsWith(redactorOf()).map((exemplar) => ({ ...exemplar, why: 'slow' as const }));
  const [stored] =
    summarize({
      ...fullMeasurement({ rounds: 1, instances: 1, operations: 1, spans: 2, requests: 3 }),
      exemplars,
    }).exemplars ?? [];
  expect(stored?.spans).toHaveLength(2);
  expect(JSON.stringify(stored)).not.toContain('cannot log in');
});
