/** The example's PostgreSQL with its template filled, and the databases that tests copy from it. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { createPortPool } from '../../src/runner/free-port.ts';
import { type Environment, type NodeProcess, runNode, startNode } from './node-process.ts';

export interface OrderDatabase extends AsyncDisposable {
  readonly port: number;
  readonly server: NodeProcess;
  /** Runs a script of `db/` for a database; returns what it printed. */
  script(name: string, database: string, env?: Environment): Promise<string>;
  /** A fresh copy of the template that logs its statements; returns its URL. */
  copy(database: string): Promise<string>;
}

export async function startDatabaseServer(): Promise<{ port: number; server: NodeProcess }> {
  const port = await createPortPool().take();
  const server = startNode(['db/start.js'], { PORT: String(port) });
  await server.printed(/PostgreSQL is ready/);
  return { port, server };
}

export async function startOrderDatabase(): Promise<OrderDatabase> {
  const { port, server } = await startDatabaseServer();
  const script = (name: string, database: string, env: Environment = {}) =>
    runNode([`db/${name}.js`], {
      SPANGATE_DEPENDENCY_DB_PORT: String(port),
      SPANGATE_DATABASE: database,
      ...env,
    });
  await script('migrate', 'spangate_template');
  await script('seed', 'spangate_template');
  return {
    port,
    server,
    script,
    async copy(database) {
      await script('reset', database);
      const url = `postgres://postgres@127.0.0.1:${port}/${database}`;
      await using client = await connectTo(url);
      await client.query(`ALTER DATABASE ${database} SET log_statement = 'all'`);
      return url;
    },
    async [Symbol.asyncDispose]() {
      await server.stop();
    },
  };
}

/** A connection that closes with the block. */
export async function connectTo(url: string): Promise<pg.Client & AsyncDisposable> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}

/**
 * The statements that the service runs while `work` goes on, as the server's own log has them: the name of a prepared
 * statement, or its text.
 */
export async function statementsOf(
  database: OrderDatabase,
  url: string,
  work: () => Promise<unknown>,
): Promise<readonly string[]> {
  await using client = await connectTo(url);
  const mark = async () => {
    const name = `mark-${randomUUID()}`;
    await client.query(`SELECT '${name}'`);
    await database.server.printed(new RegExp(name));
    return name;
  };
  const first = await mark();
  await work();
  const last = await mark();
  const log = database.server.output();
  const between = log.slice(log.indexOf(first), log.indexOf(last)).split('\n').slice(1, -1);
  return between.flatMap(
    (line) => /LOG: {2}(?:execute ([^:]+)|statement: (.+))/.exec(line)?.slice(1).filter(Boolean) ?? [],
  );
}
