import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Dependency } from '../../src/config.ts';
import { UserError } from '../../src/errors.ts';
import type { Arm, DependencyUse } from '../../src/measurement.ts';
import { type RunningDependencies, startArmDependencies } from '../../src/runner/dependency.ts';
import { exchangeableUnits } from '../../src/runner/dependency-warnings.ts';
import { type Bench, dependency, FIXTURES, livingOf, openBench, ports } from './process-bench.ts';

let bench: Bench;
/** Stands for a database server: a folder a database, a file a table. */
let store: string;

beforeEach(() => {
  bench = openBench();
  store = join(bench.directory, 'store');
  mkdirSync(store);
  for (const arm of ['base', 'head']) {
    mkdirSync(folderOf(arm));
    writeFileSync(join(folderOf(arm), 'schema'), `schema of ${arm}`);
  }
});

afterEach(async () => {
  await bench[Symbol.asyncDispose]();
});

/** The checkout of an arm, of which the commands of that arm read the schema. */
function folderOf(arm: string): string {
  return join(bench.directory, arm);
}

/** A server, and a store with the commands that a user would write for a real database. */
function database(changes: Partial<Dependency> = {}): Dependency {
  return dependency({
    start: `node ${join(FIXTURES, 'server.mjs')}`,
    env: { STORE: store },
    migrate: 'mkdir "$STORE/$SPANGATE_DATABASE" && cp schema "$STORE/$SPANGATE_DATABASE"',
    seed: 'echo 100 > "$STORE/$SPANGATE_DATABASE/stock"',
    reset:
      'rm -rf "$STORE/$SPANGATE_DATABASE" && cp -r "$STORE/$SPANGATE_TEMPLATE" "$STORE/$SPANGATE_DATABASE"',
    state: 'cat "$STORE/$SPANGATE_DATABASE/stock"',
    ...changes,
  });
}

interface Start {
  readonly dependencies: readonly Dependency[];
  /** Of head, where its definition is another one. */
  readonly head?: readonly Dependency[];
  readonly seed?: number;
  readonly hasWrites?: boolean;
  /** Of both arms, instead of one each. */
  readonly folder?: string;
}

function start({ dependencies, head = dependencies, seed = 1, hasWrites = false, folder }: Start) {
  const inFolder = (arm: Arm, list: readonly Dependency[]) =>
    list.map((each) => ({ ...each, directory: folder ?? folderOf(arm) }));
  return startArmDependencies({
    arms: { base: inFolder('base', dependencies), head: inFolder('head', head) },
    instances: ROUND.length,
    hasWrites,
    seed,
    registry: bench.registry,
    ports,
    inherited: process.env,
    logDirectory: bench.directory,
  });
}

const ROUND: readonly Arm[] = ['base', 'head', 'head', 'base'];
const OTHER_ROUND: readonly Arm[] = ['head', 'head', 'base', 'base'];

const tableOf = (name: string, table: string) => readFileSync(join(store, name, table), 'utf8').trim();
const schemasOf = (running: RunningDependencies) =>
  ROUND.map((_, instance) => tableOf(running.variables(instance).SPANGATE_DATABASE ?? '', 'schema'));

