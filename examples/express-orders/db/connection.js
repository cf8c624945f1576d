/** How the scripts of this folder reach the database; the variables are those that spangate sets. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** Filled once by migrate.js and seed.js; every other database is a copy of it. Of two builds each has its own. */
export function template(env = process.env) {
  return env.SPANGATE_TEMPLATE ?? 'spangate_template';
}

/** The server is not there yet; it is there, but still starting. */
const NOT_YET = new Set(['ECONNREFUSED', '57P03']);
const WAIT_AT_MOST_MS = 15_000;

/** Port and name of the database that a script is to work on. */
export function target(env = process.env) {
  const port = Number(env.SPANGATE_DEPENDENCY_DB_PORT);
  if (!Number.isInteger(port) || port <= 0) {
    throw new Error('set SPANGATE_DEPENDENCY_DB_PORT to the port of the database server');
  }
  const database = env.SPANGATE_DATABASE ?? template(env);
  return { port, database };
}

/** Connects, and waits a while for a server that is starting. */
export async function connect({ port, database }) {
  const deadline = Date.now() + WAIT_AT_MOST_MS;
  for (;;) {
    const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database });
    try {
      await client.connect();
      return client;
    } catch (error) {
      if (!NOT_YET.has(error.code) || Date.now() > deadline) throw error;
      await sleep(20);
    }
  }
}

/** Replaces a database by a copy of another one; connections that are still open to it are cut. */
export async function recreateDatabase({ port, database }, source) {
  const client = await connect({ port, database: 'postgres' });
  try {
    const name = client.escapeIdentifier(database);
    await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${client.escapeIdentifier(source)}`);
  } finally {
    await client.end();
  }
}
