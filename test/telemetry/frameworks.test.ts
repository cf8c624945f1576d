import { describe, expect, test } from 'vitest';
import type { Recording } from '../../src/telemetry/recording.ts';
import { traceTree } from '../../src/telemetry/trace-tree.ts';
import { outline, startFixture } from './recorded-service.ts';

async function outlinesOf(
  fixture: string,
  pages: readonly (readonly [string, RequestInit?])[],
  environment: Readonly<Record<string, string>> = {},
) {
  await using service = await startFixture(fixture, { environment });
  const traceIds: string[] = [];
  for (const [path, init] of pages) traceIds.push((await service.request(path, init)).traceId);
  const recording = await service.stop();
  return { recording, outlines: traceIds.map((traceId) => outline(traceTree(recording, traceId))) };
}

function patchedModules(recording: Recording): string[] {
  return recording.processes.flatMap(
    (process) => process.details?.instrumented.map(({ module }) => module) ?? [],
  );
}

describe.each([
  ['fastify.cjs', '/orders/:id', 'TypeError'],
  ['fastify.mjs', '/orders/:id', 'TypeError'],
  ['koa.cjs', '/orders/:id', 'TypeError'],
  ['koa.mjs', '/orders/:id', 'TypeError'],
  ['hapi.cjs', '/orders/{id}', 'TypeError'],
  ['hapi.mjs', '/orders/{id}', 'TypeError'],
])('%s', (fixture, route, errorType) => {
  test('has one server span a request, named by its route, and the service’s own spans below it', async () => {
    const { outlines, recording } = await outlinesOf(fixture, [
      ['/orders/17'],
      ['/orders/18'],
      ['/fails'],
      ['/nowhere/99?x=1'],
    ]);
    expect(outlines).toEqual([
      [`server GET ${route}`, '  internal load order'],
      [`server GET ${route}`, '  internal load order'],
      [`server GET /fails !${errorType}`],
      ['server GET /nowhere/:id'],
    ]);
    expect(recording.quality.derivedNames).toEqual(['GET /nowhere/:id']);
  });
});

test('express as an ES module is seen as it is as CommonJS, with the path of its routers', async () => {
  const { outlines, recording } = await outlinesOf('express.mjs', [
    ['/shop/orders/17'],
    ['/fails'],
    ['/shop/x/1'],
  ]);
  expect(outlines).toEqual([
    ['server GET /shop/orders/:id', '  internal load order', '    internal price order'],
    ['server GET /fails !500'],
    // As the instrumentation has it: the path of the router that found nothing.
    ['server GET /shop'],
  ]);
  expect(patchedModules(recording)).toContain('express');
});

test('without module hooks an ES module has no routes, but templates of its paths', async () => {
  const { outlines, recording } = await outlinesOf('express.mjs', [['/shop/orders/17']], {
    SPANGATE_MODULE_HOOKS: 'none',
  });
  expect(outlines[0]?.[0]).toBe('server GET /shop/orders/:id');
  expect(recording.quality.derivedNames).toEqual(['GET /shop/orders/:id']);
  expect(recording.processes[0]?.details?.moduleHooks).toBe('none');
});

test('plain http is named by a template of its path, marked as derived, and keeps its context over an await', async () => {
  const { outlines, recording } = await outlinesOf('plain-http.mjs', [['/orders/17?x=1'], ['/fails/5f0c']]);
  expect(outlines).toEqual([
    ['server GET /orders/:id', '  internal load order'],
    ['server GET /fails/5f0c !500', '  internal load order'],
  ]);
  expect(recording.quality.derivedNames).toEqual(['GET /fails/5f0c', 'GET /orders/:id']);
});

test.each(['fetch', 'undici', 'http', 'named'])(
  'a call by %s has a client span without a port and goes on in the service that it calls',
  async (page) => {
    const { outlines } = await outlinesOf('clients.mjs', [[`/${page}/17`]]);
    expect(outlines).toEqual([
      [`server GET /${page}/:id`, '  client GET localhost/stock/:id', '    server GET /stock/:id'],
    ]);
  },
);

test('a call that nobody answers is an error of the client span', async () => {
  const { outlines } = await outlinesOf('clients.mjs', [['/refused']]);
  expect(outlines[0]?.[1]).toMatch(/^ {2}client GET localhost\/nobody\/:id !\w+/);
});

test('graphql shows parsing, validation, the operation, and resolvers that do something', async () => {
  const query = (text: string): RequestInit => ({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: text }),
  });
  const { outlines } = await outlinesOf('graphql.cjs', [
    ['/graphql', query('query GetOrder { order(id: 1) { id lines { sku } } }')],
    ['/graphql', query('{ nothing }')],
  ]);
  expect(outlines).toEqual([
    [
      'server POST /graphql',
      '  internal graphql.parse',
      '  internal graphql.validate',
      '  internal query GetOrder',
      '    internal graphql.resolve order',
      '      internal graphql.resolve order.lines',
    ],
    ['server POST /graphql', '  internal graphql.parse', '  internal graphql.validate'],
  ]);
});

test('grpc shows client and server, with the status code as the type of an error', async () => {
  const { outlines } = await outlinesOf('grpc.cjs', [['/stock/pen'], ['/stock/missing']]);
  expect(outlines).toEqual([
    ['server GET /stock/:sku', '  client grpc.shop.Stock/Check', '    server grpc.shop.Stock/Check'],
    ['server GET /stock/:sku', '  client grpc.shop.Stock/Check !5', '    server grpc.shop.Stock/Check !5'],
  ]);
});
