/**
 * What can go wrong on request, so that a gate has something to find: REGRESSION=name, or several with commas.
 * The service itself knows nothing of them; each changes a setting or puts something in the place of one part.
 */
import { readFile } from 'node:fs/promises';
import { createOrders } from './orders.js';
import { pricePurchase, summarize } from './summary.js';

/**
 * @typedef {object} Regression
 * @property {Partial<import('./settings.js').Settings>} [settings]
 * @property {(parts: import('./service.js').Parts) => Promise<Partial<import('./service.js').Parts>>} [change]
 */

/** @type {Record<string, Regression>} */
export const REGRESSIONS = {
  'slow-function': { change: async () => ({ summarize: summarizeWithAudit }) },
  'n-plus-one': { change: linesOneByOne },
  'dropped-index': { change: dropIndex },
  'slow-query': { change: searchPages },
  'new-lock': { change: lockAllStock },
  errors: { change: failNowAndThen },
  'no-cache': { settings: { cacheSeconds: 0 } },
  'pool-of-one': { settings: { poolSize: 1 } },
  'global-mutex': { change: oneOrderAtATime },
  'blocked-loop': { change: payWithTheWholeProcess },
};

/** @returns {readonly string[]} the names in a list such as `errors,no-cache` */
export function parseRegressions(text) {
  const names = text.split(',').filter((name) => name !== '');
  for (const name of names) {
    if (!Object.hasOwn(REGRESSIONS, name)) {
      throw new Error(`there is no regression ${name}: use ${Object.keys(REGRESSIONS).join(', ')}`);
    }
  }
  return names;
}

/** An audit that prices three lines in five a second time: 60 % more of the work that the function is made of. */
function summarizeWithAudit(customer, purchases) {
  const summary = summarize(customer, purchases);
  for (const [i, purchase] of purchases.entries()) {
    if (i % 5 < 3 && pricePurchase(customer, purchase).text !== summary.lines[i])
      throw new Error('audit failed');
  }
  return summary;
}

/** The lines without their products, and then each product by itself. */
async function linesOneByOne({ pool, orders }) {
  const text = `SELECT sku, quantity, unit_price_cents AS "unitPriceCents" FROM order_lines WHERE order_id = $1 ORDER BY id`;
  const productText = 'SELECT name, category FROM products WHERE sku = $1';
  async function linesOf(id) {
    const { rows } = await pool.query({ name: 'order-lines', text, values: [id] });
    const lines = [];
    for (const { sku, ...line } of rows) {
      const product = await pool.query({ name: 'line-product', text: productText, values: [sku] });
      lines.push({ sku, ...product.rows[0], ...line });
    }
    return lines;
  }
  return { orders: { ...orders, linesOf } };
}

/** Also done by db/migrate.js: here for a database that was made without. */
async function dropIndex({ pool }) {
  await pool.query(await readFile(new URL('../db/drop-index.sql', import.meta.url), 'utf8'));
  return {};
}

/** A search by name that nobody uses yet: the page is cut behind the join, and no longer before it. */
async function searchPages({ pool, orders }) {
  const text = `SELECT o.id, o.status, o.placed_at AS "placedAt", o.total_cents AS "totalCents", c.name AS customer
    FROM orders o JOIN customers c ON c.id = o.customer_id
    WHERE (c.name || ' ' || c.email) ILIKE '%'
    ORDER BY o.placed_at DESC, o.id DESC LIMIT 10 OFFSET $1`;
  const { page } = createOrders(withText(pool, 'orders-page', text));
  return { orders: { ...orders, page } };
}

/** An order locks the whole stock, and not only that of its own products. */
async function lockAllStock({ pool, payments, orders }) {
  const text = `SELECT s.sku, s.quantity, p.price_cents AS "priceCents" FROM stock s JOIN products p ON p.sku = s.sku
    WHERE cardinality($1::text[]) > 0 ORDER BY s.sku FOR UPDATE OF s`;
  const { create } = createOrders(withText(pool, 'stock-for-update', text), payments);
  return { orders: { ...orders, create } };
}

/** The pool, with another text for the statement of that name. */
function withText(pool, name, text) {
  const changed = (query) => (query.name === name ? { ...query, text } : query);
  return {
    query: (query) => pool.query(changed(query)),
    async connect() {
      const client = await pool.connect();
      return { query: (query) => client.query(changed(query)), release: () => client.release() };
    },
  };
}

/** Every hundredth look at an order fails, whichever order it is. */
async function failNowAndThen({ orders }) {
  let looks = 0;
  async function linesOf(id) {
    looks += 1;
    const lines = await orders.linesOf(id);
    if (looks % 100 === 0) throw new TypeError(`order ${id}: cannot read the promotion of line 1`);
    return lines;
  }
  return { orders: { ...orders, linesOf } };
}

/** A lock around all work on orders: harmless for one request at a time, a queue for many. */
async function oneOrderAtATime({ orders }) {
  let last = Promise.resolve();
  const locked =
    (work) =>
    (...values) => {
      const result = last.then(() => work(...values));
      last = result.catch(() => undefined);
      return result;
    };
  return { orders: Object.fromEntries(Object.entries(orders).map(([name, work]) => [name, locked(work)])) };
}

/**
 * A client of the payment provider that waits synchronously, for the authorisation and, behind the answer, for the
 * capture: no longer for one order, and for all that comes beside it.
 */
async function payWithTheWholeProcess({ pool, orders }) {
  const never = new Int32Array(new SharedArrayBuffer(4));
  const wait = (milliseconds) => void Atomics.wait(never, 0, 0, milliseconds);
  const { create } = createOrders(pool, { authorise: async () => wait(10) });
  async function createAndCapture(...values) {
    const order = await create(...values);
    // Soon, and not before the answer is out.
    setTimeout(wait, 5, 30);
    return order;
  }
  return { orders: { ...orders, create: createAndCapture } };
}
