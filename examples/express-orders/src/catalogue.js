/** Products: they change rarely, so that they are kept in memory for a while. */

const PRODUCT = {
  name: 'product-by-sku',
  text: 'SELECT sku, name, category, price_cents AS "priceCents", weight_grams AS "weightGrams" FROM products WHERE sku = $1',
};

export function createCatalogue(pool, cache) {
  async function load(sku) {
    const { rows } = await pool.query({ ...PRODUCT, values: [sku] });
    return rows[0] ?? null;
  }

  return {
    /** The product, or null; from the cache where that has it. */
    product: (sku) => cache.get(sku, () => load(sku)),
  };
}
