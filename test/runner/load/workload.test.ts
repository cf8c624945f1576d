import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RequestTemplate } from '../../../src/config.ts';
import { UserError } from '../../../src/errors.ts';
import { uniqueStart } from '../../../src/runner/load/outgoing.ts';
import {
  Cursor,
  createWorkload,
  SLOTS_WITH_VARIABLES,
  type Workload,
} from '../../../src/runner/load/workload.ts';
import { exampleLoad, exampleRequest, noFiles } from './example-load.ts';

const NOTHING: ReadonlyMap<string, string> = new Map();

function workloadOf(
  requests: readonly Partial<RequestTemplate>[],
  options: { seed?: number; files?: Readonly<Record<string, string | Uint8Array>> } = {},
): Workload {
  const { seed = 7, files = {} } = options;
  const named = requests.map((request, index) => exampleRequest({ name: `request ${index}`, ...request }));
  return createWorkload(exampleLoad({ requests: named, seed, directory: '/project' }), {
    readFile: (path) => {
      const content = files[path];
      if (content === undefined) return noFiles(path);
      return typeof content === 'string' ? Buffer.from(content) : content;
    },
  });
}

function walk(workload: Workload, steps: number, writes = 1e9): { request: number; slot: number }[] {
  const cursor = new Cursor(workload, writes);
  return Array.from({ length: steps }, () => {
    expect(cursor.advance(NOTHING)).toBe(true);
    return { request: cursor.request, slot: cursor.slot };
  });
}

function rendered(workload: Workload, request = 0, known = NOTHING, unique = () => 'u'.repeat(24)) {
  return (workload.requests[request]?.contents ?? []).map((content) => content.render(known, unique));
}

