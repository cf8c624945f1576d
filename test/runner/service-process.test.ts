import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Service } from '../../src/config.ts';
import { EXIT, UserError } from '../../src/errors.ts';
import { type StartServiceOptions, startService } from '../../src/runner/service-process.ts';
import type { ServingProcess } from '../../src/runner/serving-process.ts';
import { type Bench, livingOf, openBench, ports, service } from './process-bench.ts';

let bench: Bench;

beforeEach(() => {
  bench = openBench();
});

afterEach(async () => {
  await bench[Symbol.asyncDispose]();
});

async function start(
  described: Service,
  options: Partial<StartServiceOptions> = {},
): Promise<ServingProcess> {
  return startService({
    service: described,
    port: await ports.take(),
    registry: bench.registry,
    inherited: process.env,
    logPath: join(bench.directory, 'api.log'),
    ...options,
  });
}

async function failureOf(described: Service, options: Partial<StartServiceOptions> = {}): Promise<UserError> {
  const outcome = await start(described, options).catch((error: unknown) => error);
  if (!(outcome instanceof UserError)) throw new Error(`expected a UserError, got ${String(outcome)}`);
  expect(livingOf(bench.registry.runId), 'nothing of it runs').toEqual([]);
  return outcome;
}

async function answerOf(running: ServingProcess): Promise<unknown> {
  return (await fetch(`http://${running.host}:${running.port}/`)).json();
}

describe('a service that starts', () => {
  test('runs on the port it was given, until it is stopped by SIGTERM', async () => {
    const running = await start(service('node server.mjs'));
    expect(await answerOf(running)).toMatchObject({ port: String(running.port) });
    expect(await running.stop()).toEqual([]);
    expect(readFileSync(running.logPath, 'utf8')).toBe('listening\nstopped by SIGTERM\n');
    expect(livingOf(bench.registry.runId)).toEqual([]);
  });

  test('gets its port by the placeholder ${port} too, in its command and in env', async () => {
    const running = await start(
      service('node server.mjs --port ${port}', { env: { URL_OF_MINE: 'http://here:${port}/' } }),
    );
    const { argv, env } = (await answerOf(running)) as { argv: string[]; env: Record<string, string> };
    expect(argv).toEqual(['--port', String(running.port)]);
    expect(env.URL_OF_MINE).toBe(`http://here:${running.port}/`);
  });

  test('gets our variables, what env adds, and no token of the CI', async () => {
    const running = await start(
      service('node server.mjs', { env: { MODE: 'test', OTEL_SERVICE_NAME: 'mine' } }),
      {
        inherited: {
          ...process.env,
          GITHUB_TOKEN: 'ghs_1',
          INPUT_TOKEN: 'x',
          NODE_OPTIONS: '--no-deprecation',
        },
        variables: { OTEL_SERVICE_NAME: 'api', SPANGATE_DATABASE: 'spangate_i0' },
        nodeOptions: '--stack-trace-limit=20',
      },
    );
    const { env } = (await answerOf(running)) as { env: Record<string, string> };
    expect(env).toMatchObject({
      MODE: 'test',
      OTEL_SERVICE_NAME: 'mine',
      SPANGATE_DATABASE: 'spangate_i0',
      NODE_OPTIONS: '--no-deprecation --stack-trace-limit=20',
    });
    expect(env).not.toHaveProperty('GITHUB_TOKEN');
    expect(env).not.toHaveProperty('INPUT_TOKEN');
    expect(running.withheld).toEqual(['GITHUB_TOKEN', 'INPUT_TOKEN']);
  });

  test('may be an npm script', async () => {
    const running = await start(service('npm start --silent', { ready: { kind: 'http', path: '/' } }));
    expect(await answerOf(running)).toMatchObject({ port: String(running.port) });
    expect(await running.stop()).toEqual([]);
    expect(livingOf(bench.registry.runId)).toEqual([]);
  });

  test('may use programs of its node_modules/.bin', async () => {
    const running = await start(service('vitest --version && node server.mjs'));
    expect(readFileSync(running.logPath, 'utf8')).toMatch(/^vitest\/\d/);
  });

  test('may listen on IPv6 alone', async () => {
    const running = await start(service('node server.mjs', { env: { HOST: '::1' } }));
    expect(running.host).toBe('[::1]');
    expect(await answerOf(running)).toMatchObject({ port: String(running.port) });
  });

  test('is ready when its log says so', async () => {
    const running = await start(
      service('node slow-words.mjs', { ready: { kind: 'log', pattern: '^warehouse is open$' } }),
    );
    expect(running.lastLines()).toContain('warehouse is open');
  });

  test('is not ready while its readiness route answers 503', async () => {
    const running = await start(
      service('node server.mjs', { ready: { kind: 'http', path: '/healthz' }, env: { WARM_UP_MS: '150' } }),
    );
    expect(running.startSeconds).toBeGreaterThan(0.15);
    expect((await fetch(`http://127.0.0.1:${running.port}/healthz`)).status).toBe(200);
  });
});

