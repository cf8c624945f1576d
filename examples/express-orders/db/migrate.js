/**
 * Creates the database SPANGATE_DATABASE afresh and runs all migrations in it, in the order of their names. With
 * REGRESSION=dropped-index there is one more.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseRegressions } from '../src/regressions.js';
import { connect, recreateDatabase, target } from './connection.js';

const folder = join(import.meta.dirname, 'migrations');

await recreateDatabase(target(), 'template0');
const client = await connect(target());
for (const file of readdirSync(folder).sort()) {
  await client.query(readFileSync(join(folder, file), 'utf8'));
}
if (parseRegressions(process.env.REGRESSION ?? '').includes('dropped-index')) {
  await client.query(readFileSync(join(import.meta.dirname, 'drop-index.sql'), 'utf8'));
}
await client.end();
