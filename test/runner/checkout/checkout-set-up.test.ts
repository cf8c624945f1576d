import { chmodSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Dependency, Scenario, Service } from '../../../src/config.ts';
import { EXIT, type UserError } from '../../../src/errors.ts';
import { checkOutBase, checkOutHead } from '../../../src/runner/base-checkout.ts';
import { checkoutEnvironment } from '../../../src/runner/checkout/checkout-environment.ts';
import {
  type CheckoutSetUpOptions,
  checkoutSetUp,
  checkoutWarnings,
  scenarioAt,
} from '../../../src/runner/checkout/checkout-set-up.ts';
import { nodeOnPath } from '../../../src/runner/checkout/node-on-path.ts';
import { dependency, service } from '../process-bench.ts';
import {
  checkoutsIn,
  commit,
  createRepository,
  GIT_ENVIRONMENT,
  type GitBench,
  git,
  openGitBench,
  worktreesOf,
  write,
} from './git-bench.ts';

let bench: GitBench;
let repository: string;
let steps: string[];

beforeEach(() => {
  bench = openGitBench();
  repository = join(bench.folder, 'project');
  createRepository(repository, { '.gitignore': 'built\n', 'api/server.js': '1\n' });
  steps = [];
});

afterEach(async () => {
  await bench[Symbol.asyncDispose]();
});

const api = (changes: Partial<Service> = {}) =>
  service('node server.js', { directory: join(repository, 'api'), ...changes });

function scenario(services: readonly Service[], dependencies: readonly Dependency[] = []): Scenario {
  return {
    name: 'default',
    services,
    dependencies,
    load: {
      ...{ model: 'closed', service: 'api', connections: 1, timeoutSeconds: 10, login: null, requests: [] },
      ...{ maxWrites: 1, seed: 1, directory: repository },
    },
    rounds: {
      count: 1,
      instances: 1,
      durationSeconds: 1,
      warmUp: { kind: 'fixed', seconds: 0 },
      budgetSeconds: 1,
      together: {
        ...{ instances: 1, screen: 1, confirm: 1, atMost: 2, durationSeconds: 1 },
        ...{ budgetSeconds: 1, probe: null },
      },
    },
    policy: {} as Scenario['policy'],
    baseline: { kind: 'file', path: join(repository, 'baseline.json'), maxAgeSeconds: 1, history: 0 },
  };
}

function options(
  scenarios: readonly Scenario[],
  more: Partial<CheckoutSetUpOptions> = {},
): CheckoutSetUpOptions {
  return {
    ...{ arm: 'base', scenarios, workTree: repository, registry: bench.registry, inherited: GIT_ENVIRONMENT },
    node: 'v20.19.0',
    logDirectory: join(bench.folder, 'logs'),
    progress: { step: (text) => steps.push(text), round() {}, phase() {}, live() {} },
    ...more,
  };
}

async function failure(settings: CheckoutSetUpOptions): Promise<UserError> {
  const setUp = checkoutSetUp(settings);
  const error = await checkOutBase({ ...bench.options(repository, { setUp }), ref: 'HEAD' }).then(
    () => null,
    (reason) => reason,
  );
  expect(checkoutsIn(bench.cache)).toEqual([]);
  expect(worktreesOf(repository)).toEqual([repository]);
  return error;
}

