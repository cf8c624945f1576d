import { afterEach, describe, expect, test } from 'vitest';
import { type CheckAnnotation, type CheckRun, writeCheckRun } from '../../src/github/check-run.ts';
import { openOrUpdate } from '../../src/github/own-pull-request.ts';
import { postingProblem } from '../../src/github/posting-problem.ts';
import { pullRequestsOf } from '../../src/github/pull-requests.ts';
import { type GitHub, openGitHub } from '../../src/github/rest-client.ts';
import { type Annotation, shownOf } from '../../src/github/runner-door.ts';
import { markerOf, writeSticky } from '../../src/github/sticky-comment.ts';
import { FakeGitHub, type FakeGitHubOptions } from '../action/fake-github.ts';

const marker = markerOf('default');
const COMMENT = { pullRequest: 7, marker, body: `${marker}\nnew`, onlyUpdate: false };

let server: FakeGitHub;

afterEach(async () => {
  await server?.[Symbol.asyncDispose]();
});

async function serving(options: FakeGitHubOptions = {}, token?: string): Promise<GitHub> {
  server = await new FakeGitHub(options).listen();
  const env = { GITHUB_API_URL: server.url, GITHUB_REPOSITORY: 'acme/shop' };
  const github = openGitHub({ token: token ?? server.token, env, signal: new AbortController().signal });
  if (github === null) throw new Error('no client');
  return github;
}

/** The sentence that says why a comment could not be written. */
async function problemOf(github: GitHub, isFork = false, comment = COMMENT): Promise<string> {
  try {
    await writeSticky(github, comment);
    return 'none';
  } catch (error) {
    return postingProblem({ what: 'The comment', error, isFork });
  }
}

describe('the sticky comment', () => {
  test('is written once, and written anew after that', async () => {
    const github = await serving();
    expect(await writeSticky(github, COMMENT)).toMatchObject({ state: 'created' });
    expect(await writeSticky(github, { ...COMMENT, body: `${marker}\nnewer` })).toMatchObject({
      state: 'updated',
    });
    expect(server.comments.map(({ body }) => body)).toEqual([`${marker}\nnewer`]);
  });

  test('is found on the last of many pages', async () => {
    const github = await serving({ pageSize: 3 });
    for (let n = 0; n < 10; n += 1) server.addComment('ada', `comment ${n}`);
    server.addComment('github-actions[bot]', `${marker}\nold`);
    await writeSticky(github, COMMENT);
    expect(server.comments).toHaveLength(11);
    expect(server.comments.at(-1)?.body).toBe(COMMENT.body);
  });

  test('is not one in which a user has planted the marker', async () => {
    const github = await serving();
    server.addComment('mallory', `${marker}\nmine`);
    expect(await writeSticky(github, COMMENT)).toMatchObject({ state: 'created' });
    expect(server.comments[0]?.body).toBe(`${marker}\nmine`);
  });

  test('of another key is another one', async () => {
    const github = await serving();
    await writeSticky(github, COMMENT);
    const other = markerOf('orders');
    await writeSticky(github, { ...COMMENT, marker: other, body: `${other}\nnew` });
    expect(server.comments).toHaveLength(2);
  });

  test('is not begun where nothing has to be told, and kept up to date all the same', async () => {
    const github = await serving();
    expect(await writeSticky(github, { ...COMMENT, onlyUpdate: true })).toBeNull();
    await writeSticky(github, COMMENT);
    expect(await writeSticky(github, { ...COMMENT, onlyUpdate: true })).toMatchObject({ state: 'updated' });
  });

  test('is begun anew where somebody has deleted it meanwhile', async () => {
    const github = await serving();
    await writeSticky(github, COMMENT);
    server.faults.push({ method: 'PATCH', path: /comments/, status: 404, message: 'Not Found' });
    expect(await writeSticky(github, COMMENT)).toMatchObject({ state: 'created' });
  });

  test('waits where GitHub asks to, and tries again', async () => {
    const github = await serving();
    server.faults.push(
      {
        method: 'POST',
        path: /comments/,
        status: 403,
        headers: { 'retry-after': '0' },
        message: 'secondary rate limit',
      },
      { method: 'POST', path: /comments/, status: 429, headers: { 'retry-after': '0' }, message: 'too many' },
    );
    expect(await writeSticky(github, COMMENT)).toMatchObject({ state: 'created' });
    expect(server.comments).toHaveLength(1);
  });

  test('works below the base path of GitHub Enterprise', async () => {
    const github = await serving({ basePath: '/api/v3', pageSize: 1 });
    server.addComment('ada', 'first');
    await writeSticky(github, COMMENT);
    await writeSticky(github, COMMENT);
    expect(server.comments).toHaveLength(2);
  });
});

