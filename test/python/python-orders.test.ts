/** The Python example behind its frameworks, as a user gates it; `.ci/run` makes its virtual environment first. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GatedExample } from '../examples/gated-example.ts';
import { expectTraces } from './expect-traces.ts';

let example: GatedExample;
beforeAll(() => {
  const rounds = {
    ...{ count: 1, instances: 1, duration: '2s', 'warm-up': '1s' },
    together: { instances: 2, duration: '2s', screen: 2, confirm: 2, probe: false },
  };
  example = new GatedExample('python-orders', { rounds });
});
afterAll(() => example[Symbol.dispose]());

const ROUTES = {
  flask: 'GET /orders/<int:number>',
  'flask-workers': 'GET /orders/<int:number>',
  django: 'GET orders/<int:number>',
  fastapi: 'GET /orders/{number}',
};

test.each(Object.entries(ROUTES))('%s: every request that was answered has its trace', (scenario, route) => {
  expectTraces(example, scenario, route);
});

test('an N+1 fails the gate on the row of its calls', () => {
  const { status, stderr, failed } = example.ab('--scenario', 'flask', '--env-b', 'REGRESSION=n-plus-one');
  expect(status, stderr).toBe(1);
  expect(failed.map((row) => row.id)).toEqual(
    expect.arrayContaining([expect.stringMatching(/sqlite SELECT (lines|products) \| calls$/)]),
  );
});
