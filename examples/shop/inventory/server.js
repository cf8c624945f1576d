/** How much of each product there is: one query, however many products are asked for. */
import express from 'express';
import pg from 'pg';
import { serve } from '../serve.js';

if (!process.env.DATABASE_URL) throw new Error('set DATABASE_URL');
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, application_name: 'shop-inventory' });
// A connection that breaks while nobody uses it: the pool makes another one.
pool.on('error', (error) => console.error(`database: ${error.message}`));

const STOCK = {
  name: 'stock-of-products',
  text: 'SELECT sku, warehouse, quantity FROM stock WHERE sku = ANY ($1::text[]) ORDER BY sku',
};

const app = express();

app.get('/healthz', (_request, response) => {
  response.json({ status: 'ok' });
});

app.get('/stock', async (request, response) => {
  const skus = String(request.query.sku ?? '').split(',');
  const { rows } = await pool.query({ ...STOCK, values: [skus] });
  response.json(rows);
});

serve('inventory', app, () => pool.end());