describe('a database an instance', () => {
  test('has what the migration of its own arm made, whichever instances an arm has in a round', async () => {
    const running = await start({ dependencies: [database()] });
    expect(await running.prepareRound(ROUND)).toEqual({});
    expect(schemasOf(running)).toEqual(ROUND.map((arm) => `schema of ${arm}`));
    expect(await running.prepareRound(OTHER_ROUND)).toEqual({});
    expect(schemasOf(running)).toEqual(OTHER_ROUND.map((arm) => `schema of ${arm}`));
    expect(running.warnings).toEqual([]);
  });

  test('is on the one server of both arms, and has a name that says nothing of the arm', async () => {
    const running = await start({ dependencies: [database()] });
    await running.prepareRound(ROUND);
    const first = running.variables(0);
    expect(running.variables(1)).toEqual({
      ...first,
      SPANGATE_DATABASE: 'spangate_i1',
      SPANGATE_INSTANCE: 'i1',
    });
    expect(Object.keys(first).sort()).toEqual([
      'SPANGATE_DATABASE',
      'SPANGATE_DEPENDENCY_DB_PORT',
      'SPANGATE_INSTANCE',
    ]);
    expect(running.placeholders(0)).not.toHaveProperty('template');
  });

  test('is copied from the template a or b, of which the seed says whose it is', async () => {
    const owners = new Set<string>();
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const running = await start({ dependencies: [database({ start: null })], seed });
      owners.add(`${tableOf('spangate_template_a', 'schema')}, ${tableOf('spangate_template_b', 'schema')}`);
      await running.stop();
      // The next one makes them anew.
      for (const name of readdirSync(store)) rmSync(join(store, name), { recursive: true });
    }
    expect([...owners].sort()).toEqual(['schema of base, schema of head', 'schema of head, schema of base']);
  });

  test('may differ between the arms, which is said, but not within one', async () => {
    const head = database({ seed: 'echo 200 > "$STORE/$SPANGATE_DATABASE/stock"' });
    const running = await start({ dependencies: [database()], head: [head] });
    expect(await running.prepareRound(ROUND)).toEqual({});
    expect(await running.prepareRound(OTHER_ROUND)).toEqual({});
    expect(running.warnings.map(({ code }) => code)).toEqual(['arms-start-differently']);
    expect(running.warnings[0]?.message).toContain('dependency db printed something else for head');

    for (const name of ['spangate_template_a', 'spangate_template_b']) {
      writeFileSync(join(store, name, 'stock'), '300');
    }
    expect((await running.prepareRound(ROUND)).invalid?.code).toBe('state-differs');
  });

  test('is only made for those that run in a round', async () => {
    const running = await start({ dependencies: [database({ start: null })] });
    await running.prepareRound(['head', 'base']);
    expect(readdirSync(store).sort()).toEqual([
      'spangate_i0',
      'spangate_i1',
      'spangate_template_a',
      'spangate_template_b',
    ]);
  });

  test('needs to be told which arm each instance is', async () => {
    const running = await start({ dependencies: [database({ start: null })] });
    await expect(running.prepareRound()).rejects.toThrow(new RangeError('0 arms for at most 4 instances'));
  });
});

describe('a failing command', () => {
  test('of base names base, its folder and its log, and nothing is left running', async () => {
    writeFileSync(join(folderOf('base'), 'fails'), '');
    const error = await failure(
      start({
        dependencies: [database({ migrate: 'if [ -e fails ]; then echo no such column; exit 4; fi' })],
      }),
    );
    expect(error).toMatchObject({ code: 'dependency-migrate-failed', where: 'dependencies.db.migrate' });
    expect(error.message).toMatch(
      /^In base: The migrate command of dependency db failed \(exit code 4\) for database spangate_template_[ab]: /,
    );
    expect(error.hint).toContain(`Run it by hand in ${folderOf('base')} with SPANGATE_DATABASE=`);
    expect(error.detail).toEqual([
      `${join(bench.directory, 'db-migrate-base.log')} ends with:`,
      'no such column',
    ]);
    expect(livingOf(bench.registry.runId)).toEqual([]);
  });

  test('says so where its arm has no such folder', async () => {
    rmSync(folderOf('base'), { recursive: true });
    const error = await failure(start({ dependencies: [database()] }));
    expect(error).toMatchObject({
      code: 'folder-not-found',
      message: `In base: The folder of dependency db does not exist: ${folderOf('base')}`,
      where: 'dependencies.db.directory',
    });
    expect(livingOf(bench.registry.runId)).toEqual([]);
  });

  test('that takes the template for the one of a single build is told its name', async () => {
    const reset = 'cp -r "$STORE/spangate_template" "$STORE/$SPANGATE_DATABASE"';
    const running = await start({ dependencies: [database({ reset })] });
    const error = await failure(running.prepareRound(ROUND));
    expect(error.code).toBe('dependency-reset-failed');
    expect(error.hint).toContain('its name is in SPANGATE_TEMPLATE');
    expect(error.hint).toMatch(/SPANGATE_TEMPLATE=spangate_template_[ab]/);
  });
});

