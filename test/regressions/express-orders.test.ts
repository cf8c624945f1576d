/**
 * Regressions of the example, gated once each: red, and named in the first line; `npm run demo` gates the other two. The
 * load is that of the operation that it is in, so that short rounds have samples enough. How often the whole load
 * finds them: docs/statistics.md.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { GatedExample } from '../examples/gated-example.ts';

interface Case {
  readonly regression: string;
  readonly operation: string;
  /** Under concurrency, with the whole load: more than one operation has to wait. */
  readonly probed?: true;
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
    operation: 'get order',
    probed: true,
    told: [/concurrency/, /pg-pool\.connect/],
  },
  {
    regression: 'global-mutex',
    operation: 'get order',
    probed: true,
    told: [/get order, under concurrency/],
  },
  {
    regression: 'blocked-loop',
    operation: 'create order',
    probed: true,
    told: [/under concurrency/, /create order/],
  },
];

const { load } = parse(
  readFileSync(join(import.meta.dirname, '../../examples/express-orders/spangate.yml'), 'utf8'),
) as { load: { requests: readonly { name: string }[] } };

test.for(CASES)(
  '$regression is red, and the first line names it',
  ({ regression, operation, probed, told }) => {
    const requests = load.requests.filter(({ name }) => probed === true || name === operation);
    using example = new GatedExample('express-orders', {
      load: { ...load, requests },
      rounds: { together: { duration: '8s', ...(probed !== true && { probe: false }) } },
    });
    const { status, stderr, stdout, headline } = example.ab('--env-b', `REGRESSION=${regression}`);
    expect(status, `${stderr}\n${stdout}`).toBe(1);
    for (const part of told) expect(headline).toMatch(part);
  },
);
