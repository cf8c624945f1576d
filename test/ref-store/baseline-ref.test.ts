import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type BaselineRef, fetchTree, pushChange, readBlobs } from '../../src/ref-store/baseline-ref.ts';
import { openSharedRuns } from '../../src/ref-store/shared-runs.ts';
import { FakeOrigin, git } from '../action/fake-origin.ts';

const SHOP = join(import.meta.dirname, '../action/fixtures/shop');
const REF = 'refs/spangate/baselines';

let origin: FakeOrigin;

beforeEach(() => {
  origin = new FakeOrigin(SHOP);
});

afterEach(() => origin[Symbol.dispose]());

/** A clone of depth 1, as a job of a CI has it. */
function place(ref = REF): BaselineRef {
  const directory = origin.checkout(origin.git('rev-parse', 'main'));
  return {
    git: { directory, inherited: { PATH: process.env.PATH, HOME: origin.folder } },
    remote: 'origin',
    ref,
  };
}

function adding(path: string, content: string | Uint8Array) {
  return { added: new Map([[path, Buffer.from(content)]]), removed: [], message: `Add ${path}` };
}

test('twelve writers at once lose nothing', async () => {
  const writers = Array.from({ length: 12 }, (_, index) => ({
    to: place(),
    path: `shop/machine/run-${index}.json.gz`,
  }));
  await Promise.all(writers.map(({ to, path }) => pushChange(to, adding(path, path))));
  const { blobs } = await fetchTree(place());
  expect([...blobs.keys()].toSorted()).toEqual(writers.map(({ path }) => path).toSorted());
}, 180_000);

test('writers and readers of one clone, or of its work trees, do not disturb each other', async () => {
  const clone = place();
  const workTree = join(clone.git.directory, '.work-tree');
  git(clone.git.directory, ['worktree', 'add', '--quiet', '--detach', workTree]);
  const beside: BaselineRef = { ...clone, git: { ...clone.git, directory: workTree } };
  const paths = Array.from({ length: 8 }, (_, index) => `shop/machine/run-${index}.json.gz`);
  const read = async () => {
    for (let reads = 0; reads < 8; reads += 1) await fetchTree(beside);
  };
  const writes = paths.map((path, index) => pushChange(index % 2 === 0 ? clone : beside, adding(path, path)));
  await Promise.all([...writes, read(), read()]);
  expect([...(await fetchTree(clone)).blobs.keys()].toSorted()).toEqual(paths);
}, 180_000);

test('writers that remove and writers that add at the same time both have their way', async () => {
  const old = Array.from({ length: 6 }, (_, index) => `shop/machine/old-${index}.json.gz`);
  for (const path of old) await pushChange(place(), adding(path, path));
  await Promise.all([
    ...old.map((path) => pushChange(place(), { added: new Map(), removed: [path], message: 'Remove' })),
    ...[1, 2, 3].map((n) => pushChange(place(), adding(`shop/machine/new-${n}.json.gz`, 'new'))),
  ]);
  const { blobs } = await fetchTree(place());
  expect([...blobs.keys()].toSorted()).toEqual([1, 2, 3].map((n) => `shop/machine/new-${n}.json.gz`));
}, 180_000);

test('every byte comes back, and the ref is one commit however often it was written', async () => {
  const bytes = Uint8Array.from({ length: 4096 }, (_, index) => (index * 7 + 10) % 256);
  await pushChange(place(), adding('shop/machine/a.json.gz', bytes));
  await pushChange(place(), adding('shop/machine/b.json.gz', '\n\n'));
  const reader = place();
  const { blobs, commit } = await fetchTree(reader);
  const contents = await readBlobs(reader, [...blobs.values()]);
  expect(contents.get(blobs.get('shop/machine/a.json.gz') ?? '')).toEqual(Buffer.from(bytes));
  expect(contents.get(blobs.get('shop/machine/b.json.gz') ?? '')).toEqual(Buffer.from('\n\n'));
  expect(git(reader.git.directory, ['rev-list', '--count', commit ?? ''])).toBe('1');
});

