import { describe, expect, test } from 'vitest';
import { type DiagnosisInput, diagnose, type Finding, type ProbedTrace } from '../../src/doctor/diagnosis.ts';
import type { ProbedRequest } from '../../src/runner/load/request-probe.ts';
import type { ProcessDetails } from '../../src/telemetry/process-details.ts';
import type { RecordedProcess } from '../../src/telemetry/recording.ts';
import type { TraceNode } from '../../src/telemetry/trace-tree.ts';

type Answered = Extract<ProbedRequest['outcome'], { kind: 'answered' }>;

const OK: Answered = {
  kind: 'answered',
  status: 200,
  expected: true,
  seconds: 0.01,
  body: '{}',
  closesConnection: false,
};

function traceOf(outcome: ProbedRequest['outcome'], tree: readonly TraceNode[] = [span()]): ProbedTrace {
  return {
    request: { name: 'orders', method: 'GET', path: '/orders', traceId: 'a'.repeat(32), outcome },
    tree,
  };
}

function span(changes: Partial<TraceNode> = {}): TraceNode {
  return {
    row: 0,
    service: 'api',
    name: 'GET /orders',
    kind: 'server',
    status: 'unset',
    startSeconds: 0,
    durationSeconds: 0.01,
    offsetSeconds: 0,
    derivedName: false,
    children: [],
    ...changes,
  } as TraceNode;
}

function processOf(
  details: Partial<ProcessDetails> = {},
  changes: Partial<RecordedProcess> = {},
): RecordedProcess {
  return {
    service: 'api',
    pid: 1,
    threadId: 0,
    closed: true,
    spans: 1,
    details: {
      service: 'api',
      pid: 1,
      threadId: 0,
      role: 'main',
      runtime: 'v20.20.2',
      openTelemetry: '2.12.0',
      script: '/shop/dist/server.js',
      moduleHooks: 'off-thread',
      instrumented: [],
      active: [],
      provider: 'ours',
      applicationSdk: null,
      bundled: false,
      notes: [],
      ...details,
    },
    ...changes,
  };
}

/** Of a service with which all is well, but for what is given. */
function findingsOf(input: Partial<DiagnosisInput>): readonly Finding[] {
  return diagnose({
    traces: [traceOf(OK)],
    processes: [processOf()],
    foldedNames: [],
    folder: '/shop',
    packages: new Set(),
    ...input,
  });
}

function codesOf(input: Partial<DiagnosisInput>): readonly string[] {
  return findingsOf(input).map(({ level, code }) => `${level} ${code}`);
}

test('a service with which all is well gets no finding', () => {
  expect(findingsOf({})).toEqual([]);
});

test('spans that a receiver refused are why none came, and nothing else is asked', () => {
  const refusals = ['the content encoding "br" is neither gzip nor deflate'];
  const none = { traces: [traceOf(OK, [])], processes: [processOf({}, { spans: 0, details: null })] };
  expect(codesOf({ ...none, refusals })).toEqual(['problem spans-refused']);
  expect(codesOf(none)).not.toContain('problem spans-refused');
  expect(codesOf({ refusals })).toEqual(['problem spans-refused']);
});

describe('an answer', () => {
  test('of another status is a problem, and its missing route is not', () => {
    const trace = traceOf({ ...OK, status: 404, expected: false, body: 'no such order' }, [
      span({ name: 'GET', derivedName: true }),
    ]);
    expect(findingsOf({ traces: [trace] })).toEqual([
      {
        level: 'problem',
        code: 'unexpected-status',
        message: 'orders was answered with status 404: no such order',
        fix: 'Mend the request, or say "expect: 404" if that is the right answer.',
      },
    ]);
  });

  test('without a body says so', () => {
    const [finding] = findingsOf({ traces: [traceOf({ ...OK, status: 500, expected: false, body: '' })] });
    expect(finding?.message).toBe('orders was answered with status 500: (empty body)');
  });

  test('that never came is a problem, also where its span did', () => {
    expect(codesOf({ traces: [traceOf({ kind: 'failed', error: 'timeout' })] })).toEqual([
      'problem no-answer',
    ]);
  });

  test('that others wait for is named by what it should bring', () => {
    const [finding] = findingsOf({ traces: [traceOf({ kind: 'not sent', needs: 'token' }, [])] });
    expect(finding).toMatchObject({ level: 'problem', code: 'request-not-sent' });
    expect(finding?.message).toContain('${token}');
  });

  test('that closes its connection is a note, once for all requests', () => {
    const closing = traceOf({ ...OK, closesConnection: true });
    expect(codesOf({ traces: [closing, closing] })).toEqual(['note connection-closed']);
  });
});

