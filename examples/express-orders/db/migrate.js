/** Creates the database SPANGATE_DATABASE afresh and runs all migrations in it, in the order of their names. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, recreateDatabase, target } from './connection.js';

const folder = join(import.meta.dirname, 'migrations');

await recreateDatabase(target(), 'template0');
const client = await connect(target());
for (const file of readdirSync(folder).sort()) {
  await client.query(readFileSync(join(folder, file), 'utf8'));
}
await client.end();
