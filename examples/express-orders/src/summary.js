/** What a customer has bought, priced as on an invoice and added up. Pure computing, no waiting. */

/** From this many pieces of a line on, this share is taken off; the largest that fits counts. */
const VOLUME_DISCOUNTS = [
  { from: 10, share: 0.06 },
  { from: 5, share: 0.03 },
];
const TIER_DISCOUNTS = { standard: 0, silver: 0.02, gold: 0.05 };
const VAT = { AT: 0.2, DE: 0.19, DK: 0.25, ES: 0.21, FR: 0.2, IE: 0.23, IT: 0.22, NL: 0.21 };

const euros = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR' });
const months = new Intl.DateTimeFormat('en-IE', { year: 'numeric', month: 'short', timeZone: 'UTC' });

/**
 * @param {{name: string, tier: string, country: string}} customer
 * @param {readonly object[]} purchases lines, oldest first
 */
export function summarize(customer, purchases) {
  const byMonth = new Map();
  const byCategory = new Map();
  let grossCents = 0;
  let weightGrams = 0;
  const lines = [];
  for (const purchase of purchases) {
    const priced = pricePurchase(customer, purchase);
    add(byMonth, priced.month, priced.grossCents);
    add(byCategory, purchase.category, priced.grossCents);
    grossCents += priced.grossCents;
    weightGrams += purchase.weightGrams * purchase.quantity;
    lines.push(priced.text);
  }
  return {
    customer: customer.name,
    orders: new Set(purchases.map((purchase) => purchase.orderId)).size,
    gross: money(grossCents),
    weightKilograms: Math.round(weightGrams / 100) / 10,
    byMonth: amounts(byMonth),
    byCategory: amounts(byCategory),
    lines,
  };
}

/** One line of an invoice: discounts for volume and tier, value added tax of the customer's country. */
export function pricePurchase(customer, { placedAt, name, quantity, unitPriceCents }) {
  const volume = VOLUME_DISCOUNTS.find(({ from }) => quantity >= from)?.share ?? 0;
  const netCents = Math.round(quantity * unitPriceCents * (1 - volume) * (1 - TIER_DISCOUNTS[customer.tier]));
  const grossCents = Math.round(netCents * (1 + VAT[customer.country]));
  const month = months.format(placedAt);
  const [unit, net, vat, gross] = [unitPriceCents, netCents, grossCents - netCents, grossCents].map(money);
  const text = `${month}: ${quantity} × ${name} at ${unit}, ${net} + VAT ${vat} = ${gross}`;
  return { month, grossCents, text };
}

function add(sums, key, cents) {
  sums.set(key, (sums.get(key) ?? 0) + cents);
}

function amounts(sums) {
  return Object.fromEntries([...sums].map(([key, cents]) => [key, money(cents)]));
}

function money(cents) {
  return euros.format(cents / 100);
}
