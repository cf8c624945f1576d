import type { IncomingMessage, RequestListener } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { Arm } from '../../../src/measurement.ts';
import type { OperationLoad } from '../../../src/runner/load/load-result.ts';
import { createWorkload } from '../../../src/runner/load/workload.ts';
import {
  type ConcurrencyProbeOptions,
  type ConcurrencyProbeResult,
  runConcurrencyProbe,
  slotOrder,
} from '../../../src/runner/together/concurrency-probe.ts';
import { exampleLoad, exampleRequest, noFiles } from '../load/example-load.ts';
import { listen, originOf } from '../load/listening-server.ts';

const RUN_TAG = 0x5a17;
const CONNECTIONS = 4;

describe('runConcurrencyProbe', () => {
  it('shows a lock that one request at a time cannot show', async () => {
    await using free = await listen(answerAfter(10));
    await using locked = await listen(oneAtATime(answerAfter(10)));
    const result = await runConcurrencyProbe(options([free.url, locked.url], { connections: 8 }));
    const [unlocked, queued] = [operationOf(result, 0), operationOf(result, 1)];
    expect(throughputOf(result, 1)).toBeLessThan(throughputOf(result, 0) / 3);
    expect(Math.min(...queued.latencies)).toBeGreaterThan(3 * Math.min(...unlocked.latencies));
  });

  it('shows a slower query to a database that both builds share and that answers one at a time', async () => {
    const query = oneAtATimeWork();
    const asking =
      (milliseconds: number): RequestListener =>
      (_, response) =>
        void query(milliseconds).then(() => response.end('ok'));
    await using base = await listen(asking(3));
    await using head = await listen(asking(30));
    const result = await runConcurrencyProbe(options([base.url, head.url]));
    expect(throughputOf(result, 1)).toBeLessThan(throughputOf(result, 0) / 2);
  });

  it('loads one instance at a time with all connections, and the others not at all', async () => {
    const own = [0, 0];
    const most = [0, 0];
    let together = 0;
    const seen = (index: number): RequestListener => {
      return (request, response) => {
        // The look whether the service keeps its connections goes to all at once.
        if (originOf(request, RUN_TAG) === null) {
          response.end('ok');
          return;
        }
        own[index] = (own[index] ?? 0) + 1;
        most[index] = Math.max(most[index] ?? 0, own[index] ?? 0);
        if (own[0] && own[1]) together += 1;
        setTimeout(() => {
          own[index] = (own[index] ?? 0) - 1;
          response.end('ok');
        }, 5);
      };
    };
    await using first = await listen(seen(0));
    await using second = await listen(seen(1));
    await runConcurrencyProbe(options([first.url, second.url], { connections: 6 }));
    expect(most).toEqual([6, 6]);
    expect(together).toBe(0);
  });

  it('marks the ramp-up as warm-up and what it measures as the probe, in a window of its own', async () => {
    const arrivals: { readonly phase: string | undefined; readonly instance: number; readonly at: number }[] =
      [];
    const listener: RequestListener = (request, response) => {
      const origin = originOf(request, RUN_TAG);
      arrivals.push({ phase: origin?.phase, instance: origin?.instance ?? -1, at: Date.now() / 1000 });
      response.end('ok');
    };
    await using first = await listen(listener);
    await using second = await listen(listener);
    const { instances } = await runConcurrencyProbe(options([first.url, second.url]));
    expect(new Set(arrivals.map(({ phase }) => phase))).toEqual(new Set([undefined, 'warm-up', 'probe']));
    // The look whether the service keeps its connections belongs to no run.
    expect(arrivals.filter(({ phase }) => phase === undefined)).toHaveLength(2);
    for (const [index, { window, load }] of instances.entries()) {
      const own = arrivals.filter(({ phase, instance }) => phase === 'probe' && instance === index);
      expect(own.length).toBeGreaterThanOrEqual(load.operations[0]?.requests ?? Number.NaN);
      // `Date.now` cuts to milliseconds. What was sent at the very end may arrive behind it: one a connection.
      expect(own.every(({ at }) => at >= window.from - 0.002)).toBe(true);
      expect(own.filter(({ at }) => at > window.to).length).toBeLessThanOrEqual(CONNECTIONS);
    }
    const [left, right] = instances.map(({ window }) => window).sort((a, b) => a.from - b.from);
    expect(left?.to).toBeLessThanOrEqual(right?.from ?? 0);
  });

  it('counts all answers of the window for the throughput of a slow service', async () => {
    const answered: number[] = [];
    await using server = await listen((request, response) => {
      const answer = (): void => {
        answered.push(Date.now() / 1000);
        response.end('ok');
      };
      if (originOf(request, RUN_TAG) === null) answer();
      else setTimeout(answer, 120);
    });
    const { instances } = await runConcurrencyProbe(
      options([server.url], { connections: 6, slotSeconds: 1 }),
    );
    const [slot] = instances;
    if (!slot) throw new Error('no slot');
    const inWindow = answered.filter((at) => at >= slot.window.from && at <= slot.window.to).length;
    const sentAndAnswered = slot.load.operations[0]?.requests ?? Number.NaN;
    expect(sentAndAnswered).toBeLessThanOrEqual(inWindow - 3);
    // Those that are under way to us at either end.
    expect(Math.abs(slot.load.throughput * slot.measuredSeconds - inWindow)).toBeLessThanOrEqual(6);
  });

  it('logs every connection in once, with names that no session of the round had', async () => {
    const names: string[] = [];
    await using server = await listen((request, response) => {
      if (request.method === 'POST') void bodyOf(request).then((body) => names.push(body));
      response.setHeader('content-type', 'application/json');
      response.end('{"token":"t"}');
    });
    const login = exampleRequest({
      name: 'sign up',
      method: 'POST',
      path: '/users',
      body: '{"name":"${uuid}"}',
      save: { token: '$.token' },
    });
    await runConcurrencyProbe(options([server.url], { connections: 3, load: exampleLoad({ login }) }));
    expect(new Set(names).size).toBe(3);
    expect(names).toHaveLength(3);
  });

  it('writes no more than a measured stretch may, and never the same value twice', async () => {
    const written: string[] = [];
    await using server = await listen((request, response) => {
      if (request.method === 'POST') void bodyOf(request).then((body) => written.push(body));
      response.end('ok');
    });
    const requests = [
      exampleRequest({ name: 'read' }),
      exampleRequest({ name: 'write', method: 'POST', body: '{"key":"${uuid}"}', writes: true }),
    ];
    await runConcurrencyProbe(options([server.url], { load: exampleLoad({ requests, maxWrites: 40 }) }));
    expect(written.length).toBeGreaterThan(0);
    expect(written.length).toBeLessThanOrEqual(40);
    expect(new Set(written).size).toBe(written.length);
  });

  it('counts what fails only with many requests at once', async () => {
    let own = 0;
    await using server = await listen((_, response) => {
      own += 1;
      if (own > 2) response.statusCode = 503;
      setTimeout(() => {
        own -= 1;
        response.end('ok');
      }, 3);
    });
    const { requests, errors } = operationOf(await runConcurrencyProbe(options([server.url])), 0);
    expect(errors['status 503']).toBeGreaterThan(requests / 3);
  });

  it('measures a service that closes its connections, and says so once', async () => {
    const listener: RequestListener = (_, response) => {
      response.setHeader('connection', 'close');
      response.end('ok');
    };
    await using first = await listen(listener);
    await using second = await listen(listener);
    const result = await runConcurrencyProbe(options([first.url, second.url]));
    expect(result.warnings.map(({ code }) => code)).toEqual(['plain-driver']);
    expect(operationOf(result, 1).completed).toBeGreaterThan(0);
  });

  it('gives a service that answers nothing at all with many requests at once no throughput', async () => {
    let waiting = 0;
    await using server = await listen((request, response) => {
      if (originOf(request, RUN_TAG) === null) response.end('ok');
      else waiting += 1;
    });
    const result = await runConcurrencyProbe(options([server.url]));
    expect(waiting).toBe(4);
    expect(throughputOf(result, 0)).toBe(0);
  });

  it('stops in the middle of a slot when it is told to', async () => {
    const stop = new AbortController();
    const reason = new Error('enough');
    await using server = await listen((_, response) => {
      response.end('ok');
      setTimeout(() => stop.abort(reason), 100);
    });
    await expect(
      runConcurrencyProbe(options([server.url, server.url], { signal: stop.signal, slotSeconds: 30 })),
    ).rejects.toBe(reason);
  });
});

