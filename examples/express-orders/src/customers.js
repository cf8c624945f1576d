/** Customers and what they have bought, in the database. */

const CUSTOMER = {
  name: 'customer-by-id',
  text: 'SELECT id, name, tier, country FROM customers WHERE id = $1',
};

const PURCHASES = {
  name: 'customer-purchases',
  text: `SELECT o.id AS "orderId", o.placed_at AS "placedAt", p.name, p.category, p.weight_grams AS "weightGrams",
      l.quantity, l.unit_price_cents AS "unitPriceCents"
    FROM orders o JOIN order_lines l ON l.order_id = o.id JOIN products p ON p.sku = l.sku
    WHERE o.customer_id = $1 ORDER BY o.placed_at, l.id`,
};

export function createCustomers(pool) {
  return {
    /** The customer, or null. */
    async find(id) {
      const { rows } = await pool.query({ ...CUSTOMER, values: [id] });
      return rows[0] ?? null;
    },

    /** Every line that the customer ever ordered, oldest first. */
    async purchasesOf(id) {
      const { rows } = await pool.query({ ...PURCHASES, values: [id] });
      return rows;
    },
  };
}
