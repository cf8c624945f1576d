import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { askGit } from '../../../src/runner/checkout/git.ts';
import { GIT_ENVIRONMENT } from './git-bench.ts';

test('what git has not done in time says so', async () => {
  const git = { directory: tmpdir(), inherited: GIT_ENVIRONMENT };
  // It reads an input that never ends.
  const answer = await askGit(git, ['hash-object', '--stdin'], { timeoutMs: 50 });
  expect(answer).toMatchObject({ code: null, errors: expect.stringContaining('Not done after 0.05 s.') });
});
