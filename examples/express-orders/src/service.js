/** Puts the service together from its parts, and lets the regressions change them before they are used. */
import pg from 'pg';
import { createApp } from './app.js';
import { createCatalogue } from './catalogue.js';
import { createCustomers } from './customers.js';
import { createOrders } from './orders.js';
import { createPayments } from './payments.js';
import { REGRESSIONS } from './regressions.js';
import { createStockTotals } from './stock-totals.js';
import { summarize } from './summary.js';
import { TtlCache } from './ttl-cache.js';

/**
 * @typedef {object} Parts
 * @property {pg.Pool} pool
 * @property {ReturnType<typeof createPayments>} payments
 * @property {ReturnType<typeof createOrders>} orders
 * @property {ReturnType<typeof createCustomers>} customers
 * @property {ReturnType<typeof createCatalogue>} catalogue
 * @property {ReturnType<typeof createStockTotals>} stockTotals
 * @property {typeof summarize} summarize
 */

/** @param {import('./settings.js').Settings} asked */
export async function createService(asked) {
  const regressions = asked.regressions.map((name) => REGRESSIONS[name]);
  const settings = Object.assign({}, asked, ...regressions.map((regression) => regression.settings));
  const pool = new pg.Pool({
    connectionString: settings.databaseUrl,
    max: settings.poolSize,
    application_name: 'express-orders',
  });
  // A connection that breaks while nobody uses it: the pool makes another one.
  pool.on('error', (error) => console.error(`database: ${error.message}`));

  const payments = createPayments(settings.paymentsUrl);
  let parts = {
    pool,
    payments,
    orders: createOrders(pool, payments),
    customers: createCustomers(pool),
    catalogue: createCatalogue(pool, new TtlCache(settings.cacheSeconds)),
    stockTotals: createStockTotals(pool, settings.stockRefreshSeconds),
    summarize,
  };
  for (const { change } of regressions) {
    if (change !== undefined) parts = { ...parts, ...(await change(parts)) };
  }

  return {
    app: createApp(parts),
    async close() {
      await parts.stockTotals.stop();
      await pool.end();
    },
  };
}
