import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Proposal, pushProposal } from '../../src/ref-store/proposed-branch.ts';
import { FakeOrigin, git } from '../action/fake-origin.ts';

const SHOP = join(import.meta.dirname, '../action/fixtures/shop');

let origin: FakeOrigin;
/** Of depth 1, as a job of a CI has it. */
let clone: string;

beforeEach(() => {
  origin = new FakeOrigin(SHOP);
  clone = origin.checkout(origin.git('rev-parse', 'main'));
  write('baseline.json', 'new');
  write('baseline.history/machine/run.json.gz', 'run');
});

afterEach(() => origin[Symbol.dispose]());

function write(file: string, text: string): void {
  mkdirSync(join(clone, '.spangate/baseline.history/machine'), { recursive: true });
  writeFileSync(join(clone, '.spangate', file), text);
}

function proposal(message = 'Record'): Proposal {
  const inherited = { PATH: process.env.PATH, HOME: origin.folder };
  const paths = ['baseline.json', 'baseline.history', 'gone.json'].map((each) =>
    join(clone, '.spangate', each),
  );
  return {
    git: { directory: clone, inherited },
    remote: 'origin',
    branch: 'spangate/baseline',
    paths,
    message,
  };
}

/** Files of the branch beyond those of main. */
function proposed(): string {
  origin.git('fetch', '--quiet', 'origin', '+spangate/baseline:refs/proposed');
  return origin.git('diff', '--name-status', 'main', 'refs/proposed');
}

test('the baseline is one commit on top of what was measured, ignored files included, and nothing else', async () => {
  writeFileSync(join(clone, '.gitignore'), '.spangate\n');
  writeFileSync(join(clone, 'server.mjs'), 'changed by set-up');
  const state = () => [git(clone, ['status', '--porcelain']), git(clone, ['branch'])];
  const before = state();
  expect(await pushProposal(proposal())).toBe(true);
  expect(proposed()).toBe('A\t.spangate/baseline.history/machine/run.json.gz\nA\t.spangate/baseline.json');
  expect(origin.git('rev-parse', 'refs/proposed^')).toBe(origin.git('rev-parse', 'main'));
  expect(state()).toEqual(before);
});

test('the next record replaces it', async () => {
  await pushProposal(proposal());
  rmSync(join(clone, '.spangate/baseline.history'), { recursive: true });
  write('baseline.json', 'newer');
  expect(await pushProposal(proposal('Record again'))).toBe(true);
  expect(proposed()).toBe('A\t.spangate/baseline.json');
  expect(origin.git('log', '-1', '--format=%s', 'refs/proposed')).toBe('Record again');
});

test('a baseline that is committed as it is opens nothing', async () => {
  await pushProposal(proposal());
  proposed();
  origin.git('merge', '--quiet', 'refs/proposed');
  origin.push('main');
  clone = origin.checkout(origin.git('rev-parse', 'main'));
  expect(await pushProposal(proposal())).toBe(false);
});

test('a branch that is protected is refused with what the server says', async () => {
  const hook = join(origin.folder, 'shop.git/hooks/pre-receive');
  writeFileSync(hook, '#!/bin/sh\necho "error: GH006: Protected branch update failed" >&2\nexit 1\n');
  chmodSync(hook, 0o755);
  await expect(pushProposal(proposal())).rejects.toMatchObject({
    code: 'baseline-branch-refused',
    hint: expect.stringContaining('contents: write'),
    detail: expect.arrayContaining([expect.stringContaining('GH006')]),
  });
});