test('leaves work tree, index, branches and depth of the clone as they are', async () => {
  const to = place();
  const { directory } = to.git;
  writeFileSync(join(directory, 'server.mjs'), 'changed');
  const state = () =>
    [
      ['status', '--porcelain'],
      ['branch', '--all'],
      ['rev-list', '--count', 'HEAD'],
      ['stash', 'list'],
    ].map((args) => git(directory, args));
  const before = [...state(), readFileSync(join(directory, '.git/index'), 'hex')];
  await pushChange(to, adding('shop/machine/a.json.gz', 'a'));
  await fetchTree(to);
  expect([...state(), readFileSync(join(directory, '.git/index'), 'hex')]).toEqual(before);
});

test('a ref that somebody else uses is not replaced', async () => {
  await expect(pushChange(place('refs/heads/main'), adding('a/b/c.json.gz', 'a'))).rejects.toMatchObject({
    code: 'baseline-ref-foreign',
  });
  expect(origin.git('ls-remote', 'origin', 'refs/heads/main')).toContain(origin.git('rev-parse', 'main'));
});

test('a name that is protected is refused with what the server says', async () => {
  const hook = join(origin.folder, 'shop.git/hooks/pre-receive');
  writeFileSync(hook, '#!/bin/sh\necho "error: GH006: Protected branch update failed" >&2\nexit 1\n');
  chmodSync(hook, 0o755);
  await expect(pushChange(place('refs/heads/runs'), adding('a/b/c.json.gz', 'a'))).rejects.toMatchObject({
    code: 'baseline-ref-refused',
    hint: expect.stringContaining('refs/spangate/baselines'),
    detail: expect.arrayContaining([expect.stringContaining('GH006')]),
  });
});

/** Refuses so many pushes with what git says where the server is not well. */
function failingPushes(count: number): void {
  const hooks = join(origin.folder, 'shop.git/hooks');
  const said = 'error: RPC failed; HTTP 503 curl 22 The requested URL returned error: 503';
  writeFileSync(
    join(hooks, 'pre-receive'),
    `#!/bin/sh\necho x >> '${hooks}/pushes'\n[ $(wc -l < '${hooks}/pushes') -gt ${count} ] && exit 0\necho '${said}' >&2; exit 1\n`,
  );
  chmodSync(join(hooks, 'pre-receive'), 0o755);
}

test('a push that the network breaks is made again', async () => {
  failingPushes(3);
  await pushChange(place(), adding('shop/machine/a.json.gz', 'a'));
  expect((await fetchTree(place())).blobs.size).toBe(1);
});

test('a network that stays broken is told as that, and not as a right that is missing', async () => {
  failingPushes(4);
  await expect(pushChange(place(), adding('shop/machine/a.json.gz', 'a'))).rejects.toMatchObject({
    code: 'baseline-ref-refused',
    message: expect.stringContaining('could not be reached'),
    hint: expect.stringContaining('run the job again'),
  });
});

test('a remote that is not there is told with its name', async () => {
  await expect(fetchTree({ ...place(), remote: 'upstream' })).rejects.toMatchObject({
    code: 'baseline-ref-unreachable',
    message: expect.stringContaining('upstream'),
  });
});

test('folders and scenarios are kept apart, whatever they are called', async () => {
  const open = (project: string, scenario: string) =>
    openSharedRuns({
      place: place(),
      project,
      scenario,
      folder: join(origin.folder, 'runs', `${project}-${scenario}`.replaceAll('/', '+')),
    });
  const names = [
    ['', 'a'],
    ['services/a b', 'a'],
    ['services/a_b', 'a'],
    ['.hidden', 'a'],
    ['a', 'b'],
  ] as const;
  for (const [project, scenario] of names) {
    const runs = await open(project, scenario);
    expect(runs.count).toBe(0);
    const folder = join(origin.folder, 'runs', `${project}-${scenario}`.replaceAll('/', '+'), 'machine');
    git(origin.folder, ['init', '--quiet', folder]);
    writeFileSync(join(folder, 'run.json.gz'), project);
    expect(await runs.publish('Record')).toMatchObject({ added: 1, removed: 0 });
  }
  expect((await fetchTree(place())).blobs.size).toBe(names.length);
  for (const [project, scenario] of names) expect((await open(project, scenario)).count).toBe(1);
});
