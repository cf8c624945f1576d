import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readCommitWaivers } from '../../src/commands/commit-waivers.ts';
import {
  createRepository,
  GIT_ENVIRONMENT,
  type GitBench,
  git,
  openGitBench,
  write,
} from '../runner/checkout/git-bench.ts';

let bench: GitBench;
let directory: string;
let base: string;

beforeEach(() => {
  bench = openGitBench();
  directory = join(bench.folder, 'repository');
  base = createRepository(directory);
});

afterEach(async () => {
  await bench[Symbol.asyncDispose]();
});

/** @returns the hash */
function commitWith(message: string): string {
  write(bench.folder, { message });
  const file = join(bench.folder, 'message');
  git(directory, 'commit', '--quiet', '--allow-empty', '--cleanup', 'verbatim', '--file', file);
  return git(directory, 'rev-parse', 'HEAD');
}

const read = async (folder = directory) =>
  await readCommitWaivers(
    { directory: folder, inherited: GIT_ENVIRONMENT },
    { base, head: git(folder, 'rev-parse', 'HEAD') },
  );

const ACCEPT = 'Spangate-Accept: p50 of summarize until 2026-12-31: known';

describe('waivers in commits', () => {
  test('are those of head that base does not have, with their commit', async () => {
    commitWith(`earlier\n\n${ACCEPT}\n`);
    base = git(directory, 'rev-parse', 'HEAD');
    const sha = commitWith(
      'Read orders from the replica\n\nIt has more memory.\n\nSpangate-Accept: p50, calls of "SELECT orders" in "list orders"\n until 2026-12-31: index moved\n to the replica\nSigned-off-by: t <t@example.org>\n',
    );
    const fields = {
      ...{ operation: 'list orders', span: 'SELECT orders', service: null },
      ...{ reason: 'index moved to the replica', expires: '2026-12-31', source: { kind: 'commit', sha } },
    };
    expect(await read()).toEqual({
      waivers: [
        { ...fields, quantity: 'p50' },
        { ...fields, quantity: 'calls' },
      ],
      warnings: [],
    });
  });

  test('that say the same are listed once, with the newest commit', async () => {
    commitWith(`first\n\n${ACCEPT}\n`);
    const second = commitWith(`fixup! first\n\n${ACCEPT}\n`);
    const { waivers } = await read();
    expect(waivers.map(({ source }) => source)).toEqual([{ kind: 'commit', sha: second }]);
  });

  test('of a branch count through the commit that merges it', async () => {
    git(directory, 'switch', '--quiet', '--create', 'feature');
    const sha = commitWith(`change\n\n${ACCEPT}\n`);
    git(directory, 'switch', '--quiet', 'main');
    commitWith(`other work on main\n\n${ACCEPT.replace('summarize', 'elsewhere')}\n`);
    base = git(directory, 'rev-parse', 'HEAD');
    git(directory, 'merge', '--quiet', '--no-ff', '--message', 'Merge', 'feature');
    const { waivers } = await read();
    expect(waivers.map(({ span, source }) => [span, source])).toEqual([
      ['summarize', { kind: 'commit', sha }],
    ]);
  });

  test.each([
    [
      'with a mistake',
      'x\n\nspangate-accept: p5O of summarize until 2026-12-31: known\n',
      'accepts nothing by "spangate-accept: p5O of summarize until 2026-12-31: known": "p5O" is no quantity, did you mean p50?.',
    ],
    [
      'with a mistyped name',
      `x\n\n${ACCEPT.replace('Accept', 'Acept')}\n`,
      'accepts nothing by "Spangate-Acept: p50 of summarize until 2026-12-31: known": the only trailer is Spangate-Accept.',
    ],
    [
      'in the middle of a message',
      `x\n\n${ACCEPT}\n\n* more words\n  and more\n`,
      'accepts nothing by "Spangate-Accept: p50 of summarize until 2026-12-31: known": it is not in the last paragraph of the message, where git looks for trailers; that paragraph holds nothing else.',
    ],
  ])('%s are a warning that names the commit', async (_, message, text) => {
    const sha = commitWith(message);
    expect(await read()).toEqual({
      waivers: [],
      warnings: [{ code: 'waiver-not-read', message: `Commit ${sha.slice(0, 7)} ${text}` }],
    });
  });

  test('are data, whatever a message holds', async () => {
    commitWith(`$(touch owned) \`x\`\n\n\u0001\u0002Spangate-Accept: a\u0001Spangate-Accept: b\n${ACCEPT}\n`);
    commitWith(`--help\n\n${'Spangate-Accept: ;rm -rf /\n'.repeat(40)}`);
    const { waivers, warnings } = await read();
    expect(waivers.length).toBeLessThanOrEqual(1);
    expect(warnings).toHaveLength(11);
    expect(warnings.at(-1)?.message).toMatch(/^\d+ more trailers of these commits could not be read\.$/);
    expect(git(directory, 'status', '--porcelain')).toBe('');
  });

  test('of a shallow clone are told to be perhaps not all', async () => {
    commitWith(`first\n\n${ACCEPT}\n`);
    commitWith('second');
    const clone = join(bench.folder, 'clone');
    git(bench.folder, 'clone', '--quiet', '--depth', '1', `file://${directory}`, clone);
    git(clone, 'fetch', '--quiet', '--depth', '1', 'origin', base);
    const { waivers, warnings } = await read(clone);
    expect(waivers).toEqual([]);
    expect(warnings.map(({ code }) => code)).toEqual(['commits-not-fetched']);
  });
});