function mistakesOf(make: () => unknown): UserError {
  try {
    make();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('the sequence', () => {
  it('sends each request exactly in proportion to its weight', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(weights, fc.integer(), (list, seed) => {
        const { sequence } = workloadOf(
          list.map((weight) => ({ weight })),
          { seed },
        );
        const total = list.reduce((sum, weight) => sum + weight, 0);
        for (const [index, weight] of list.entries()) {
          const times = sequence.filter((request) => request === index).length;
          expect(times * total).toBe(weight * sequence.length);
        }
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('keeps a rare request beside a very frequent one, and fractions of a weight', () => {
    const rare = workloadOf([{ weight: 100_000 }, { weight: 1 }]).sequence;
    expect(rare.filter((request) => request === 1).length).toBeGreaterThan(0);
    const half = workloadOf([{ weight: 0.5 }, { weight: 1.5 }]).sequence;
    expect(half.filter((request) => request === 0)).toHaveLength(half.length / 4);
  });

  it('is shuffled, differently for another seed, and the same for the same', () => {
    const requests = [{ weight: 3 }, { weight: 5 }];
    const one = workloadOf(requests, { seed: 1 }).sequence;
    expect(workloadOf(requests, { seed: 1 }).sequence).toEqual(one);
    expect(workloadOf(requests, { seed: 2 }).sequence).not.toEqual(one);
  });

  it('is walked alike by every instance, slot after slot', () => {
    const workload = workloadOf([{ path: '/${int(1,9)}', weight: 2 }, { path: '/fixed' }]);
    const steps = walk(workload, 500);
    expect(walk(workload, 500)).toEqual(steps);
    const slots = steps.filter(({ request }) => request === 0).map(({ slot }) => slot);
    expect(slots).toEqual(slots.map((_, index) => index % SLOTS_WITH_VARIABLES));
    expect(new Set(steps.filter(({ request }) => request === 1).map(({ slot }) => slot))).toEqual(
      new Set([0]),
    );
  });

  it('sends the next request that only reads once the writes are used up', () => {
    const workload = workloadOf([{ writes: true }, { writes: false }, { writes: true, weight: 3 }]);
    const steps = walk(workload, 300, 10).map(({ request }) => request);
    expect(steps.filter((request) => request !== 1)).toHaveLength(10);
    expect(steps.slice(-100)).toEqual(Array(100).fill(1));
  });

  it('has nothing to send when every request writes and the writes are used up', () => {
    const cursor = new Cursor(workloadOf([{ writes: true }]), 2);
    expect([1, 2, 3].map(() => cursor.advance(NOTHING))).toEqual([true, true, false]);
  });

  it('passes over a request until the value that it needs is known', () => {
    const workload = workloadOf([{ save: { id: '$.id' } }, { path: '/${id}' }]);
    expect(new Set(walk(workload, 100).map(({ request }) => request))).toEqual(new Set([0]));
    const cursor = new Cursor(workload, 0);
    const seen = new Set<number>();
    for (let step = 0; step < 20; step += 1) {
      cursor.advance(new Map([['id', '5']]));
      seen.add(cursor.request);
    }
    expect(seen).toEqual(new Set([0, 1]));
  });
});

describe('contents', () => {
  it('are one slot without variables, and many with', () => {
    const slots = (request: Partial<RequestTemplate>) => workloadOf([request]).requests[0]?.contents.length;
    expect(slots({ path: '/a' })).toBe(1);
    expect(slots({ path: '/${int(1,2)}' })).toBe(SLOTS_WITH_VARIABLES);
    expect(slots({ headers: { 'x-id': '${uuid}' } })).toBe(SLOTS_WITH_VARIABLES);
    expect(slots({ body: '${choice(a,b)}' })).toBe(SLOTS_WITH_VARIABLES);
  });

  it('are the same for the same seed and slot, whatever it is', () => {
    const request = {
      path: '/${int(1,1000000)}',
      headers: { 'x-kind': '${choice(a,b,c)}' },
      body: '{"id": "${uuid}", "n": ${int(-5,5)}}',
    };
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const once = rendered(workloadOf([request], { seed }));
        expect(rendered(workloadOf([request], { seed }))).toEqual(once);
        expect(new Set(once.map(({ path }) => path)).size).toBeGreaterThan(SLOTS_WITH_VARIABLES / 2);
      }),
      { seed: 2, numRuns: 25 },
    );
  });

  it('draw whole numbers from the whole range, both ends included', () => {
    const range = fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 0, max: 4 }));
    fc.assert(
      fc.property(range, fc.integer(), ([low, more], seed) => {
        const paths = rendered(workloadOf([{ path: `/\${int(${low},${low + more})}` }], { seed }));
        const drawn = new Set(paths.map(({ path }) => Number(path.slice(1))));
        for (const value of drawn)
          expect(value >= low && value <= low + more && Number.isInteger(value)).toBe(true);
        // 64 draws of at most five values miss one of them with a probability below one in a million.
        expect(drawn.size).toBe(more + 1);
      }),
      { seed: 3, numRuns: 50 },
    );
  });

  it('give two variables of one request values of their own', () => {
    const bodies = rendered(workloadOf([{ path: '/${int(1,100)}', body: '${int(1,100)}' }]));
    expect(bodies.some(({ path, body }) => path.slice(1) !== body)).toBe(true);
  });

  it('take all columns of a slot from one row, and every row before one comes again', () => {
    const csv = ['sku,price', ...Array.from({ length: 10 }, (_, row) => `s${row},${row * 7}`)].join('\n');
    const workload = workloadOf([{ path: '/${csv(skus.csv).sku}/${csv(skus.csv).price}' }], {
      files: { '/project/skus.csv': csv },
    });
    const paths = rendered(workload).map(({ path }) => path);
    for (const path of paths) {
      const [, sku, price] = path.split('/');
      expect(Number(price)).toBe(Number(sku?.slice(1)) * 7);
    }
    expect(new Set(paths.slice(0, 10)).size).toBe(10);
    expect(paths.slice(10, 20)).toEqual(paths.slice(0, 10));
  });

  it('read a body from a file, with its variables, or byte by byte where it is no text', () => {
    const files = {
      '/project/order.json': '{"n":"${int(3,3)}"}',
      '/project/photo': Uint8Array.of(0xff, 0xd8, 0),
    };
    const [text] = rendered(workloadOf([{ method: 'POST', bodyFile: '/project/order.json' }], { files }));
    expect(text?.body).toBe('{"n":"3"}');
    const [bytes] = rendered(workloadOf([{ method: 'POST', bodyFile: '/project/photo' }], { files }));
    expect(bytes?.body).toEqual(Uint8Array.of(0xff, 0xd8, 0));
  });

  it('say that a JSON body is JSON, unless the headers say otherwise', () => {
    const headers = (request: Partial<RequestTemplate>) =>
      Object.fromEntries(rendered(workloadOf([{ method: 'POST', ...request }]))[0]?.headers ?? []);
    expect(headers({ body: '{"a":1}' })).toMatchObject({ 'content-type': 'application/json' });
    expect(headers({ body: 'a=1' })).not.toHaveProperty('content-type');
    expect(headers({ body: '[1]', headers: { 'Content-Type': 'text/plain' } })).not.toHaveProperty(
      'content-type',
    );
  });

  it('write `$${` as it is', () => {
    expect(rendered(workloadOf([{ body: 'a $${b} c' }]))[0]?.body).toBe('a ${b} c');
  });
});