describe('the spans', () => {
  test('are missing altogether where no process loaded the recorder: one problem, and not one a request', () => {
    const traces = [traceOf(OK, []), traceOf(OK, [])];
    expect(codesOf({ traces, processes: [] })).toEqual(['problem no-recorder']);
  });

  test('of a service in another language can be had: what to do is said by language', () => {
    const uninstrumented = new Map([['orders', 'python'] as const, ['stock', 'go'] as const]);
    const nothing = findingsOf({ traces: [traceOf(OK, [])], processes: [], uninstrumented });
    expect(nothing.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      'problem: orders is a Python service, and no span came under its name.',
      'problem: stock is a Go service, and no span came under its name.',
    ]);
    expect(nothing.map(({ fix }) => fix)).toEqual([
      expect.stringContaining('instrument: auto'),
      expect.stringContaining('otelhttp'),
    ]);
    // It may have sent some under another name.
    expect(codesOf({ uninstrumented })).toEqual([
      'note language-not-instrumented',
      'note language-not-instrumented',
    ]);
  });

  test('are not looked for where nothing was answered', () => {
    const traces = [traceOf({ kind: 'failed', error: 'connection refused' }, [])];
    expect(codesOf({ traces, processes: [] })).toEqual(['problem no-answer']);
  });

  test('of one request only are missing', () => {
    expect(codesOf({ traces: [traceOf(OK), traceOf(OK, [])] })).toEqual(['problem no-spans']);
  });

  test('whose root is a bare method put all routes under one name: a problem', () => {
    expect(codesOf({ traces: [traceOf(OK, [span({ name: 'GET' })])] })).toEqual(['problem no-route']);
  });

  test('whose root was named by the URL: a note', () => {
    const root = span({ name: 'GET /orders/:id', derivedName: true });
    expect(codesOf({ traces: [traceOf(OK, [root])] })).toEqual(['note no-route']);
  });

  test('with ids in their names are told by examples, five at most', () => {
    const foldedNames = ['a :id', 'b :id', 'c :id', 'd :id', 'e :id', 'f :id'];
    const [finding] = findingsOf({ foldedNames });
    expect(finding).toMatchObject({ level: 'note', code: 'folded-names' });
    expect(finding?.message).toContain('a :id, b :id, c :id, d :id, e :id, …');
  });
});

describe('the code', () => {
  test('in a bundle is a problem, and the file is named as the user knows it', () => {
    const [finding] = findingsOf({ processes: [processOf({ bundled: true })] });
    expect(finding).toMatchObject({ level: 'problem', code: 'bundled' });
    expect(finding?.message).toMatch(/^dist\/server\.js looks bundled/);
  });

  test('that several processes run is told once', () => {
    expect(codesOf({ processes: [processOf({ bundled: true }), processOf({ bundled: true })] })).toEqual([
      'problem bundled',
    ]);
  });

  test('with an SDK of its own is a note where its spans are recorded, else a problem', () => {
    const sdk = { name: 'NodeTracerProvider', version: '1.30.1' };
    const processes = (attached: boolean) => [processOf({ applicationSdk: { ...sdk, attached } })];
    expect(codesOf({ processes: processes(true) })).toEqual(['note application-sdk']);
    expect(codesOf({ processes: processes(false) })).toEqual(['problem application-sdk']);
    expect(findingsOf({ processes: processes(true) })[0]?.message).toContain('NodeTracerProvider 1.30.1');
  });

  test('of which a recorder has something to say has that said', () => {
    const [finding] = findingsOf({ processes: [processOf({ notes: ['pg could not be patched.'] })] });
    expect(finding).toEqual({
      level: 'note',
      code: 'recorder',
      message: 'pg could not be patched.',
      fix: '',
    });
  });
});

describe('a package', () => {
  const pg = { module: 'pg', version: '8.20.0', instrumentation: '@opentelemetry/instrumentation-pg' };
  const redis = { module: '@redis/client', version: '5.0.0', instrumentation: 'redis' };

  test('that nobody makes spans for is a note with what to do instead', () => {
    const findings = findingsOf({ packages: new Set(['@prisma/client', 'left-pad']) });
    expect(findings).toMatchObject([{ level: 'note', code: 'no-instrumentation' }]);
    expect(findings[0]?.fix).toBe('Add @prisma/instrumentation to the service.');
  });

  test('that was not seen to be loaded is a note, all of them in one', () => {
    const [finding, ...others] = findingsOf({ packages: new Set(['pg', 'mongodb']) });
    expect(others).toEqual([]);
    expect(finding?.message).toBe('pg, mongodb are dependencies, and were not seen to be loaded.');
  });

  test('that was loaded is no finding, under whatever name it was patched', () => {
    const processes = [processOf({ instrumented: [pg] }), processOf({ instrumented: [redis] })];
    expect(findingsOf({ packages: new Set(['pg', 'redis', 'fastify']), processes })).toEqual([]);
  });

  test('is not spoken of where no spans were seen at all', () => {
    const codes = codesOf({ packages: new Set(['mysql', 'pg']), traces: [traceOf(OK, [])] });
    expect(codes).toEqual(['problem no-spans']);
  });
});

describe('the processes', () => {
  test('of a cluster are a note, if more than its primary makes spans', () => {
    const primary = processOf({}, { spans: 0 });
    const worker = processOf({ role: 'cluster-worker' });
    expect(codesOf({ processes: [primary, worker, worker] })).toEqual(['note cluster']);
    expect(codesOf({ processes: [primary, processOf({ role: 'cluster-worker' }, { spans: 0 })] })).toEqual(
      [],
    );
  });

  test('with threads that make spans are a note', () => {
    expect(findingsOf({ processes: [processOf(), processOf({ role: 'thread' })] })).toMatchObject([
      { code: 'worker-threads', message: 'A worker thread made spans of its own.' },
    ]);
  });

  test('that were killed before they could say what they are do no harm', () => {
    expect(findingsOf({ processes: [processOf({}, { details: null })] })).toEqual([]);
  });
});
