/**
 * A real PostgreSQL on PORT of 127.0.0.1 with an empty data folder of its own, until SIGTERM or SIGINT, or until the
 * process that started it is gone. Whatever ends it, no server and no data stay behind.
 */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from './connection.js';
import { postgresBinaries } from './postgres-binaries.js';

/** Nothing in here must outlive a crash, and nothing may work in the background while somebody measures. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '64MB',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_logical_replication_workers: '0',
  max_wal_size: '512MB',
  checkpoint_timeout: '1h',
  autovacuum: 'off',
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  log_checkpoints: 'off',
  log_min_messages: 'error',
};

/** A fast shutdown cuts clients off, so that longer than this means that something hangs. */
const STOP_WITHIN_MS = 5000;

const port = Number(process.env.PORT ?? 5432);
const parent = process.ppid;
const folder = makeFolder();
const cleaner = startCleaner();

const { initdb, postgres, options, owner } = postgresBinaries(folder);
const data = makeDataFolder();
initialise();
const server = startServer();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, stop);
setInterval(() => process.ppid !== parent && stop(), 500).unref();

const client = await connect({ port, database: 'postgres' });
await client.end();
console.log(`PostgreSQL is ready on 127.0.0.1:${port}`);

/** As root in a place that the server's user can enter, which a private TMPDIR may not be. */
function makeFolder() {
  if (process.getuid?.() !== 0) return mkdtempSync(join(tmpdir(), 'express-orders-db-'));
  const path = mkdtempSync('/tmp/express-orders-db-');
  chmodSync(path, 0o711);
  return path;
}

/** Waits in a process group of its own until this process is gone, however that came, and clears up what is left. */
function startCleaner() {
  const child = spawn('/bin/sh', [join(import.meta.dirname, 'clean-up.sh'), folder], {
    detached: true,
    // Nothing that marks the processes of a run, by which somebody might find it and kill it as well.
    env: { PATH: process.env.PATH },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.unref();
  child.stdin.unref();
  return child;
}

function makeDataFolder() {
  const path = join(folder, 'data');
  mkdirSync(path, { mode: 0o700 });
  if (owner !== null) chownSync(path, owner.uid, owner.gid);
  return path;
}

function initialise() {
  const { status, error, stderr } = spawnSync(
    initdb,
    // The smallest log segments: an empty cluster is 40 MB of writing with the usual ones.
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync', '--wal-segsize=4'],
    { ...options, encoding: 'utf8' },
  );
  if (status !== 0) end(1, `initdb failed: ${error?.message ?? stderr}`);
}

/** In our process group, so that whoever kills that kills the server too. */
function startServer() {
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(postgres, ['-D', data, '-p', String(port), ...settings], {
    ...options,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  child.on('error', (error) => end(1, error.message));
  child.on('exit', (code, signal) =>
    code === 0 ? end(0) : end(1, `PostgreSQL ended with ${signal ?? `code ${code}`}`),
  );
  return child;
}

function stop() {
  server.kill('SIGINT');
  setTimeout(() => server.kill('SIGKILL'), STOP_WITHIN_MS).unref();
}

function end(code, message) {
  if (message !== undefined) console.error(message);
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  cleaner.stdin.destroy();
  process.exit(code);
}