describe('unique ids', () => {
  const ids = (request: Partial<RequestTemplate>, start: string) =>
    rendered(workloadOf([request]), 0, NOTHING, () => start).map(({ body }) => String(body));

  it('are version 4 UUIDs of equal length that differ from sending to sending in their start only', () => {
    const sending = fc.tuple(
      fc.integer({ min: 1, max: 2 ** 32 - 1 }),
      fc.integer({ min: 0, max: 255 }),
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    );
    fc.assert(
      fc.property(sending, sending, (one, other) => {
        const first = ids({ body: '${uuid}' }, uniqueStart(...one));
        const second = ids({ body: '${uuid}' }, uniqueStart(...other));
        for (const [slot, id] of first.entries()) {
          expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
          expect(second[slot]?.slice(24)).toBe(id.slice(24));
        }
        expect(first[0] === second[0]).toBe(one.join() === other.join());
      }),
      { seed: 4, numRuns: 100 },
    );
  });

  it('are different within one request', () => {
    for (const body of ids({ body: '${uuid} ${uuid}' }, uniqueStart(1, 2, 3))) {
      const [one, two] = body.split(' ');
      expect(one).not.toBe(two);
    }
  });
});

describe('values', () => {
  const cell = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 30 })
    .filter((text) => text.trim() === text);
  const request = {
    path: '/items/${csv(data.csv).v}?q=${value}',
    headers: { 'x-v': '${value}' },
    body: '{"csv":"${csv(data.csv).v}","saved":"${value}"}',
  };
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

  it('cannot break the path, the headers or the JSON around them', () => {
    fc.assert(
      fc.property(cell, (value) => {
        const workload = workloadOf([request, { save: { value: '$.value' } }], {
          files: { '/project/data.csv': `v,w\n${quoted(value)},1\n` },
        });
        const [first] = rendered(workload, 0, new Map([['value', value]]));
        expect(first?.path).toMatch(/^\/items\/[\x21-\x7e]*$/);
        expect(decodeURIComponent(first?.path ?? '')).toBe(`/items/${value}?q=${value}`);
        expect(JSON.parse(String(first?.body))).toEqual({ csv: value, saved: value });
        for (const [, text] of first?.headers ?? []) expect(text).not.toMatch(/[\r\n]/);
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  it('are encoded in forms, and not twice in a link that is the whole path', () => {
    const workload = workloadOf([
      { body: 'name=${v}&x=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      { path: '${v}' },
      { save: { v: '$.next' } },
    ]);
    const known = new Map([['v', 'http://127.0.0.1:80/a?b=c&d=é']]);
    expect(rendered(workload, 0, known)[0]?.body).toBe(
      `name=${encodeURIComponent(known.get('v') ?? '')}&x=1`,
    );
    expect(rendered(workload, 1, known)[0]?.path).toBe('/a?b=c&d=%C3%A9');
  });
});

describe('mistakes of a workload', () => {
  it('are all told at once, each with its request', () => {
    const error = mistakesOf(() =>
      workloadOf(
        [
          { name: 'one', path: '/${intt(1,2)}' },
          { name: 'two', path: '/${int(9,2)}', headers: { traceparent: '00' } },
          { name: 'three', body: '${csv(none.csv).sku}' },
          { name: 'four', body: '${csv(skus.csv).size}' },
          { name: 'five', bodyFile: '/project/body.json' },
          { name: 'six', path: '/${orderId}' },
          { name: 'seven', path: '/${open' },
          { name: 'eight', body: '${csv(empty.csv).sku}' },
        ],
        { files: { '/project/skus.csv': 'sku,price\na,1\n', '/project/empty.csv': 'sku\n' } },
      ),
    );
    expect(error).toMatchObject({ exitCode: 2, code: 'bad-variable', where: 'request `one`' });
    expect(error.detail).toEqual([
      expect.stringMatching(/^request `one`: `\$\{intt\(1,2\)\}` is not a variable; known are int\(a,b\)/),
      expect.stringMatching(/^request `two`: the header `traceparent` is written by spangate/),
      expect.stringMatching(/^request `two`: `\$\{int\(9,2\)\}` needs two whole numbers, the smaller first/),
      expect.stringMatching(/^request `three`: cannot read \/project\/none\.csv: ENOENT/),
      expect.stringMatching(/^request `four`: \/project\/skus\.csv has no column `size`; it has sku, price/),
      expect.stringMatching(/^request `five`: cannot read \/project\/body\.json: ENOENT/),
      expect.stringMatching(/^request `seven`: `\$\{open` is never closed/),
      expect.stringMatching(/^request `eight`: \/project\/empty\.csv has no rows/),
      expect.stringMatching(/^request `six`: `\$\{orderId\}` is not a variable, and nothing/),
    ]);
  });

  it('name values that only requests save which are never sent', () => {
    const circle = [
      { path: '/${a}', save: { b: '$.b' } },
      { path: '/${b}', save: { a: '$.a' } },
    ];
    expect(mistakesOf(() => workloadOf(circle)).detail).toHaveLength(2);
    expect(() => workloadOf([{ save: { a: '$.a' } }, ...circle])).not.toThrow();
  });

  it('include a login that needs what only it could save', () => {
    const login = exampleRequest({ name: 'login', path: '/${token}', save: { token: '$.token' } });
    const error = mistakesOf(() => createWorkload(exampleLoad({ login }), { readFile: noFiles }));
    expect(error.message).toContain('`${token}` cannot be known before the login');
  });
});
