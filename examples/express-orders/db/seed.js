/** Fills the database SPANGATE_DATABASE: the products of products.csv, and what seed.sql makes of them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, target } from './connection.js';

const products = readCsv(join(import.meta.dirname, 'products.csv'));

const client = await connect(target());
await client.query(
  `INSERT INTO products (sku, name, category, price_cents, weight_grams)
   SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::integer[])`,
  ['sku', 'name', 'category', 'price_cents', 'weight_grams'].map((column) =>
    products.map((row) => row[column]),
  ),
);
await client.query(readFileSync(join(import.meta.dirname, 'seed.sql'), 'utf8'));
// All copies of this database start with the same statistics and without rows that still have to be tidied.
await client.query('VACUUM (FREEZE, ANALYZE)');
await client.end();

/** Our own file: a heading, no quotes, no commas inside a field. */
function readCsv(path) {
  const [heading, ...lines] = readFileSync(path, 'utf8').trim().split('\n');
  const columns = heading.split(',');
  return lines.map((line) => {
    const fields = line.split(',');
    return Object.fromEntries(columns.map((column, i) => [column, fields[i]]));
  });
}