describe('what could not be posted is told', () => {
  test('with the permission that is missing', async () => {
    const github = await serving({ canWrite: false });
    expect(await problemOf(github)).toBe(
      'The comment was not posted (GitHub answered 403: Resource not accessible by integration). Give the job this permission: pull-requests: write. The report is in the job summary.',
    );
  });

  test('with what a fork can do', async () => {
    const github = await serving({ canWrite: false });
    expect(await problemOf(github, true)).toContain('post from a workflow_run with mode: report');
  });

  test('where it was too long', async () => {
    const github = await serving();
    const comment = { ...COMMENT, body: `${marker}\n${'x'.repeat(66_000)}` };
    expect(await problemOf(github, false, comment)).toMatch(
      /^The comment was not posted \(GitHub answered 422: .*too long/,
    );
  });

  test('where the token is wrong', async () => {
    const github = await serving({}, 'ghs_other');
    expect(await problemOf(github)).toContain('The github-token is not valid.');
  });

  test('where the limit of requests is used up for long', async () => {
    const github = await serving();
    const headers = { 'retry-after': '3600', 'x-ratelimit-remaining': '0' };
    server.faults.push({
      method: 'GET',
      path: /comments/,
      status: 403,
      headers,
      message: 'API rate limit exceeded',
    });
    expect(await problemOf(github)).toContain('The limit of requests is used up for now.');
  });

  test('where there is no such API', async () => {
    const github = await serving();
    server.faults.push({ method: 'GET', path: /comments/, status: 404, message: 'Not Found' });
    expect(await problemOf(github)).toContain('GitHub answered 404: Not Found');
  });
});

describe('a check run', () => {
  const CHECK: CheckRun = {
    name: 'spangate',
    headSha: 'a'.repeat(40),
    conclusion: 'failure',
    title: 'fail',
    summary: 'report',
    annotations: [],
    detailsUrl: 'https://github.test/run',
  };
  const annotations = Array.from({ length: 120 }, (_, n): CheckAnnotation => {
    return { path: 'spangate.yml', line: n + 1, level: 'failure', title: 'limit', message: `limit ${n}` };
  });

  test('has all its annotations, fifty a request', async () => {
    const github = await serving();
    await writeCheckRun(github, { ...CHECK, annotations });
    expect(server.requests).toEqual([
      'POST /repos/acme/shop/check-runs',
      ...Array.from({ length: 2 }, () => 'PATCH /repos/acme/shop/check-runs/1'),
    ]);
    expect(server.checkRuns).toMatchObject([
      {
        name: 'spangate',
        head_sha: CHECK.headSha,
        conclusion: 'failure',
        output: { title: 'fail', summary: 'report' },
      },
    ]);
    expect(server.checkRuns[0]?.annotations.map(({ start_line }) => start_line)).toEqual(
      annotations.map(({ line }) => line),
    );
  });

  test('is cut to what GitHub takes', async () => {
    const github = await serving();
    await writeCheckRun(github, { ...CHECK, title: 'x'.repeat(999), summary: 'x'.repeat(99_999) });
    expect(server.checkRuns[0]?.output.title).toHaveLength(255);
  });

  test('that may not be written is told with the permission that is missing', async () => {
    const github = await serving({ canWrite: false });
    const error = await writeCheckRun(github, CHECK).catch((thrown: unknown) => thrown);
    expect(postingProblem({ what: 'The check run', error, isFork: false })).toContain(
      'Give the job this permission: checks: write.',
    );
    expect(
      postingProblem({ what: 'It', error: { status: 403 }, isFork: false, needs: 'checks=write' }),
    ).toContain('checks: write');
  });
});

describe('the pull request of a branch of ours', () => {
  const OWN = { branch: 'spangate/baseline', base: 'main', title: 'Record a', body: 'text' };

  test('is opened once, and brought up to date after that', async () => {
    const github = await serving();
    server.pullRequests.push({ number: 1, headSha: 'a'.repeat(40), isListedByCommit: true });
    expect(await openOrUpdate(github, OWN)).toMatch(/pull\/2$/);
    expect(await openOrUpdate(github, { ...OWN, title: 'Record b' })).toMatch(/pull\/2$/);
    expect(server.pullRequests).toMatchObject([{ number: 1 }, { branch: OWN.branch, title: 'Record b' }]);
  });

  test('that may not be opened is told with what GitHub says', async () => {
    const github = await serving({ canWrite: false });
    const error = await openOrUpdate(github, OWN).catch((thrown: unknown) => thrown);
    expect(postingProblem({ what: 'The pull request', error, isFork: false })).toContain(
      'not permitted to create or approve pull requests',
    );
  });
});

describe('pull requests of a commit', () => {
  const headSha = 'd'.repeat(40);

  test('are found where the list of the commit is empty, as it is for forks', async () => {
    const github = await serving();
    server.pullRequests.push(
      { number: 3, headSha: 'e'.repeat(40), isListedByCommit: false },
      { number: 4, headSha, isListedByCommit: false },
    );
    expect(await pullRequestsOf(github, headSha)).toEqual([4]);
  });

  test.each([404, 422])('are looked for where the list of the commit answers %i', async (status) => {
    const github = await serving();
    server.faults.push({ method: 'GET', path: /commits/, status, message: 'No commit found' });
    server.pullRequests.push({ number: 4, headSha, isListedByCommit: false });
    expect(await pullRequestsOf(github, headSha)).toEqual([4]);
  });

  test('are none where a newer commit was pushed meanwhile', async () => {
    const github = await serving();
    server.pullRequests.push({ number: 4, headSha: 'e'.repeat(40), isListedByCommit: true });
    expect(await pullRequestsOf(github, headSha)).toEqual([]);
  });
});

test('of more annotations than are shown the last one says how many are missing', () => {
  const annotations = Array.from({ length: 13 }, (_, n): Annotation => {
    return { level: 'error', title: 'spangate', message: `limit ${n}` };
  });
  expect(shownOf(annotations).map(({ message }) => message)).toEqual([
    ...annotations.slice(0, 9).map(({ message }) => message),
    'limit 9 (and 3 more)',
  ]);
  expect(shownOf(annotations.slice(0, 10))).toEqual(annotations.slice(0, 10));
});
