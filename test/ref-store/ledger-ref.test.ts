import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from '../../src/cli.ts';
import { appendNote, readLedger } from '../../src/commands/ledger.ts';
import { appendToLedger, LEDGER_REF, readLedgerFiles } from '../../src/ref-store/ledger-ref.ts';
import type { World } from '../../src/world.ts';
import { FakeOrigin, git } from '../action/fake-origin.ts';
import { LIST, LISTS, ledgerRun, ROWS } from '../ledger/ledger-fixture.ts';

const SHOP = join(import.meta.dirname, '../action/fixtures/shop');

let origin: FakeOrigin;

beforeEach(() => {
  origin = new FakeOrigin(SHOP);
});

afterEach(() => origin[Symbol.dispose]());

/** In a clone of depth 1, as a job of a CI has it. */
function world(argv: readonly string[] = []): World & { readonly printed: () => string } {
  let text = '';
  const stream = { write: (part: string) => (text += part) };
  return {
    argv,
    cwd: origin.checkout(origin.git('rev-parse', 'main')),
    env: { PATH: process.env.PATH, HOME: origin.folder, NO_COLOR: '1' },
    stdout: stream,
    stderr: stream,
    now: () => new Date('2026-11-20T00:00:00Z'),
    signal: new AbortController().signal,
    onExit: () => () => {},
    printed: () => text,
  };
}

function place() {
  const { cwd, env, signal } = world();
  const git = { directory: cwd, inherited: env, signal };
  return { git, remote: 'origin', ref: LEDGER_REF, holds: 'ledger' as const };
}

test('eight jobs at once lose no line, and a list of rows that all have is kept once', async () => {
  const runs = Array.from({ length: 8 }, (_, index) => ledgerRun(index + 1));
  await Promise.all(runs.map((each) => appendNote(world(), { run: each, rows: LISTS })));
  const content = await readLedger(world());
  expect(content).toEqual({ runs, rows: LISTS, unread: 0 });
  const files = git(place().git.directory, ['ls-remote', 'origin', LEDGER_REF]);
  expect(files).toMatch(/^[0-9a-f]{40}\t/);
}, 180_000);

test('the oldest runs are removed, and lists that nobody names any more with them', async () => {
  const add = (day: number, list: string) =>
    appendToLedger(
      place(),
      { at: ledgerRun(day).at, run: JSON.stringify({ list }), lists: new Map([[list, '[]']]) },
      { most: 3, kept: 2 },
    );
  for (const [day, list] of ['aa', 'aa', 'bb', 'bb'].entries()) await add(day + 1, list);
  const { runs, lists } = await readLedgerFiles(place());
  expect(runs.map((text) => JSON.parse(text))).toEqual([{ list: 'bb' }, { list: 'bb' }]);
  expect([...lists.keys()]).toEqual(['bb']);
});

test('a line that is none of ours is counted, and the others are read', async () => {
  await appendNote(world(), { run: ledgerRun(1), rows: LISTS });
  for (const text of ['{"schemaVersion": 2}', 'torn {', '[]'])
    await appendToLedger(place(), { at: ledgerRun(2).at, run: text, lists: new Map() });
  expect(await readLedger(world())).toMatchObject({ runs: [ledgerRun(1)], unread: 3 });
});

test('spangate ledger tells what is there, and of the last days alone where it is asked to', async () => {
  await appendNote(world(), {
    run: ledgerRun(5, { scenario: { failed: [ROWS[0]] } }),
    rows: new Map([[LIST, ROWS]]),
  });
  await appendNote(world(), { run: ledgerRun(18), rows: new Map([[LIST, ROWS]]) });
  const all = world(['ledger']);
  expect(await run(all)).toBe(0);
  expect(all.printed()).toContain('ledger: 1 red run of 2');
  const last = world(['ledger', '--days', '7', '--runs', '1', '--format', 'json']);
  expect(await run(last)).toBe(0);
  expect(JSON.parse(last.printed())).toMatchObject({ runs: 1, reds: [], rows: [{ state: 'ready' }, {}] });
});

test('spangate ledger without a ledger says how one begins', async () => {
  const empty = world(['ledger']);
  expect(await run(empty)).toBe(0);
  expect(empty.printed()).toContain('the ledger has no run');
});

test('a remote that is not there is told with its name', async () => {
  const lost = world(['ledger', '--remote', 'upstream']);
  expect(await run(lost)).toBe(3);
  expect(lost.printed()).toContain('The ledger of refs/spangate/ledger cannot be fetched from upstream.');
});

test('a ref that somebody else uses is not replaced', async () => {
  writeFileSync(join(origin.work, 'mine'), '');
  origin.git('push', '--quiet', 'origin', `main:${LEDGER_REF}`);
  await expect(appendNote(world(), { run: ledgerRun(1), rows: LISTS })).rejects.toMatchObject({
    code: 'baseline-ref-foreign',
    where: LEDGER_REF,
  });
});
