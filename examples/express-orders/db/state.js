/**
 * Prints what the database SPANGATE_DATABASE holds, in one line: rows and a checksum of every table. Two databases
 * with the same line hold the same rows, in whatever order they lie on disk.
 */
import { connect, target } from './connection.js';

const TABLES = ['customers', 'products', 'stock', 'orders', 'order_lines'];

const client = await connect(target());
const state = {};
for (const table of TABLES) {
  const { rows } = await client.query(
    `SELECT count(*)::integer AS rows, coalesce(sum(hashtextextended(t::text, 0)), 0)::text AS checksum FROM ${table} t`,
  );
  state[table] = rows[0];
}
await client.end();
console.log(JSON.stringify(state));