describe('slotOrder', () => {
  const targets = Array.from({ length: 8 }, (_, index) => ({ arm: (index < 4 ? 'base' : 'head') as Arm }));

  it('takes the instances in pairs of one of each arm, and each once', () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const order = slotOrder(targets, seed);
      expect([...order].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      for (let at = 0; at < 8; at += 2) {
        expect([targets[order[at] ?? 0]?.arm, targets[order[at + 1] ?? 0]?.arm].sort()).toEqual([
          'base',
          'head',
        ]);
      }
    }
  });

  it('puts either arm first equally often, whatever the place of the pair', () => {
    const first = [0, 0, 0, 0];
    for (let seed = 0; seed < 1000; seed += 1) {
      const order = slotOrder(targets, seed);
      for (let pair = 0; pair < 4; pair += 1) {
        if ((order[2 * pair] ?? 0) < 4) first[pair] = (first[pair] ?? 0) + 1;
      }
    }
    // Four standard deviations of a fair coin.
    for (const count of first) expect(Math.abs(count - 500)).toBeLessThan(4 * Math.sqrt(250));
  });
});

function options(
  urls: readonly string[],
  overrides: Partial<ConcurrencyProbeOptions> = {},
): ConcurrencyProbeOptions {
  const load = overrides.load ?? exampleLoad({});
  return {
    load,
    workload: createWorkload(load, { readFile: noFiles }),
    targets: urls.map((url, instance) => ({ instance, url, arm: instance % 2 === 0 ? 'base' : 'head' })),
    runTag: RUN_TAG,
    seed: 1,
    connections: CONNECTIONS,
    slotSeconds: 0.6,
    signal: new AbortController().signal,
    ...overrides,
  };
}

function operationOf({ instances }: ConcurrencyProbeResult, instance: number): OperationLoad {
  const found = instances[instance]?.load.operations[0];
  if (!found) throw new Error(`no instance ${instance}`);
  return found;
}

function throughputOf({ instances }: ConcurrencyProbeResult, instance: number): number {
  return instances[instance]?.load.throughput ?? Number.NaN;
}

function answerAfter(milliseconds: number): RequestListener {
  return (_, response) => {
    setTimeout(() => response.end('ok'), milliseconds);
  };
}

/** As a mutex around the handler would. */
function oneAtATime(handle: RequestListener): RequestListener {
  const locked = mutex();
  return (request, response) =>
    void locked(() => {
      const done = new Promise((resolve) => response.once('close', resolve));
      handle(request, response);
      return done;
    });
}

/** A database with one connection; the work takes so many milliseconds. */
function oneAtATimeWork(): (milliseconds: number) => Promise<unknown> {
  const locked = mutex();
  return (milliseconds) => locked(() => new Promise((resolve) => setTimeout(resolve, milliseconds)));
}

function mutex(): (work: () => Promise<unknown>) => Promise<unknown> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    last = last.then(work);
    return last;
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request.setEncoding('utf8')) text += piece;
  return text;
}
