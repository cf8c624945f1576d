/** Orders and their lines in the database. */
import { HttpError } from './http-error.js';

const PAGE_SIZE = 10;

const PAGE = {
  name: 'orders-page',
  text: `SELECT o.id, o.status, o.placed_at AS "placedAt", o.total_cents AS "totalCents", c.name AS customer
    FROM (SELECT * FROM orders ORDER BY placed_at DESC, id DESC LIMIT ${PAGE_SIZE} OFFSET $1) AS o
      JOIN customers c ON c.id = o.customer_id
    ORDER BY o.placed_at DESC, o.id DESC`,
};

const ORDER = {
  name: 'order-by-id',
  text: `SELECT o.id, o.status, o.placed_at AS "placedAt", o.total_cents AS "totalCents", c.name AS customer
    FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.id = $1`,
};

const LINES = {
  name: 'order-lines',
  text: `SELECT l.sku, p.name, p.category, l.quantity, l.unit_price_cents AS "unitPriceCents"
    FROM order_lines l JOIN products p ON p.sku = l.sku WHERE l.order_id = $1 ORDER BY l.id`,
};

// Locked in one order of SKUs, so that two orders for the same products cannot wait for each other.
const STOCK_FOR_UPDATE = {
  name: 'stock-for-update',
  text: `SELECT s.sku, s.quantity, p.price_cents AS "priceCents" FROM stock s JOIN products p ON p.sku = s.sku
    WHERE s.sku = ANY ($1::text[]) ORDER BY s.sku FOR UPDATE OF s`,
};

const TAKE_STOCK = {
  name: 'take-stock',
  text: `UPDATE stock SET quantity = stock.quantity - taken.quantity
    FROM unnest($1::text[], $2::integer[]) AS taken (sku, quantity) WHERE stock.sku = taken.sku`,
};

const INSERT_ORDER = {
  name: 'insert-order',
  text: `INSERT INTO orders (customer_id, request_key, status, placed_at, total_cents)
    SELECT id, $2, 'placed', now(), $3 FROM customers WHERE id = $1 RETURNING id`,
};

const INSERT_LINES = {
  name: 'insert-lines',
  text: `INSERT INTO order_lines (order_id, sku, quantity, unit_price_cents)
    SELECT $1, * FROM unnest($2::text[], $3::integer[], $4::integer[])`,
};

/** SQLSTATE of a duplicate key. */
const UNIQUE_VIOLATION = '23505';

export function createOrders(pool, payments) {
  return {
    /** One page of orders, newest first; pages count from 1. */
    async page(page) {
      const { rows } = await pool.query({ ...PAGE, values: [(page - 1) * PAGE_SIZE] });
      return rows;
    },

    /** The order without its lines, or null. */
    async find(id) {
      const { rows } = await pool.query({ ...ORDER, values: [id] });
      return rows[0] ?? null;
    },

    /** All lines of an order with the names of their products. */
    async linesOf(id) {
      const { rows } = await pool.query({ ...LINES, values: [id] });
      return rows;
    },

    /**
     * Takes the stock, has the payment authorised and writes the order, or does none of it.
     * @param {{customerId: number, key: string, lines: readonly {sku: string, quantity: number}[]}} order
     * @returns {Promise<{id: number, totalCents: number}>}
     */
    async create(order) {
      const client = await pool.connect();
      try {
        await client.query('BEGIN');
        const created = await write(client, order, payments);
        await client.query('COMMIT');
        return created;
      } catch (error) {
        await client.query('ROLLBACK');
        if (error.code === UNIQUE_VIOLATION) throw new HttpError(409, `order ${order.key} exists`);
        throw error;
      } finally {
        client.release();
      }
    },
  };
}

async function write(client, { customerId, key, lines }, payments) {
  const skus = lines.map((line) => line.sku);
  const quantities = lines.map((line) => line.quantity);
  const { rows } = await client.query({ ...STOCK_FOR_UPDATE, values: [skus] });
  const stock = new Map(rows.map((row) => [row.sku, row]));
  const prices = lines.map(({ sku, quantity }) => priceInStock(stock.get(sku), sku, quantity));
  const totalCents = prices.reduce((total, price, i) => total + price * quantities[i], 0);

  // While the stock is held: nobody pays for what is not there.
  await payments.authorise({ customerId, key, totalCents });
  const inserted = await client.query({ ...INSERT_ORDER, values: [customerId, key, totalCents] });
  const id = inserted.rows[0]?.id;
  if (id === undefined) throw new HttpError(422, `there is no customer ${customerId}`);
  await client.query({ ...INSERT_LINES, values: [id, skus, quantities, prices] });
  await client.query({ ...TAKE_STOCK, values: [skus, quantities] });
  return { id, totalCents };
}

function priceInStock(product, sku, quantity) {
  if (product === undefined) throw new HttpError(422, `there is no product ${sku}`);
  if (product.quantity < quantity) throw new HttpError(409, `only ${product.quantity} of ${sku} left`);
  return product.priceCents;
}
