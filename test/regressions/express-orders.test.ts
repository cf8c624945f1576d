/**
 * Regressions of the example, gated once each: red, and named in the first line; `npm run demo` gates the other two. The
 * load is that of the operation that one is in, so that short rounds have samples enough. How often the whole load
 * finds them: docs/statistics.md.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { GatedExample } from '../examples/gated-example.ts';

interface Case {
  readonly regression: string;
  /** Absent: the whole load, and the concurrency probe, in which more than one operation has to wait. */
  readonly operation?: string;
  readonly told: readonly RegExp[];
}

const CASES: readonly Case[] = [
  { regression: 'dropped-index', operation: 'get order', told: [/pg\.query SELECT order_lines products/] },
  {
    regression: 'slow-query',
    operation: 'list orders',
    told: [/orders > pg\.query SELECT orders customers/],
  },
  { regression: 'new-lock', operation: 'create order', told: [/orders > pg\.query SELECT stock products/] },
  {
    regression: 'errors',
    operation: 'get order',
    told: [/get order error rate/, /orders > GET \/orders\/:id/],
  },
  { regression: 'no-cache', operation: 'get product', told: [/orders > pg\.query SELECT products/] },
  {
    regression: 'pool-of-one',
    told: [/concurrency/, /pg-pool\.connect/],
  },
  {
    regression: 'global-mutex',
    told: [/get order, under concurrency/],
  },
  {
    regression: 'blocked-loop',
    told: [/under concurrency/, /create order/],
  },
];

const { load } = parse(
  readFileSync(join(import.meta.dirname, '../../examples/express-orders/spangate.yml'), 'utf8'),
) as { load: { requests: readonly { name: string }[] } };

test.for(CASES)('$regression is red, and the first line names it', ({ regression, operation, told }) => {
  const requests = load.requests.filter(({ name }) => operation === undefined || name === operation);
  using example = new GatedExample('express-orders', {
    load: { ...load, requests },
    rounds: { together: { duration: '8s', ...(operation !== undefined && { probe: false }) } },
  });
  const { status, stderr, stdout, headline } = example.ab('--env-b', `REGRESSION=${regression}`);
  expect(status, `${stderr}\n${stdout}`).toBe(1);
  for (const part of told) expect(headline).toMatch(part);
});
