import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AcceptanceQuery, readAcceptances } from '../../src/github/acceptances.ts';
import { readingProblem } from '../../src/github/posting-problem.ts';
import { type GitHub, openGitHub } from '../../src/github/rest-client.ts';
import { FakeGitHub, type FakeGitHubOptions, type FakeReview } from '../action/fake-github.ts';

const LABEL = 'spangate: accept';
const HEAD = 'a'.repeat(40);
const OTHER = 'b'.repeat(40);
const PUSHED = '2026-11-22T09:00:00.000Z';
const BEFORE = '2026-11-22T08:59:00Z';
const AFTER = '2026-11-22T09:01:00Z';

const QUERY: AcceptanceQuery = {
  pullRequest: 7,
  headSha: HEAD,
  headSince: PUSHED,
  labelAdded: null,
  label: LABEL,
};

let server: FakeGitHub;
let github: GitHub;

async function serving(options: FakeGitHubOptions = {}): Promise<void> {
  await server?.[Symbol.asyncDispose]();
  server = await new FakeGitHub(options).listen();
  const env = { GITHUB_API_URL: server.url, GITHUB_REPOSITORY: 'acme/shop' };
  const client = openGitHub({ token: server.token, env, signal: new AbortController().signal });
  if (client === null) throw new Error('no client');
  github = client;
  server.pullRequests.push({ number: 7, headSha: HEAD, isListedByCommit: true });
  server.permissions.set('ada', 'write').set('mallory', 'read').set('root', 'admin');
}

beforeEach(() => serving());

afterEach(() => server[Symbol.asyncDispose]());

function labelled(login: string, at: string, label = LABEL): void {
  server.labelEvents.push({ event: 'labeled', login, label, at });
}

function reviewed(parts: Partial<FakeReview> = {}): void {
  server.reviews.push({
    login: 'ada',
    body: 'spangate accept *: meant',
    state: 'APPROVED',
    commit: HEAD,
    ...parts,
  });
}

const standings = async (query: Partial<AcceptanceQuery> = {}) =>
  (await readAcceptances(github, { ...QUERY, ...query })).map(({ standing }) => standing);

describe('a label accepts', () => {
  test('where somebody who may write added it after the commit was pushed', async () => {
    labelled('ada', AFTER);
    expect(await readAcceptances(github, QUERY)).toEqual([
      { login: 'ada', through: 'label', line: null, standing: 'writer' },
    ]);
  });

  test('whatever its case, found on the last of many pages', async () => {
    await serving({ pageSize: 2 });
    for (let n = 0; n < 9; n += 1) labelled('mallory', AFTER, `label ${n}`);
    labelled('root', AFTER, 'Spangate: Accept');
    expect(await standings()).toEqual(['writer']);
  });

  test.each([
    ['may only read', 'mallory'],
    ['is unknown to the repository', 'stranger'],
    ['is a bot, which any workflow can make do it', 'github-actions[bot]'],
  ])('nothing where whoever added it %s', async (_, login) => {
    labelled(login, AFTER);
    expect(await standings()).toEqual(['not-a-writer']);
  });

  test('by whoever added it last', async () => {
    labelled('ada', AFTER);
    server.labelEvents.push({ event: 'unlabeled', login: 'mallory', label: LABEL, at: AFTER });
    labelled('mallory', AFTER);
    expect(await standings()).toEqual(['not-a-writer']);
  });

  test('nothing where it was taken away, and asks for no more than the pull request then', async () => {
    labelled('ada', AFTER);
    server.labelEvents.push({ event: 'unlabeled', login: 'ada', label: LABEL, at: AFTER });
    expect(await standings()).toEqual([]);
    expect(server.requests).toEqual(['GET /repos/acme/shop/pulls/7', 'GET /repos/acme/shop/pulls/7/reviews']);
  });

  test('no commit that was pushed after it, or in the same second', async () => {
    labelled('ada', BEFORE);
    expect(await standings()).toEqual(['stale']);
    server.labelEvents.splice(0);
    labelled('ada', '2026-11-22T09:00:00Z');
    expect(await standings()).toEqual(['stale']);
  });

  test('no commit that is not the newest any more', async () => {
    labelled('ada', AFTER);
    expect(await standings({ headSha: OTHER })).toEqual(['stale']);
  });

  test('the commit of the run that it started', async () => {
    labelled('ada', BEFORE);
    expect(await standings({ labelAdded: LABEL })).toEqual(['writer']);
  });

  test('nothing where nobody knows when the commit was pushed', async () => {
    labelled('ada', AFTER);
    expect(await standings({ headSince: null })).toEqual(['stale']);
  });
});

describe('a review accepts', () => {
  test('by its lines, where it approves this commit', async () => {
    reviewed({
      body: 'Good.\r\n\r\n  spangate accept *: meant\r\nSpangate-Accept: p50 in a until 2099-01-01: b',
    });
    expect((await readAcceptances(github, QUERY)).map(({ line, standing }) => [line, standing])).toEqual([
      ['spangate accept *: meant', 'writer'],
      ['Spangate-Accept: p50 in a until 2099-01-01: b', 'writer'],
    ]);
    expect(server.requests.filter((each) => each.includes('/collaborators/'))).toHaveLength(1);
  });

  test('no other commit', async () => {
    reviewed({ commit: OTHER });
    expect(await standings()).toEqual(['stale']);
  });

  test.each(['COMMENTED', 'DISMISSED', 'CHANGES_REQUESTED'] as const)(
    'nothing where it is %s',
    async (state) => {
      reviewed({ state });
      expect(await standings()).toEqual([]);
    },
  );

  test('nothing where it says nothing of it', async () => {
    reviewed({ body: 'I would not say: spangate accept *: this' });
    expect(await standings()).toEqual([]);
  });

  test('nothing where its author may not write', async () => {
    reviewed({ login: 'mallory' });
    expect(await standings()).toEqual(['not-a-writer']);
  });
});

describe('what GitHub does not tell accepts nothing, and is told', () => {
  const problemOf = async (path: RegExp, status: number, headers: Record<string, string> = {}) => {
    labelled('ada', AFTER);
    const fault = { method: 'GET', path, status, message: status === 403 ? 'Resource not accessible' : 'No' };
    // A server that is not well is asked four times.
    for (let n = 0; n < (status >= 500 ? 4 : 1); n += 1) server.faults.push({ ...fault, headers });
    try {
      return JSON.stringify(await readAcceptances(github, QUERY));
    } catch (error) {
      return readingProblem('Labels and reviews', error);
    }
  };

  test('with the permission that is missing', async () => {
    const headers = { 'x-accepted-github-permissions': 'issues=read; pull_requests=read' };
    expect(await problemOf(/events/, 403, headers)).toBe(
      'Labels and reviews could not be read (GitHub answered 403: Resource not accessible), so nothing is accepted by them. Give the job this permission: pull-requests: read.',
    );
  });

  test.each([
    ['the pull request', /pulls\/7$/, 404],
    ['its reviews', /reviews/, 404],
    ['what somebody may do', /collaborators/, 403],
    ['what somebody may do, since it is not well', /collaborators/, 502],
  ])('of %s', async (_, path, status) => {
    expect(await problemOf(path, status)).toContain(`GitHub answered ${status}`);
  });

  test('where the limit of requests is used up for long', async () => {
    const headers = { 'retry-after': '3600', 'x-ratelimit-remaining': '0' };
    expect(await problemOf(/events/, 429, headers)).toContain('GitHub answered 429');
  });
});