describe('one database for all', () => {
  const shared = () => database({ scope: 'shared', reset: null });

  test('is made once, by the commands of head', async () => {
    const running = await start({ dependencies: [shared()] });
    await running.prepareRound(ROUND);
    expect(schemasOf(running)).toEqual(ROUND.map(() => 'schema of head'));
    expect(readdirSync(store)).toEqual(['spangate_shared']);
  });

  test.each([
    { what: 'is migrated', dependencies: () => [shared()], hasWrites: false, codes: ['dependency-shared'] },
    {
      what: 'is written to',
      dependencies: () => [dependency({ scope: 'shared' })],
      hasWrites: true,
      codes: ['dependency-shared'],
    },
    {
      what: 'stands beside one for each instance, to which the writes go',
      dependencies: () => [database({ start: null }), dependency({ name: 'stub', scope: 'shared' })],
      hasWrites: true,
      codes: [],
    },
    {
      what: 'is only read',
      dependencies: () => [dependency({ scope: 'shared' })],
      hasWrites: false,
      codes: [],
    },
  ])('that $what: $codes', async ({ dependencies, hasWrites, codes }) => {
    const running = await start({ dependencies: dependencies(), hasWrites });
    expect(running.warnings.map(({ code }) => code)).toEqual(codes);
  });
});

describe('a server for each arm', () => {
  const perArm = (changes: Partial<Dependency> = {}) =>
    database({ scope: 'per-arm', reset: null, ...changes });

  test('is started in the folder of that arm, and has a port and data of its own', async () => {
    const running = await start({ dependencies: [perArm()] });
    await running.prepareRound(ROUND);
    expect(schemasOf(running)).toEqual(ROUND.map((arm) => `schema of ${arm}`));
    const variables = ROUND.map((_, instance) => running.variables(instance));
    const byArm = (arm: Arm) => variables.filter((_, instance) => ROUND[instance] === arm);
    const pairs = (['base', 'head'] as const).map(
      (arm) =>
        new Set(
          byArm(arm).map((each) => `${each.SPANGATE_DEPENDENCY_DB_PORT} ${each.SPANGATE_DATABASE ?? ''}`),
        ),
    );
    expect(pairs.map(({ size }) => size)).toEqual([1, 1]);
    const [base = '', head = ''] = pairs.flatMap((pair) => [...pair]);
    expect(base.length).toBe(head.length);
    expect(base.split(' ')[0]).not.toBe(head.split(' ')[0]);
    expect([base, head].map((each) => each.split(' ')[1]).sort()).toEqual([
      'spangate_arm_a',
      'spangate_arm_b',
    ]);
    const answers = await Promise.all(
      [base, head].map(async (each) => (await fetch(`http://127.0.0.1:${each.split(' ')[0]}/`)).json()),
    );
    expect(answers.map((answer) => (answer as { env: { PWD: string } }).env.PWD)).toEqual([
      folderOf('base'),
      folderOf('head'),
    ]);
  });

  test('is started and filled anew for every round but the first, for which it was', async () => {
    const counted = perArm({
      migrate: `mkdir -p "$STORE/$SPANGATE_DATABASE"; cp schema "$STORE/$SPANGATE_DATABASE"; echo "$SPANGATE_DATABASE" >> "${bench.directory}/migrated"`,
    });
    const running = await start({ dependencies: [counted] });
    const migrations = () =>
      readFileSync(join(bench.directory, 'migrated'), 'utf8').trim().split('\n').length;
    const startOf = async (arm: Arm) => {
      const port = running.placeholders(ROUND.indexOf(arm))['dependencies.db.port'];
      return (await (await fetch(`http://127.0.0.1:${port}/`)).json()) as { pid: number };
    };
    await running.prepareRound(ROUND);
    expect(migrations()).toBe(2);
    const before = [await startOf('base'), await startOf('head')];
    expect(await running.prepareRound(ROUND)).toEqual({});
    expect(migrations()).toBe(4);
    const after = [await startOf('base'), await startOf('head')];
    expect(new Set([...before, ...after].map(({ pid }) => pid)).size).toBe(4);
    await running.stop();
    expect(livingOf(bench.registry.runId)).toEqual([]);
  });

  test('ties the data to the arm, and says what that costs', async () => {
    const running = await start({ dependencies: [perArm({ start: null, migrate: null, seed: null })] });
    expect(running.warnings.map(({ code }) => code)).toEqual(['dependency-per-arm']);
    expect(exchangeableUnits({ dependencies: [database(), perArm()] })).toBe('arms');
    expect(exchangeableUnits({ dependencies: [database(), dependency({ scope: 'shared' })] })).toBe(
      'instances',
    );
  });

  test('is named with its arm when it does not start, and the other one is stopped', async () => {
    writeFileSync(join(folderOf('head'), 'fails'), '');
    const error = await failure(
      start({
        dependencies: [
          perArm({ start: `if [ -e fails ]; then exit 4; fi; exec node ${join(FIXTURES, 'server.mjs')}` }),
        ],
      }),
    );
    expect(error).toMatchObject({
      code: 'dependency-exited',
      message: 'In head: Dependency db ended before it was ready (exit code 4).',
    });
    expect(livingOf(bench.registry.runId)).toEqual([]);
  });

  test('is named with its arm when it dies', async () => {
    const running = await start({ dependencies: [perArm()] });
    await running.prepareRound(ROUND);
    const port = running.placeholders(ROUND.indexOf('base'))['dependencies.db.port'];
    await fetch(`http://127.0.0.1:${port}/crash`).catch(() => {});
    const error = await running.died;
    expect(error.code).toBe('dependency-died');
    expect(error.message).toMatch(/^In base: /);
  });

  test('is stopped with the other one', async () => {
    const running = await start({ dependencies: [perArm()] });
    expect(livingOf(bench.registry.runId).length).toBeGreaterThanOrEqual(2);
    expect(await running.stop()).toEqual([]);
    expect(livingOf(bench.registry.runId)).toEqual([]);
    expect(existsSync(join(bench.directory, 'db-base.log'))).toBe(true);
    expect(existsSync(join(bench.directory, 'db-head.log'))).toBe(true);
  });
});

