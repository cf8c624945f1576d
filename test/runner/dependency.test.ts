import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Dependency } from '../../src/config.ts';
import { EXIT, UserError } from '../../src/errors.ts';
import { type RunningDependencies, startDependencies } from '../../src/runner/dependency.ts';
import { type Bench, dependency, livingOf, openBench, ports } from './process-bench.ts';

let bench: Bench;
/** Stands for a database server: a folder a database, a file a table. */
let store: string;

beforeEach(() => {
  bench = openBench();
  store = join(bench.directory, 'store');
  mkdirSync(store);
});

afterEach(async () => {
  await bench[Symbol.asyncDispose]();
});

/** A server, and a store with the commands that a user would write for a real database. */
function database(changes: Partial<Dependency> = {}): Dependency {
  return dependency({
    start: 'node server.mjs',
    env: { STORE: store },
    migrate: 'mkdir "$STORE/$SPANGATE_DATABASE" && echo migrate >> "$STORE/log"',
    seed: 'echo 100 > "$STORE/$SPANGATE_DATABASE/stock" && echo seed >> "$STORE/log"',
    reset:
      'rm -rf "$STORE/$SPANGATE_DATABASE" && cp -r "$STORE/spangate_template" "$STORE/$SPANGATE_DATABASE" && echo "reset $SPANGATE_INSTANCE" >> "$STORE/log"',
    state: 'cat "$STORE/$SPANGATE_DATABASE/stock"',
    ...changes,
  });
}

function start(dependencies: readonly Dependency[], instances = 2): Promise<RunningDependencies> {
  return startDependencies({
    dependencies,
    instances,
    registry: bench.registry,
    ports,
    inherited: process.env,
    logDirectory: bench.directory,
  });
}

async function failureOf(described: Dependency): Promise<UserError> {
  const outcome = await start([described])
    .then((running) => running.prepareRound())
    .catch((error: unknown) => error);
  if (!(outcome instanceof UserError))
    throw new Error(`expected a UserError, got ${JSON.stringify(outcome)}`);
  return outcome;
}

const log = () => readFileSync(join(store, 'log'), 'utf8').trim().split('\n');
const stockOf = (name: string) => readFileSync(join(store, name, 'stock'), 'utf8').trim();

describe('a database an instance', () => {
  test('is filled once, as a template', async () => {
    await start([database()]);
    expect(log()).toEqual(['migrate', 'seed']);
    expect(stockOf('spangate_template')).toBe('100');
    expect(existsSync(join(store, 'spangate_i0'))).toBe(false);
  });

  test('is made anew from the template before every round, for every instance', async () => {
    const running = await start([database()]);
    expect(await running.prepareRound()).toEqual({});
    writeFileSync(join(store, 'spangate_i1', 'stock'), '7');
    expect(await running.prepareRound()).toEqual({});
    expect(stockOf('spangate_i0')).toBe('100');
    expect(stockOf('spangate_i1')).toBe('100');
    expect(log()).toEqual(['migrate', 'seed', 'reset i0', 'reset i1', 'reset i0', 'reset i1']);
  });

  test('is known to the services of its instance, by variables and placeholders', async () => {
    const running = await start([database({ name: 'orders-db' })]);
    const port = running.placeholders(1)['dependencies.orders-db.port'];
    expect(port).toMatch(/^\d{5}$/);
    expect(running.placeholders(1)).toEqual({
      'dependencies.orders-db.port': port,
      'dependencies.orders-db.database': 'spangate_i1',
      instance: 'i1',
      database: 'spangate_i1',
    });
    expect(running.variables(1)).toEqual({
      SPANGATE_DATABASE: 'spangate_i1',
      SPANGATE_DEPENDENCY_ORDERS_DB_PORT: port,
      SPANGATE_INSTANCE: 'i1',
    });
  });

  test('has a name of the same length in every instance', async () => {
    const running = await start([database()], 11);
    expect(running.variables(0).SPANGATE_DATABASE).toBe('spangate_i00');
    expect(running.variables(10).SPANGATE_DATABASE).toBe('spangate_i10');
  });

  test('that starts from another state than the first one makes the round invalid', async () => {
    const running = await start([
      database({
        reset: `${database().reset}; echo $(( $(cat "$STORE/runs" 2>/dev/null || echo 0) + 1 )) > "$STORE/runs"; [ "$(cat "$STORE/runs")" != 4 ] || echo 99 > "$STORE/$SPANGATE_DATABASE/stock"`,
      }),
    ]);
    expect(await running.prepareRound()).toEqual({});
    const { invalid } = await running.prepareRound();
    expect(invalid?.code).toBe('state-differs');
    expect(invalid?.message).toContain('dependency db printed "99" for spangate_i1, and "100" before');
  });
});