describe('a service that does not start', () => {
  test('because it ends at once: exit code and last lines', async () => {
    const error = await failureOf(service('echo starting; echo "no config" >&2; exit 3'));
    expect(error).toMatchObject({
      code: 'service-exited',
      message: 'Service api ended before it was ready (exit code 3).',
      where: 'services.api.start',
      exitCode: EXIT.couldNotMeasure,
    });
    expect(error.detail.slice(1)).toEqual(['starting', 'no config']);
  });

  test('because it was killed: the signal', async () => {
    const error = await failureOf(service('kill -KILL $$'));
    expect(error).toMatchObject({ code: 'service-exited' });
    expect(error.message).toContain('killed by SIGKILL');
  });

  test('because it misses a token that was kept from it: which one, and how to hand it on', async () => {
    const error = await failureOf(service('echo "Error: NPM_TOKEN is not set"; exit 1'), {
      inherited: { ...process.env, NPM_TOKEN: 'npm_1', CI_JOB_TOKEN: 'x' },
    });
    expect(error.hint).toContain('NPM_TOKEN: "${NPM_TOKEN}"');
    expect(error.hint).not.toContain('CI_JOB_TOKEN');
  });

  test('because its command does not exist', async () => {
    const error = await failureOf(service('no-such-program --serve'));
    expect(error).toMatchObject({ code: 'command-not-found', exitCode: EXIT.couldNotMeasure });
    expect(error.message).toContain('no-such-program --serve');
    expect(error.hint).toContain('node_modules/.bin');
  });

  test('because its folder does not exist', async () => {
    const error = await failureOf(service('node server.mjs', { directory: '/no/such/folder' }));
    expect(error).toMatchObject({ code: 'folder-not-found', where: 'services.api.directory' });
    expect(error.message).toContain('/no/such/folder');
  });

  test('because it goes to the background', async () => {
    const error = await failureOf(service('node silent.mjs &'));
    expect(error).toMatchObject({ code: 'service-in-background' });
  });

  test('because it never listens: the time, and what was seen', async () => {
    const error = await failureOf(service('node silent.mjs', { startTimeoutSeconds: 4 }));
    expect(error).toMatchObject({
      code: 'service-not-ready',
      message: 'Service api was not ready after 4 s: nothing listens on its port.',
      where: 'services.api.ready',
    });
    expect(error.detail.at(-1)).toBe('still thinking');
  });

  test('because its readiness route is another one: the status', async () => {
    const error = await failureOf(
      service('node server.mjs', { ready: { kind: 'http', path: '/helthz' }, startTimeoutSeconds: 4 }),
    );
    expect(error.message).toContain('GET /helthz was answered with 404');
  });

  test('because no line of its log matches', async () => {
    const error = await failureOf(
      service('node server.mjs', { ready: { kind: 'log', pattern: '^ready$' }, startTimeoutSeconds: 4 }),
    );
    expect(error.message).toContain('no line of its output matches /^ready$/');
  });

  test('because it listens on a port of its own choice: which one', async () => {
    const own = await ports.take();
    const error = await failureOf(
      service('node server.mjs', { env: { OWN_PORT: String(own) }, startTimeoutSeconds: 4 }),
    );
    expect(error).toMatchObject({ code: 'service-wrong-port' });
    expect(error.message).toContain(`listens on port ${own} instead of`);
    expect(error.hint).toContain('PORT');
  });

  test('because its placeholder stands for nothing: which ones do', async () => {
    const error = await failureOf(service('node server.mjs ${services.inventory.url}'), {
      placeholders: { 'dependencies.db.port': '10001' },
    }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'unknown-placeholder', exitCode: EXIT.usage });
    expect((error as UserError).hint).toContain('${dependencies.db.port}, ${port}');
  });
});