describe('what a dependency uses of the CPU', () => {
  const busy = `node ${join(FIXTURES, 'busy.mjs')}`;

  test('is watched from one moment to another, for each by its name', async () => {
    const running = await start({
      dependencies: [dependency({ name: 'busy', start: busy, scope: 'shared' }), database({ name: 'idle' })],
    });
    const [first, second] = await busyFor(running);
    expect(first).toMatchObject({ name: 'busy' });
    expect(first?.busiestThread).toBeGreaterThan(0.9);
    expect(second).toMatchObject({ name: 'idle' });
    expect(second?.busiestThread).toBeLessThan(0.5);
  });

  test('and of each arm where each has one', async () => {
    const running = await start({
      dependencies: [dependency({ start: 'node server.mjs', scope: 'per-arm' })],
      head: [dependency({ start: busy, scope: 'per-arm' })],
      folder: FIXTURES,
    });
    const uses = await busyFor(running);
    expect(uses.map(({ name, arm }) => `${name} of ${arm}`).sort()).toEqual(['db of base', 'db of head']);
    expect(uses.filter(({ busiestThread }) => (busiestThread ?? 0) > 0.9).map(({ arm }) => arm)).toEqual([
      'head',
    ]);
  });
});

/** Watches until a thread was seen that is busy all the time: a machine may be too full to start it at once. */
async function busyFor(running: RunningDependencies): Promise<readonly DependencyUse[]> {
  return await vi.waitFor(
    () => {
      const uses = running.startWatch();
      const until = performance.now() + 200;
      while (performance.now() < until);
      const seen = uses();
      expect(Math.max(...seen.map(({ busiestThread }) => busiestThread ?? 0))).toBeGreaterThan(0.9);
      return seen;
    },
    { timeout: 10_000 },
  );
}

async function failure(work: Promise<unknown>): Promise<UserError> {
  const outcome = await work.catch((error: unknown) => error);
  if (!(outcome instanceof UserError))
    throw new Error(`expected a UserError, got ${JSON.stringify(outcome)}`);
  return outcome;
}