describe('a database that all instances share', () => {
  const shared = (changes: Partial<Dependency> = {}) =>
    database({
      scope: 'shared',
      reset: 'echo 100 > "$STORE/$SPANGATE_DATABASE/stock"; echo "reset $SPANGATE_INSTANCE" >> "$STORE/log"',
      ...changes,
    });

  test('is filled once and reset once a round', async () => {
    const running = await start([shared()]);
    await running.prepareRound();
    writeFileSync(join(store, 'spangate_shared', 'stock'), '7');
    expect(await running.prepareRound()).toEqual({});
    expect(log()).toEqual(['migrate', 'seed', 'reset shared', 'reset shared']);
    expect(running.variables(1)).toMatchObject({
      SPANGATE_DATABASE: 'spangate_shared',
      SPANGATE_INSTANCE: 'i1',
    });
  });

  test('and is not put back makes the round invalid once somebody wrote to it', async () => {
    const running = await start([shared({ reset: null })]);
    expect(await running.prepareRound()).toEqual({});
    writeFileSync(join(store, 'spangate_shared', 'stock'), '93');
    expect((await running.prepareRound()).invalid?.code).toBe('state-differs');
  });
});

test('a server for each of two builds is one that all instances share where there is one build', async () => {
  const running = await start([database({ scope: 'per-arm', reset: null })]);
  expect(await running.prepareRound()).toEqual({});
  expect(log()).toEqual(['migrate', 'seed']);
  expect(running.variables(1)).toMatchObject({
    SPANGATE_DATABASE: 'spangate_shared',
    SPANGATE_INSTANCE: 'i1',
  });
  expect(running.warnings).toEqual([]);
});

describe('several dependencies', () => {
  test('start in the order of the file, and a later one knows the ports of all', async () => {
    const running = await start([
      database(),
      dependency({
        name: 'proxy',
        start:
          'echo "db is at ${dependencies.db.port}, $SPANGATE_DEPENDENCY_DB_PORT" && exec node server.mjs',
        scope: 'shared',
      }),
    ]);
    const { 'dependencies.db.port': port } = running.placeholders(0);
    expect(readFileSync(join(bench.directory, 'proxy.log'), 'utf8')).toContain(`db is at ${port}, ${port}\n`);
    expect(running.placeholders(0)).toMatchObject({
      database: 'spangate_i0',
      'dependencies.db.database': 'spangate_i0',
      'dependencies.proxy.database': 'spangate_shared',
    });
  });

  test('are all stopped when one of them does not start', async () => {
    const error = await start([
      dependency({ name: 'first', start: 'node server.mjs' }),
      dependency({ name: 'second', start: 'echo no disk; exit 4' }),
    ]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'dependency-exited',
      message: 'Dependency second ended before it was ready (exit code 4).',
      where: 'dependencies.second.start',
      exitCode: EXIT.couldNotMeasure,
    });
    expect(livingOf(bench.registry.runId)).toEqual([]);
  });
});

test('a dependency that runs already has the port that env names', async () => {
  const running = await start([dependency({ env: { PORT: '5432' } })]);
  expect(running.variables(0).SPANGATE_DEPENDENCY_DB_PORT).toBe('5432');
  expect(running.placeholders(0)['dependencies.db.port']).toBe('5432');
});

test('without dependencies an instance still has a name of its own', async () => {
  const running = await start([]);
  expect(await running.prepareRound()).toEqual({});
  expect(running.variables(1)).toEqual({ SPANGATE_DATABASE: 'spangate_i1', SPANGATE_INSTANCE: 'i1' });
});

test('a dependency that ends in the middle is noticed at once', async () => {
  const running = await start([database()]);
  const port = running.placeholders(0)['dependencies.db.port'];
  await fetch(`http://127.0.0.1:${port}/crash`).catch(() => {});
  expect(await running.died).toMatchObject({ code: 'dependency-died', where: 'dependencies.db.start' });
});

test.each(['migrate', 'seed', 'reset', 'state'] as const)(
  'a %s command that fails is shown',
  async (step) => {
    const error = await failureOf(
      database({
        [step]: 'echo "relation orders does not exist"; echo "for $SPANGATE_DATABASE" >&2; exit 5',
      }),
    );
    const name = step === 'migrate' || step === 'seed' ? 'spangate_template' : 'spangate_i0';
    expect(error).toMatchObject({
      code: `dependency-${step}-failed`,
      where: `dependencies.db.${step}`,
      exitCode: EXIT.couldNotMeasure,
    });
    expect(error.message).toContain(`failed (exit code 5) for database ${name}: echo`);
    expect([...error.detail].sort()).toEqual(
      expect.arrayContaining([`for ${name}`, 'relation orders does not exist']),
    );
  },
);

test('a server that a command leaves behind is ended with it', async () => {
  await start([database({ start: null, seed: 'node silent.mjs & setsid node silent.mjs &' })]);
  expect(livingOf(bench.registry.runId)).toEqual([]);
});

test('a long state is compared to its end, and shown by its beginning', async () => {
  const running = await start([
    database({ state: 'head -c 200000 /dev/zero | tr "\\0" x; echo "$SPANGATE_INSTANCE"' }),
  ]);
  const { invalid } = await running.prepareRound();
  expect(invalid?.code).toBe('state-differs');
  expect(invalid?.message.length).toBeLessThan(500);
});
