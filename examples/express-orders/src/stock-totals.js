/** What lies in the warehouses: counted by a timer, so that no request has to wait for it. */

const TOTALS = {
  name: 'stock-totals',
  text: `SELECT s.warehouse, count(*)::integer AS products, sum(s.quantity)::integer AS pieces,
      sum(s.quantity::bigint * p.price_cents)::float8 AS "valueCents"
    FROM stock s JOIN products p ON p.sku = s.sku GROUP BY s.warehouse ORDER BY s.warehouse`,
};

export function createStockTotals(pool, refreshSeconds) {
  let latest = { countedAt: null, warehouses: [] };
  let counting = null;

  async function count() {
    try {
      const { rows } = await pool.query(TOTALS);
      latest = { countedAt: new Date(), warehouses: rows };
    } catch (error) {
      // The next turn may succeed; until then the old totals stand, with their time.
      console.error(`stock totals: ${error.message}`);
    } finally {
      counting = null;
    }
  }

  const timer = setInterval(() => {
    counting ??= count();
  }, refreshSeconds * 1000);

  return {
    latest: () => latest,

    /** No more counting; waits for a count that is under way. */
    async stop() {
      clearInterval(timer);
      await counting;
    },
  };
}
