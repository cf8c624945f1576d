/** What browsers see: asks the order service and the inventory, and keeps nothing itself. */
import express from 'express';
import { serve } from '../serve.js';

const { ORDERS_URL, INVENTORY_URL } = process.env;
if (!ORDERS_URL || !INVENTORY_URL) throw new Error('set ORDERS_URL and INVENTORY_URL');

const app = express();

app.get('/healthz', (_request, response) => {
  response.json({ status: 'ok' });
});

app.get('/orders/:id', async (request, response) => {
  const order = await ask(`${ORDERS_URL}/orders/${encodeURIComponent(request.params.id)}`);
  const canShip = order.lines?.every((line) => line.inStock >= line.quantity);
  response.json({ ...order, canShip });
});

app.get('/stock/:sku', async (request, response) => {
  response.json(await ask(`${INVENTORY_URL}/stock?sku=${encodeURIComponent(request.params.sku)}`));
});

/** @throws Error with the status to answer with: a service behind that fails is a bad gateway */
async function ask(url) {
  const answer = await fetch(url);
  const body = await answer.text();
  if (answer.ok) return JSON.parse(body);
  throw Object.assign(new Error(body), { status: answer.status >= 500 ? 502 : answer.status });
}

// Express knows a handler of errors by its four parameters.
app.use((error, _request, response, _next) => {
  response.status(error.status ?? 502).json({ error: error.status < 500 ? error.message : 'bad gateway' });
});

serve('gateway', app);
