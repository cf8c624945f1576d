import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FakeGitHub } from './fake-github.ts';
import { FakeOrigin, pullRequestPayload, pushPayload } from './fake-origin.ts';
import { BundledAction, FakeRunner, type StepOutcome } from './fake-runner.ts';

const SHOP = join(import.meta.dirname, 'fixtures/shop');

const MAIN = { GITHUB_REF_NAME: 'main', GITHUB_REF_TYPE: 'branch' };

describe('from a repository without a baseline to an accepted regression', () => {
  let action: BundledAction;
  let github: FakeGitHub;
  let origin: FakeOrigin;
  let runner: FakeRunner;

  beforeAll(async () => {
    action = new BundledAction();
    github = await new FakeGitHub().listen();
    origin = new FakeOrigin(SHOP);
    runner = new FakeRunner(action, github);
  });

  afterAll(async () => {
    runner[Symbol.dispose]();
    origin[Symbol.dispose]();
    await github[Symbol.asyncDispose]();
    action[Symbol.dispose]();
  });

  /** Commits to the branch of the pull request, and runs the action as the pull request does. */
  async function pullRequest(change: (text: string) => string, message: string): Promise<StepOutcome> {
    origin.edit('server.mjs', change);
    const headSha = origin.commit(message);
    origin.push('change');
    const workspace = origin.checkout(origin.mergeRef(1, 'change'));
    const commits = Number(origin.git('rev-list', '--count', 'main..change'));
    const payload = pullRequestPayload({ number: 1, headSha, commits });
    return await runner.run({ event: 'pull_request', payload, workspace });
  }

  test('records main on a ref of its own, from a clone of depth 1', async () => {
    const workspace = origin.checkout(origin.git('rev-parse', 'main'));
    const step = await runner.run({ event: 'push', payload: pushPayload(), workspace, env: MAIN });
    expect(step, step.log).toMatchObject({ code: 0, survivors: [], outputs: { verdict: 'recorded' } });
    expect(origin.git('ls-remote', 'origin', 'refs/spangate/baselines')).toMatch(/^[0-9a-f]{40}\t/);
  });

  test('passes a harmless pull request, and says so in a comment', async () => {
    origin.git('checkout', '--quiet', '-b', 'change');
    const step = await pullRequest((text) => text.replace("'{}'", "'[]'"), 'Answer with a list');
    expect(step, step.log).toMatchObject({
      code: 0,
      survivors: [],
      outputs: { verdict: 'pass', regressions: '0' },
    });
    expect(github.comments).toHaveLength(1);
    expect(github.comments[0]?.body).toMatch(
      /^<!-- spangate default -->\n✅ pass: \d+ rows unchanged in 1 operation/,
    );
  });

  test('fails an N+1 query with the sentence that names it, in the same comment', async () => {
    const step = await pullRequest(
      (text) => text.replace('lookUps = 1', 'lookUps = 3'),
      'Look stock up for each',
    );
    const sentence =
      'calls of `GET localhost/stock` in `shop` 1 -> 3 a request (N+1: was constant, is constant)';
    expect(step, step.log).toMatchObject({
      code: 1,
      survivors: [],
      outputs: { verdict: 'fail', 'exit-code': '1' },
    });
    expect(github.comments).toHaveLength(1);
    expect(github.comments[0]?.body).toContain(`❌ fail: \`order\`: ${sentence}`);
    expect(step.summary).toContain(sentence);
    expect(step.annotations[0]).toMatch(
      /^error title=spangate%3A limit exceeded,file=.*spangate\.yml,line=17::.*N\+1/,
    );
  });

  test('passes the mended one, in the same comment', async () => {
    const step = await pullRequest(
      (text) => text.replace('lookUps = 3', 'lookUps = 1'),
      'Look stock up once',
    );
    expect(step, step.log).toMatchObject({ code: 0, outputs: { verdict: 'pass' } });
    expect(github.comments).toHaveLength(1);
    expect(github.comments[0]?.body).toContain('✅ pass');
  });

  test('passes an accepted one, and says that it was accepted', async () => {
    const accept = 'Spangate-Accept: calls until 2099-12-31: orders are small';
    const message = [
      'Look stock up for each again',
      '',
      ...['"GET localhost/stock" in order', '"GET /stock" in order'].map((row) =>
        accept.replace('calls', `calls of ${row}`),
      ),
    ].join('\n');
    const step = await pullRequest((text) => text.replace('lookUps = 1', 'lookUps = 3'), message);
    expect(step, step.log).toMatchObject({ code: 0, outputs: { verdict: 'pass' } });
    expect(step.outputs.summary).toMatch(/^pass with \d accepted regressions/);
    expect(github.comments).toHaveLength(1);
    expect(github.comments[0]?.body).toContain('orders are small');
  });
});
