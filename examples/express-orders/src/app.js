/** The routes: what comes in is checked here, everything else is done by the parts that are handed in. */
import express from 'express';
import { HttpError } from './http-error.js';
import { traced } from './traced.js';

/** @param {import('./service.js').Parts} parts */
export function createApp({ orders, customers, catalogue, stockTotals, summarize }) {
  const summarizeTraced = traced('summarize', summarize);
  const app = express();
  app.disable('x-powered-by');
  app.use(express.json());

  // Only says that the process answers: a database that is away is no reason to be started again.
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });

  app.get('/orders', async (request, response) => {
    response.json(await orders.page(positive(request.query.page ?? '1')));
  });

  app.get('/orders/:id', async (request, response) => {
    const id = positive(request.params.id);
    const order = found(await orders.find(id), `order ${id}`);
    response.json({ ...order, lines: await orders.linesOf(id) });
  });

  app.post('/orders', async (request, response) => {
    const created = await orders.create(newOrder(request.body));
    response.status(201).location(`/orders/${created.id}`).json(created);
  });

  app.get('/products/:sku', async (request, response) => {
    const { sku } = request.params;
    response.json(found(await catalogue.product(sku), `product ${sku}`));
  });

  app.get('/customers/:id/summary', async (request, response) => {
    const id = positive(request.params.id);
    const customer = found(await customers.find(id), `customer ${id}`);
    response.json(summarizeTraced(customer, await customers.purchasesOf(id)));
  });

  app.get('/stock', (_request, response) => {
    response.json(stockTotals.latest());
  });

  // Express knows a handler of errors by its four parameters.
  app.use((error, _request, response, _next) => {
    const status = error.status ?? 500;
    if (status >= 500) console.error(error);
    response.status(status).json({ error: status >= 500 ? 'something went wrong' : error.message });
  });
  return app;
}

function positive(text) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new HttpError(400, `not a number from 1 on: ${text}`);
  return value;
}

function found(value, what) {
  if (value === null) throw new HttpError(404, `there is no ${what}`);
  return value;
}

function newOrder(body) {
  const { customerId, key, lines } = body ?? {};
  const complete =
    Number.isInteger(customerId) &&
    typeof key === 'string' &&
    Array.isArray(lines) &&
    lines.length > 0 &&
    lines.every(
      (line) => typeof line?.sku === 'string' && Number.isInteger(line.quantity) && line.quantity > 0,
    );
  if (!complete) throw new HttpError(400, 'an order is { customerId, key, lines: [{ sku, quantity }] }');
  return { customerId, key, lines: merged(lines) };
}

/** One line a product, whatever the client sent. */
function merged(lines) {
  const quantities = new Map();
  for (const { sku, quantity } of lines) quantities.set(sku, (quantities.get(sku) ?? 0) + quantity);
  return [...quantities].map(([sku, quantity]) => ({ sku, quantity }));
}
