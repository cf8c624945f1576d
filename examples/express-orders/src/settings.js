/** The settings of the service, read once from its environment. */
import { parseRegressions } from './regressions.js';

/**
 * @typedef {object} Settings
 * @property {number} port
 * @property {string} databaseUrl
 * @property {string | null} paymentsUrl origin of the payment provider; null where orders are paid on account
 * @property {number} poolSize connections to the database
 * @property {number} cacheSeconds how long a product is kept
 * @property {number} stockRefreshSeconds
 * @property {readonly string[]} regressions names of what is to go wrong; see regressions.js
 */

/** @returns {Settings} */
export function readSettings(env) {
  if (!env.DATABASE_URL)
    throw new Error('set DATABASE_URL, for example postgres://postgres@127.0.0.1:5432/orders');
  return {
    port: number(env, 'PORT', 3000),
    databaseUrl: env.DATABASE_URL,
    paymentsUrl: env.PAYMENTS_URL || null,
    poolSize: number(env, 'POOL_SIZE', 10),
    cacheSeconds: number(env, 'CACHE_SECONDS', 300),
    stockRefreshSeconds: number(env, 'STOCK_REFRESH_SECONDS', 1),
    regressions: parseRegressions(env.REGRESSION ?? ''),
  };
}

function number(env, name, otherwise) {
  const value = Number(env[name] ?? otherwise);
  if (!Number.isFinite(value) || value < 0) throw new Error(`${name} is not a number: ${env[name]}`);
  return value;
}