describe('a service whose port is taken', () => {
  let squatter: Server;

  afterEach(() => {
    squatter.close();
  });

  async function squat(): Promise<number> {
    const port = await ports.take();
    squatter = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => squatter.listen(port, '127.0.0.1', resolve));
    return port;
  }

  test('is not taken for ready because the other program answers', async () => {
    const port = await squat();
    const error = await failureOf(service('node server.mjs'), { port });
    expect(error).toMatchObject({ code: 'service-port-taken' });
    expect(error.message).toBe(`Service api could not listen: port ${port} is taken.`);
  });

  test.each([
    ['ends', {}],
    ['stays', { SURVIVE_ERRORS: '1' }],
  ])('by its own choice is told to read PORT, when it %s', async (_, switches) => {
    const own = await squat();
    const error = await failureOf(
      service('node server.mjs', { env: { OWN_PORT: String(own), ...switches }, startTimeoutSeconds: 4 }),
    );
    expect(error).toMatchObject({ code: 'service-port-taken' });
    expect(error.message).toContain(`port ${own} is taken`);
    expect(error.hint).toContain('Let it read the variable PORT');
  });
});

describe('a running service', () => {
  test('that ends is noticed at once', async () => {
    const running = await start(service('node server.mjs'));
    running.assertAlive();
    await fetch(`http://127.0.0.1:${running.port}/crash`).catch(() => {});
    const error = await running.died;
    expect(error).toMatchObject({
      code: 'service-died',
      message: 'Service api ended while it was needed (exit code 7).',
      exitCode: EXIT.couldNotMeasure,
    });
    expect(error.detail.at(-1)).toBe('crashing');
    expect(() => running.assertAlive()).toThrow(error.message);
  });

  test('that is killed, as by the kernel without memory, says so', async () => {
    const running = await start(service('exec node server.mjs'));
    process.kill(running.pid, 'SIGKILL');
    const error = await running.died;
    expect(error.message).toContain('killed by SIGKILL');
    expect(error.hint).toContain('memory');
  });

  test('that is stopped has not died', async () => {
    const running = await start(service('node server.mjs'));
    await running.stop();
    running.assertAlive();
    expect(await Promise.race([running.died, Promise.resolve('alive')])).toBe('alive');
  });

  test('that ignores SIGTERM is killed, and a warning says so', async () => {
    const running = await start(service('node stubborn.mjs', { stopTimeoutSeconds: 0.3 }));
    const [warning, ...others] = await running.stop();
    expect(others).toEqual([]);
    expect(warning?.code).toBe('service-hung-at-stop');
    expect(warning?.message).toContain('did not end within 0.3 s of SIGTERM');
    expect(livingOf(bench.registry.runId)).toEqual([]);
  });

  test.each([
    ['children', 'sh -c "node silent.mjs & node silent.mjs & exec node server.mjs"'],
    ['children that left the group', 'setsid node silent.mjs & exec node server.mjs'],
    ['children that left the group and ignore SIGTERM', 'setsid node deaf.mjs & exec node server.mjs'],
    ['grandchildren without a parent', '(setsid sh -c "node silent.mjs &" &) ; exec node server.mjs'],
  ])('leaves no %s behind', async (_, command) => {
    const running = await start(service(command, { stopTimeoutSeconds: 1 }));
    expect(livingOf(bench.registry.runId).length).toBeGreaterThan(1);
    await running.stop();
    expect(livingOf(bench.registry.runId)).toEqual([]);
  });

  test('leaves no child behind that left the group and cleaned its environment', async () => {
    const running = await start(service('node spawns-nameless.mjs'));
    const { child } = (await answerOf(running)) as { child: number };
    expect(isAlive(child)).toBe(true);
    await running.stop();
    expect(isAlive(child)).toBe(false);
  });
});

test('an abort while a service starts ends it, and is what is thrown', async () => {
  const starting = start(service('node silent.mjs'));
  const reason = new Error('interrupted');
  bench.abort.abort(reason);
  await expect(starting).rejects.toBe(reason);
  expect(livingOf(bench.registry.runId)).toEqual([]);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
