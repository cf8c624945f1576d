import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventBase } from '../../src/action/event-base.ts';
import { openGitHub } from '../../src/github/rest-client.ts';
import { triggerOf } from '../../src/github/trigger.ts';
import { FakeGitHub } from './fake-github.ts';
import { FakeOrigin, git, pullRequestPayload } from './fake-origin.ts';
import { BundledAction, FakeRunner } from './fake-runner.ts';

const SHOP = join(import.meta.dirname, 'fixtures/shop');

let origin: FakeOrigin;
let github: FakeGitHub;
let began: string;
let headSha: string;

beforeEach(async () => {
  origin = new FakeOrigin(SHOP);
  github = await new FakeGitHub().listen();
  began = origin.git('rev-parse', 'main');
  origin.git('checkout', '--quiet', '-b', 'change');
  origin.edit('server.mjs', (text) => text.replace("'{}'", "'[]'"));
  headSha = origin.commit('Answer with a list');
  origin.push('change');
  origin.git('checkout', '--quiet', 'main');
  origin.commit('main went on');
  origin.push('main');
});

afterEach(async () => {
  origin[Symbol.dispose]();
  await github[Symbol.asyncDispose]();
});

function find(directory: string, { token = github.token }: { readonly token?: string } = {}) {
  const payload = pullRequestPayload({ number: 1, headSha, commits: 1 });
  const env = {
    GITHUB_EVENT_NAME: 'pull_request',
    GITHUB_REPOSITORY: 'acme/shop',
    GITHUB_API_URL: github.url,
  };
  const { signal } = new AbortController();
  return eventBase({
    git: { directory, inherited: { PATH: process.env.PATH, HOME: origin.folder } },
    trigger: triggerOf(env, payload),
    github: openGitHub({ token, env, signal }),
  });
}

/** The files of the change in a repository that knows nothing of where they come from, as from a tarball. */
function withoutHistory(): string {
  const folder = origin.checkout(headSha, null);
  git(folder, ['checkout', '--quiet', '--orphan', 'exported']);
  git(folder, ['commit', '--quiet', '--message', 'exported']);
  return folder;
}

test('git is asked alone where it knows the history', async () => {
  expect(await find(origin.checkout(headSha))).toEqual({ sha: began, how: 'where HEAD left main' });
  expect(github.requests).toEqual([]);
});

test('GitHub says where a change began whose history is not here', async () => {
  github.mergeBases.set(`main...${headSha}`, began);
  const clone = withoutHistory();
  expect(await find(clone)).toEqual({
    sha: began,
    how: `where ${headSha.slice(0, 10)} left main, as GitHub's compare says: the history is not in this clone`,
  });
  expect(git(clone, ['cat-file', '-t', began])).toBe('commit');
});

test('the commit is fetched by its hash alone where it is further away than a clone is deepened', async () => {
  // More than all steps of deepening together.
  const who = 'committer Ada <ada@example.org> 1767225600 +0000';
  const commits = Array.from({ length: 4500 }, (_, index) => {
    return `commit refs/heads/long\n${who}\ndata 1\nx\n${index === 0 ? `from ${headSha}\n` : ''}`;
  });
  execFileSync('git', ['fast-import', '--quiet'], { cwd: origin.work, input: commits.join('\n') });
  headSha = origin.git('rev-parse', 'long');
  origin.push('long');
  github.mergeBases.set(`main...${headSha}`, began);
  const clone = origin.checkout(headSha);
  expect((await find(clone)).how).toContain("as GitHub's compare says");
  expect(git(clone, ['cat-file', '-t', began])).toBe('commit');
  expect(git(clone, ['rev-list', '--count', began])).toBe('1');
}, 120_000);

const ANSWERS = [
  [404, 'Not Found', /^Fetch the history/],
  [403, 'Resource not accessible by integration', /the job needs contents: read\.$/],
] as const;

test.each(ANSWERS)('an answer of %i is named, with what to do', async (status, message, hint) => {
  github.faults.push({ method: 'GET', path: /\/compare\//, status, message });
  await expect(find(withoutHistory())).rejects.toMatchObject({
    code: 'base-not-found',
    hint: expect.stringMatching(hint),
    detail: expect.arrayContaining([expect.stringContaining(`does not say either (${status}: ${message}`)]),
  });
});

test('a commit that GitHub names and does not hand out is not found', async () => {
  github.mergeBases.set(`main...${headSha}`, 'f'.repeat(40));
  await expect(find(withoutHistory())).rejects.toMatchObject({ code: 'base-not-found' });
});

test('without a token there is git alone', async () => {
  await expect(find(withoutHistory(), { token: '' })).rejects.toMatchObject({ code: 'base-not-found' });
  expect(github.requests).toEqual([]);
});

test('the action gates a change without history, and its log says whose word base is', async () => {
  using action = new BundledAction();
  using runner = new FakeRunner(action, github);
  github.mergeBases.set(`main...${headSha}`, began);
  const payload = pullRequestPayload({ number: 1, headSha, commits: 1 });
  const step = await runner.run({ event: 'pull_request', payload, workspace: withoutHistory() });
  expect(step, step.log).toMatchObject({ code: 0, survivors: [], outputs: { verdict: 'pass' } });
  expect(step.log).toContain(
    `base is ${began.slice(0, 10)}, where ${headSha.slice(0, 10)} left main, as GitHub's compare`,
  );
}, 120_000);