describe('the set-up of a checkout', () => {
  test('runs the commands of its services in their folders of the checkout, each once', async () => {
    const setup = 'echo $NAME >> built';
    const one = api({ setup, env: { NAME: 'one' } });
    const setUp = checkoutSetUp(
      options([scenario([one]), scenario([one, api({ setup, env: { NAME: 'two' } })])]),
    );
    await using base = await checkOutBase({ ...bench.options(repository, { setUp }), ref: 'HEAD' });
    expect(readFileSync(join(base.directory, 'api', 'built'), 'utf8')).toBe('one\ntwo\n');
    expect(existsSync(join(repository, 'api', 'built'))).toBe(false);
    expect(steps).toEqual([`base: api: ${setup}`, `base: api: ${setup}`]);
  });

  test('asks what installs hooks to leave those of the work tree alone', async () => {
    const setup = 'echo "$HUSKY $SKIP_INSTALL_SIMPLE_GIT_HOOKS" > built';
    const setUp = checkoutSetUp(options([scenario([api({ setup })])]));
    await using base = await checkOutBase({ ...bench.options(repository, { setUp }), ref: 'HEAD' });
    expect(readFileSync(join(base.directory, 'api', 'built'), 'utf8')).toBe('0 1\n');
  });

  test('is another one for another command, folder, variable or Node, and the same for the other arm', () => {
    const key = (services: readonly Service[], more: Partial<CheckoutSetUpOptions> = {}) =>
      checkoutSetUp(options([scenario(services)], more)).key;
    const plain = key([api({ setup: 'npm ci' })]);
    expect(key([api({ setup: 'npm ci' })], { arm: 'head' })).toBe(plain);
    expect(key([api({ setup: 'npm ci' })], { node: 'v22.11.0' })).not.toBe(plain);
    expect(key([api({ setup: 'npm install' })])).not.toBe(plain);
    expect(key([api({ setup: 'npm ci', directory: repository })])).not.toBe(plain);
    expect(key([api({ setup: 'npm ci', env: { NODE_ENV: 'production' } })])).not.toBe(plain);
  });

  test('runs with the Node of the PATH, whichever spangate runs with', async () => {
    const bin = join(bench.folder, 'bin');
    write(bin, { node: '#!/bin/sh\necho v98.7.6\n' });
    chmodSync(join(bin, 'node'), 0o755);
    expect(await nodeOnPath(bench.folder, { PATH: bin })).toBe('v98.7.6');
    expect(await nodeOnPath(bench.folder, { PATH: join(bench.folder, 'nothing') })).toBe('none');
  });

  test('that fails says so of the base, with the last lines, and leaves nothing', async () => {
    const setup = 'echo compiling; echo "error TS2304: Cannot find name" >&2; exit 2';
    const error = await failure(options([scenario([api({ setup })])]));
    expect(error).toMatchObject({ code: 'base-setup-failed', exitCode: EXIT.couldNotMeasure });
    expect(error.message).toContain(git(repository, 'rev-parse', '--short=10', 'HEAD'));
    expect(error.message).toContain('exited with 2');
    expect(error.detail).toEqual(['compiling', 'error TS2304: Cannot find name']);
  });

  test('that fails names a submodule that is not there', async () => {
    createRepository(join(bench.folder, 'library'));
    const from = join(bench.folder, 'library');
    git(repository, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', from, 'vendor');
    commit(repository, {});
    const error = await failure(options([scenario([api({ setup: 'exit 1' })])]));
    expect(error.detail.join()).toContain('These submodules are not in the checkout: vendor.');
  });

  test('that fills the disk says so', async () => {
    const setup = 'echo "npm error code ENOSPC" >&2; exit 228';
    expect(await failure(options([scenario([api({ setup })])]))).toMatchObject({ code: 'disk-full' });
  });

  test('needs the folders of the services', async () => {
    const error = await failure(
      options([scenario([api({ name: 'new', directory: join(repository, 'new') })])]),
    );
    expect(error).toMatchObject({ code: 'folder-missing', exitCode: EXIT.couldNotMeasure });
    expect(error.message).toMatch(/^The base \([0-9a-f]{10}\) has no folder for the service new\.$/);
  });

  test('of both arms at once keeps them apart', async () => {
    write(repository, { 'api/server.js': '2\n' });
    const setup = 'cp server.js built';
    const setUp = (arm: 'base' | 'head') =>
      checkoutSetUp(
        options([scenario([api({ setup })])], { arm, logDirectory: join(bench.folder, 'logs', arm) }),
      );
    const [base, head] = await Promise.all([
      checkOutBase({ ...bench.options(repository, { setUp: setUp('base') }), ref: 'HEAD' }),
      checkOutHead(bench.options(repository, { setUp: setUp('head') })),
    ]);
    expect(readFileSync(join(base.directory, 'api', 'built'), 'utf8')).toBe('1\n');
    expect(readFileSync(join(head.directory, 'api', 'built'), 'utf8')).toBe('2\n');
    await Promise.all([base[Symbol.asyncDispose](), head[Symbol.asyncDispose]()]);
  });
});

describe('a scenario in a checkout', () => {
  test('has its services and dependencies there, and all else where it was', () => {
    const before = scenario(
      [api(), api({ directory: repository })],
      [
        dependency({ name: 'db', directory: join(repository, 'db') }),
        dependency({ name: 'shared', directory: '/opt/shared' }),
      ],
    );
    const after = scenarioAt(before, { from: repository, to: '/arms/one' });
    expect(after.services.map((each) => each.directory)).toEqual(['/arms/one/api', '/arms/one']);
    expect(after.dependencies.map((each) => each.directory)).toEqual(['/arms/one/db', '/opt/shared']);
    expect(after.load).toBe(before.load);
    expect(after.baseline).toBe(before.baseline);
  });

  test('is found through a link to the work tree', () => {
    const link = join(bench.folder, 'link');
    symlinkSync(repository, link);
    const moved = scenarioAt(scenario([api({ directory: join(link, 'api') })]), {
      from: repository,
      to: '/arms/one',
    });
    expect(moved.services[0]?.directory).toBe('/arms/one/api');
  });

  test('cannot be outside the repository, where both arms would be the same files', () => {
    const outside = scenario([api({ directory: bench.folder })]);
    expect(() => scenarioAt(outside, { from: repository, to: '/arms/one' })).toThrow(
      expect.objectContaining({ code: 'service-outside-repository' }),
    );
  });

  test('warns of absolute paths into the work tree, and of packages that nothing installs', () => {
    write(repository, { 'api/package.json': '{"dependencies": {"express": "5"}}' });
    const warnings = (changes: Partial<Service>) =>
      checkoutWarnings([scenario([api(changes)])], {
        ...{ workTree: repository, directory: repository, inherited: {} },
      }).map((each) => each.code);
    expect(warnings({ env: { DATA: `${repository}/data.json` } })).toEqual([
      'path-into-work-tree',
      'packages-not-installed',
    ]);
    expect(warnings({ setup: 'npm ci', env: { DATA: 'data.json', OTHER: `${repository}-2/x` } })).toEqual([]);
    write(repository, { 'node_modules/express/index.js': '' });
    expect(warnings({})).toEqual([]);
  });

  test('warns of whatever leads into the work tree: commands, variables, folders of programs', () => {
    const inherited = {
      PATH: `/usr/bin:${repository}/.venv/bin`,
      PWD: repository,
      GITHUB_WORKSPACE: repository,
      RUNNER_TEMP: '/tmp',
    };
    const start = 'node "$GITHUB_WORKSPACE/api/dist/server.js" --pid "$PWD/pid" --cache $RUNNER_TEMP';
    const database = dependency({ name: 'db', migrate: `node ${repository}/db/migrate.js` });
    const found = checkoutWarnings([scenario([api({ start, setup: 'npm ci' })], [database])], {
      ...{ workTree: repository, directory: repository, inherited },
    });
    expect(found.map(({ code }) => code)).toEqual(Array(3).fill('path-into-work-tree'));
    expect(found.map(({ message }) => message.split(',')[0])).toEqual([
      `PATH names ${repository}/.venv/bin of the work tree`,
      'services.api.start names a file of the work tree by $GITHUB_WORKSPACE',
      'dependencies.db.migrate names a file of the work tree by its absolute path',
    ]);
  });

  test('is another one where a variable differs that builds read', () => {
    const keyWith = (inherited: Record<string, string>) =>
      checkoutSetUp(options([scenario([api()])], { inherited })).key;
    expect(keyWith({ NODE_ENV: 'production' })).not.toBe(keyWith({}));
    expect(keyWith({ EDITOR: 'vi' })).toBe(keyWith({}));
  });
});

test('npm puts the programs of the work tree in front of PATH, where checkouts do not look', () => {
  const at = (folder: string) => join(folder, 'node_modules', '.bin');
  const PATH = [at('/w/app/api'), at('/w/app'), at('/w'), at('/'), '/usr/bin', at('/opt/tools')].join(':');
  expect(checkoutEnvironment({ PATH, HOME: '/w' }, ['/w/app/api', '/w/app'])).toEqual({
    PATH: `/usr/bin:${at('/opt/tools')}`,
    HOME: '/w',
  });
  expect(checkoutEnvironment({ HOME: '/w' }, ['/w'])).toEqual({ HOME: '/w' });
});
