import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { GateResult } from '../../src/compare/comparison.ts';
import type { LedgerRun } from '../../src/ledger/ledger-run.ts';
import { formatResult } from '../../src/report/format.ts';
import { CASES } from '../report/cases.ts';
import { FakeGitHub } from './fake-github.ts';
import { FakeOrigin, git, pullRequestPayload, pushPayload } from './fake-origin.ts';
import { BundledAction, FakeRunner, type StepOptions, type StepOutcome } from './fake-runner.ts';

const SHOP = join(import.meta.dirname, 'fixtures/shop');
const MAIN = { GITHUB_REF_NAME: 'main', GITHUB_REF_TYPE: 'branch' };
const HEAD = 'a'.repeat(40);

let action: BundledAction;
let origin: FakeOrigin;
let github: FakeGitHub;
let runner: FakeRunner;

beforeAll(() => {
  action = new BundledAction();
  origin = new FakeOrigin(SHOP);
});

afterAll(() => {
  origin[Symbol.dispose]();
  action[Symbol.dispose]();
});

beforeEach(async () => {
  github = await new FakeGitHub().listen();
  runner = new FakeRunner(action, github);
  return async () => {
    runner[Symbol.dispose]();
    await github[Symbol.asyncDispose]();
  };
});

const checkout = () => origin.checkout(origin.git('rev-parse', 'main'));

const pull = (more: Partial<Parameters<typeof pullRequestPayload>[0]> = {}) => ({
  event: 'pull_request',
  payload: pullRequestPayload({ number: 1, headSha: HEAD, commits: 1, ...more }),
});

/** Writes results as an artifact of that name has them. */
function artifact(workspace: string, name: string, result: GateResult | string): void {
  mkdirSync(join(workspace, 'results', name), { recursive: true });
  const text = typeof result === 'string' ? result : formatResult(result, 'json');
  writeFileSync(join(workspace, 'results', name, 'spangate.json'), text);
}

function hostile(): GateResult {
  const { hostile: found } = CASES;
  if (!found) throw new Error('no case');
  return found;
}

function merged(workspace: string, inputs: Record<string, string> = {}, more: Partial<StepOptions> = {}) {
  return runner.run({
    ...pull(),
    workspace,
    ...more,
    inputs: { mode: 'merge', results: 'results', ...inputs },
  });
}

describe('what is refused before anything is started', () => {
  const cases = [
    ['pull_request_target', { event: 'pull_request_target', inputs: {} }, 'untrusted-code'],
    ['a mode that is none', { ...pull(), inputs: { mode: 'gated' } }, 'action-input'],
    ['record on a pull request', { ...pull(), inputs: { mode: 'record' } }, 'record-on-change'],
    ['report without another run', { ...pull(), inputs: { mode: 'report' } }, 'report-needs-workflow-run'],
    [
      'a folder without configuration',
      { ...pull(), inputs: { 'working-directory': '..', against: 'HEAD' } },
      'config-missing',
    ],
  ] as const;

  test.each(cases)('%s', async (_, options, code) => {
    const step = await runner.run({ payload: pull().payload, workspace: checkout(), ...options });
    expect(step, step.log).toMatchObject({ code: 2, survivors: [] });
    expect(step.log).toContain(`error[${code}]`);
    expect(step.annotations.at(0)).toMatch(/^error title=spangate::/);
  });
});

describe('hostile names', () => {
  let step: StepOutcome;
  let comment: string;

  test('make a comment, a summary, outputs and annotations', async () => {
    const workspace = checkout();
    artifact(workspace, 'one', hostile());
    step = await merged(workspace, {}, { env: { GITHUB_HEAD_REF: '$(id)::error::x' } });
    comment = github.comments[0]?.body ?? '';
    expect(step, step.log).toMatchObject({ code: 1, outputs: { verdict: 'fail' } });
    expect(comment).toContain('everyone');
    // An attack that found another place to be told: the test has to look at it as well.
    expect(Object.keys(step.outputs).toSorted()).toEqual([
      'comment-url',
      'exit-code',
      'html',
      'junit',
      'markdown',
      'regressions',
      'report-directory',
      'result',
      'summary',
      'verdict',
    ]);
  });

  const attacks: readonly (readonly [string, (text: string) => unknown])[] = [
    ['mention nobody', (text) => outsideCode(text).match(/(?<!\\)@\w/)],
    [
      'make no HTML',
      (text) =>
        outsideCode(text)
          .replaceAll(/<!-- spangate default -->|<\/?(?:details|summary|sub)>/g, '')
          .match(/(?<!\\)<[a-z!/]/i),
    ],
    [
      'make no links but ours',
      (text) => outsideCode(text).match(/\]\((?!https:\/\/github\.test\/acme\/shop\/)/),
    ],
    ['begin no heading', (text) => text.match(/^## heading/m)],
    ['hide nothing', (text) => text.match(/(?!\u200b)[\p{Cf}\p{Zl}\p{Zp}]|(?!\n)\p{Cc}/u)],
    ['plant no second marker', (text) => text.slice(1).match(/\n<!-- spangate/)],
  ];

  test.each(attacks)('%s in comment and summary', (_, found) => {
    expect([found(comment), found(step.summary)]).toEqual([null, null]);
  });

  test('give the runner no commands', () => {
    const commands = step.log.split('\n').filter((line) => /^\s*::|##\[/.test(line));
    expect(commands.filter((line) => !/^::(error|warning|notice) /.test(line))).toEqual([]);
    expect(commands.join('\n')).not.toMatch(/owned/);
  });

  test('forge no output', () => {
    expect(step.outputs.summary).not.toMatch(/\p{Cc}/u);
    expect(step.outputs.verdict).toBe('fail');
  });
});

/** Markdown without its code spans and fences, in which nothing means anything. */
function outsideCode(text: string): string {
  return text.replaceAll(/(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, '');
}

describe('merge', () => {
  test('makes one verdict and one comment of a matrix of three, told apart by their artifacts', async () => {
    const workspace = checkout();
    for (const name of ['node-20', 'node-22', 'node-24'])
      artifact(workspace, name, goodOr(name === 'node-22'));
    const step = await merged(workspace, { expected: '3' });
    expect(step, step.log).toMatchObject({ code: 1, outputs: { verdict: 'fail' } });
    expect(step.outputs.summary).toMatch(/^fail in 1 of 3 scenarios: .*\(node-22\)/);
    expect(github.comments).toHaveLength(1);
  });

  test('is no verdict where a job has not come to its end', async () => {
    const workspace = checkout();
    for (const name of ['node-20', 'node-22']) artifact(workspace, name, goodOr(false));
    const step = await merged(workspace, { expected: '3' });
    expect(step, step.log).toMatchObject({ code: 3, outputs: { verdict: 'error' } });
    expect(github.comments[0]?.body).toContain('2 of 3 results are there');
  });

  test('loses no result of two uses in one job', async () => {
    const [first, second] = [checkout(), checkout()];
    artifact(first, 'one', goodOr(true));
    artifact(second, 'one', goodOr(false));
    const env = { RUNNER_TEMP: runner.folder };
    const steps = [await merged(first, {}, { env }), await merged(second, {}, { env })];
    const results = steps.map(({ outputs }) => outputs.result ?? '').join('\n');
    const step = await merged(second, { results, expected: '2' });
    expect(step, step.log).toMatchObject({ code: 1, outputs: { verdict: 'fail' } });
  });

  test('writes no comment over that of a newer commit', async () => {
    const workspace = checkout();
    artifact(workspace, 'one', goodOr(true));
    github.pullRequests.push({ number: 1, headSha: 'b'.repeat(40), isListedByCommit: true });
    const step = await merged(workspace);
    expect(step, step.log).toMatchObject({ code: 1, outputs: { verdict: 'fail' } });
    expect(github.comments).toEqual([]);
    expect(step.annotations).toContainEqual(expect.stringMatching(/^notice.*has another head by now/));
  });

  test('is no verdict where there is no result at all', async () => {
    const step = await merged(checkout());
    expect(step, step.log).toMatchObject({ code: 3 });
    expect(step.log).toContain('error[no-results]');
  });

  test('puts ten scenarios into one comment that GitHub takes', async () => {
    const workspace = checkout();
    for (let n = 0; n < 10; n += 1) artifact(workspace, `service-${n}`, hostile());
    const step = await merged(workspace);
    expect(step, step.log).toMatchObject({ code: 1 });
    expect(github.comments).toHaveLength(1);
    expect(github.comments[0]?.body.length).toBeLessThanOrEqual(65_536);
    expect(Buffer.byteLength(step.summary)).toBeLessThan(1024 * 1024);
  });
});

function goodOr(isBad: boolean): GateResult {
  const found = isBad ? CASES['fail-loop-and-slow-span'] : CASES.pass;
  if (!found) throw new Error('no case');
  return found;
}

describe('report', () => {
  const completed = (event = 'pull_request') => ({
    event: 'workflow_run',
    payload: { workflow_run: { id: 99, head_sha: HEAD, event, pull_requests: [{ number: 666 }] } },
  });
  const posted = (workspace: string, event?: string) =>
    runner.run({ ...completed(event), workspace, inputs: { mode: 'report', results: 'results' } });

  test('posts to the pull request whose head was measured, and is green', async () => {
    const workspace = checkout();
    artifact(workspace, 'spangate', hostile());
    github.pullRequests.push({ number: 5, headSha: HEAD, isListedByCommit: false });
    const step = await posted(workspace);
    expect(step, step.log).toMatchObject({ code: 0, outputs: { verdict: 'fail', 'exit-code': '1' } });
    expect(github.requests).toContain('POST /repos/acme/shop/issues/5/comments');
    expect(github.comments[0]?.body).toContain('Measured in a run that the pull request itself defines.');
  });

  test('posts nowhere where that commit is the head of none any more, whatever the event says', async () => {
    const workspace = checkout();
    artifact(workspace, 'spangate', hostile());
    github.pullRequests.push({ number: 5, headSha: 'b'.repeat(40), isListedByCommit: true });
    const step = await posted(workspace);
    expect(step, step.log).toMatchObject({ code: 0 });
    expect(github.comments).toEqual([]);
    expect(step.summary).toContain('everyone');
  });

  test('says why nobody gets the comment where GitHub does not tell whose commit it is', async () => {
    const workspace = checkout();
    artifact(workspace, 'spangate', hostile());
    github.faults.push({ method: 'GET', path: /commits/, status: 403, message: 'Resource not accessible' });
    const step = await posted(workspace);
    expect(step, step.log).toMatchObject({ code: 0, outputs: { verdict: 'fail' } });
    expect(step.summary).toContain('everyone');
    expect(step.annotations).toEqual([expect.stringContaining('GitHub answered 403')]);
  });

  const artifacts: readonly (readonly [string, string, string])[] = [
    ['is no JSON', 'x', 'result-corrupt'],
    ['is something else', '{"schemaVersion":1,"verdict":"pass"}', 'result-invalid'],
    ['is larger than any result', ' '.repeat(33 * 1024 * 1024), 'result-too-large'],
  ];

  test.each(artifacts)('refuses an artifact that %s', async (_, text, code) => {
    const workspace = checkout();
    artifact(workspace, 'spangate', text);
    const step = await posted(workspace);
    expect(step, step.log).toMatchObject({ code: 2 });
    expect(step.log).toContain(`error[${code}]`);
  });

  test('says on the pull request that there is no result, instead of leaving an older one there', async () => {
    const workspace = checkout();
    github.pullRequests.push({ number: 5, headSha: HEAD, isListedByCommit: true });
    const step = await posted(workspace);
    expect(step, step.log).toMatchObject({ code: 3, outputs: { verdict: 'error' } });
    expect(github.requests).toContain('POST /repos/acme/shop/issues/5/comments');
    expect(github.comments[0]?.body).toContain('There is no result to read.');
  });

  test('says why nobody is told of it where GitHub does not say whose commit it is', async () => {
    const workspace = checkout();
    github.faults.push({ method: 'GET', path: /commits/, status: 403, message: 'Resource not accessible' });
    const step = await posted(workspace);
    expect(step, step.log).toMatchObject({ code: 3 });
    expect(step.annotations).toContainEqual(expect.stringContaining('GitHub answered 403'));
  });

  test('follows no link out of the artifact', async () => {
    const workspace = checkout();
    mkdirSync(join(workspace, 'results'));
    symlinkSync('/etc/passwd', join(workspace, 'results/spangate.json'));
    const step = await posted(workspace);
    expect(step.log).toContain('error[no-results]');
    expect(step.log).not.toContain('root:');
  });
});

describe('the gate', () => {
  /** The branch of a pull request with an answer of its own. */
  function changed(change: (text: string) => string): { workspace: string; headSha: string } {
    origin.git('checkout', '--quiet', '-B', 'change', 'main');
    origin.edit('server.mjs', change);
    const headSha = origin.commit('change');
    origin.push('change');
    const workspace = origin.checkout(origin.mergeRef(1, 'change'));
    origin.git('checkout', '--quiet', 'main');
    return { workspace, headSha };
  }

  const worse = (text: string) => text.replace('lookUps = 1', 'lookUps = 3');

  test('fails a fork that may not write by its verdict alone, and says why there is no comment', async () => {
    await using readOnly = await new FakeGitHub({ canWrite: false, basePath: '/api/v3' }).listen();
    using forked = new FakeRunner(action, readOnly);
    const { workspace, headSha } = changed(worse);
    readOnly.pullRequests.push({ number: 1, headSha, isListedByCommit: false });
    const step = await forked.run({ ...pull({ headSha, isFork: true }), workspace });
    expect(step, step.log).toMatchObject({ code: 1, survivors: [], outputs: { verdict: 'fail' } });
    const notices = step.annotations.filter((line) => line.startsWith('notice'));
    expect(notices).toEqual([expect.stringContaining('post from a workflow_run with mode: report')]);
    expect(step.summary).toContain('N+1');
  });

  /** Lines of the ledger, oldest first. */
  function ledgerLines(): readonly LedgerRun[] {
    origin.git('fetch', '--quiet', 'origin', '+refs/spangate/ledger:refs/ledger');
    const files = origin.git('ls-tree', '-r', '--name-only', 'refs/ledger', 'runs/').split('\n');
    return files.map((file) => JSON.parse(origin.git('show', `refs/ledger:${file}`)));
  }

  test('is green in shadow, says what it would have been, and keeps that in the ledger', async () => {
    const { workspace, headSha } = changed(worse);
    const step = await runner.run({
      ...pull({ headSha }),
      workspace,
      inputs: { mode: 'shadow', 'check-run': 'true' },
    });
    expect(step, step.log).toMatchObject({ code: 0, outputs: { verdict: 'fail', 'exit-code': '1' } });
    expect(step.annotations).toContainEqual(expect.stringContaining('would have ended with exit code 1'));
    expect(ledgerLines().at(-1)).toMatchObject({
      mode: 'shadow',
      commit: headSha,
      pullRequest: 1,
      attempt: 1,
      exitCode: 1,
      scenarios: [{ verdict: 'fail', failed: expect.arrayContaining([expect.stringContaining('| calls')]) }],
    });
    expect(github.checkRuns).toMatchObject([{ head_sha: headSha, conclusion: 'neutral' }]);
    const places = github.checkRuns[0]?.annotations.map(({ path, start_line }) => `${path}:${start_line}`);
    expect(new Set(places)).toEqual(new Set(['spangate.yml:17']));
  });

  test('whose ledger cannot be written says so once, with the permission, and ends as it would have', async () => {
    const { workspace, headSha } = changed(worse);
    github.pullRequests.push({ number: 1, headSha, isListedByCommit: true });
    const hook = join(origin.folder, 'shop.git/hooks/pre-receive');
    writeFileSync(hook, '#!/bin/sh\necho "remote: Permission to acme/shop.git denied" >&2\nexit 1\n', {
      mode: 0o755,
    });
    try {
      const inputs = { ledger: 'always' };
      const step = await runner.run({ ...pull({ headSha }), workspace, inputs });
      expect(step, step.log).toMatchObject({ code: 1, outputs: { verdict: 'fail' } });
      const notices = step.annotations.filter((line) => line.startsWith('notice'));
      expect(notices).toEqual([
        expect.stringMatching(
          /This run is not in the ledger: The ledger was not written: .*say ledger: never/,
        ),
      ]);
    } finally {
      rmSync(hook);
    }
  });

  test('that was red stays red when it is run again, until somebody who may write accepts it', async () => {
    // Red as long as the file is there: the second attempt measures a service that is as good as base.
    const flag = join(runner.folder, 'slow');
    writeFileSync(flag, '');
    const { workspace, headSha } = changed(
      (text) =>
        `import { existsSync } from 'node:fs';\n${text.replace('lookUps = 1', `lookUps = existsSync('${flag}') ? 3 : 1`)}`,
    );
    github.pullRequests.push({ number: 1, headSha, isListedByCommit: true });
    const attempt = (number: number) =>
      runner.run({
        ...pull({ headSha, isFork: false }),
        workspace,
        env: { GITHUB_RUN_ID: '4712', GITHUB_RUN_ATTEMPT: String(number) },
      });
    const first = await attempt(1);
    expect(first, first.log).toMatchObject({ code: 1, outputs: { verdict: 'fail' } });
    expect(first.summary).toContain('the label “spangate: accept”');
    rmSync(flag);
    const second = await attempt(2);
    expect(second, second.log).toMatchObject({ code: 1, outputs: { verdict: 'fail' } });
    expect(second.outputs.summary).toMatch(/^fail: Attempt 1 of this run failed in \d rows? of this commit/);
    expect(second.annotations).toContainEqual(expect.stringMatching(/^error.*Attempt 1 of this run failed/));
    github.labelEvents.push({
      event: 'labeled',
      login: 'mallory',
      label: 'spangate: accept',
      at: '2026-11-22T09:30:00Z',
    });
    github.permissions.set('mallory', 'read').set('ada', 'write');
    const requested = await attempt(3);
    expect(requested, requested.log).toMatchObject({ code: 1 });
    expect(requested.summary).toContain('Requested, and not accepted: the label of mallory');
    github.labelEvents.push({
      event: 'labeled',
      login: 'ada',
      label: 'spangate: accept',
      at: '2026-11-22T09:31:00Z',
    });
    const accepted = await attempt(4);
    expect(accepted, accepted.log).toMatchObject({ code: 0, outputs: { verdict: 'pass' } });
    expect(accepted.summary).toContain('somebody with write permission accepts it');
    expect(
      ledgerLines()
        .slice(-4)
        .map(({ exitCode }) => exitCode),
    ).toEqual([1, 1, 1, 0]);
  }, 240_000);

  test('takes a base that an earlier step has set up, and sets up head alone', async () => {
    const setUps = join(runner.folder, 'set-ups');
    origin.git('checkout', '--quiet', '-B', 'change', 'main');
    origin.edit('server.mjs', (text) => text.replace("'{}'", "'[3]'"));
    origin.edit('spangate.yml', (text) =>
      text.replace('node server.mjs', `{ start: node server.mjs, setup: pwd >> ${setUps} }`),
    );
    const headSha = pushed();
    const workspace = origin.checkout(origin.mergeRef(1, 'change'), 2);
    origin.git('checkout', '--quiet', 'main');
    const base = join(runner.folder, 'base');
    git(workspace, ['worktree', 'add', '--quiet', '--detach', base, 'HEAD^1']);
    const step = await runner.run({ ...pull({ headSha }), workspace, inputs: { 'base-path': base } });
    expect(step, step.log).toMatchObject({ code: 0, survivors: [], outputs: { verdict: 'pass' } });
    expect(readFileSync(setUps, 'utf8').trim().split('\n')).toHaveLength(1);
    git(base, ['checkout', '--quiet', '--detach', headSha]);
    const wrong = await runner.run({ ...pull({ headSha }), workspace, inputs: { 'base-path': base } });
    expect(wrong, wrong.log).toMatchObject({ code: 2 });
    expect(wrong.log).toContain('error[base-path-other-commit]');
  }, 120_000);

  test('in a merge queue compares with the commit that the queue names, and comments nowhere', async () => {
    const { workspace } = changed(worse);
    const payload = {
      merge_group: { base_sha: origin.git('rev-parse', 'main') },
      repository: { default_branch: 'main' },
    };
    const step = await runner.run({ event: 'merge_group', payload, workspace });
    expect(step, step.log).toMatchObject({ code: 1, outputs: { verdict: 'fail' } });
    expect(github.comments).toEqual([]);
  });

  test('hands no secret to the service, which may print commands as it likes', async () => {
    const spy =
      "import { writeFileSync } from 'node:fs';\nwriteFileSync(`${process.env.TMPDIR}/seen.json`, JSON.stringify(process.env));\nconsole.log('::error::owned by the service'); console.log('x ##[error]owned');\n";
    const { workspace, headSha } = changed((text) => spy + text);
    const step = await runner.run({ ...pull({ headSha }), workspace });
    expect(step, step.log).toMatchObject({ code: 0, outputs: { verdict: 'pass' } });
    const seen = readFileSync(join(step.temporary, 'seen.json'), 'utf8');
    expect(seen).toContain('SPANGATE_E2E');
    expect(seen).not.toMatch(
      /ghs_test|runtime-secret|id-secret|x-access-token|eC1hY2Nlc3M|GITHUB_OUTPUT|GITHUB_ENV|INPUT_/,
    );
    expect(step.log).not.toContain('owned');
  });

  test('lets git fetch, while it checks out, what a partial clone lacks', async () => {
    const { workspace, headSha } = changed((text) => text.replace("'{}'", "'[2]'"));
    // A filter runs with the environment of the git that checks out.
    writeFileSync(join(workspace, '.git/info/attributes'), 'server.mjs filter=spy\n');
    git(workspace, ['config', 'filter.spy.smudge', 'env >> "$TMPDIR/checking-out"; cat']);
    const step = await runner.run({ ...pull({ headSha }), workspace });
    expect(step, step.log).toMatchObject({ code: 0, outputs: { verdict: 'pass' } });
    const environment = readFileSync(join(step.temporary, 'checking-out'), 'utf8');
    expect(environment).toMatch(/GIT_CONFIG_VALUE_\d+=.*eC1hY2Nlc3M/);
  });

  test('cancelled in the middle ends within seven seconds, with all that it has started', async () => {
    const { workspace, headSha } = changed((text) => text.replace("'{}'", "'[0]'"));
    const step = runner.start({ ...pull({ headSha }), workspace });
    await step.untilLog(/round 1\/1 · measuring/);
    const began = performance.now();
    step.signal('SIGINT');
    const outcome = await step.outcome;
    expect((performance.now() - began) / 1000).toBeLessThan(7);
    expect(outcome, outcome.log).toMatchObject({ code: 130, survivors: [] });
    expect(github.comments).toEqual([]);
  });

  test('without a stored baseline is a state of its own, told in the comment', async () => {
    const { workspace, headSha } = changed((text) => text.replace("'{}'", "'[1]'"));
    const step = await runner.run({ ...pull({ headSha }), workspace, inputs: { against: 'baseline' } });
    expect(step, step.log).toMatchObject({ code: 0, outputs: { verdict: 'nothing-compared' } });
    expect(github.comments[0]?.body).toContain('❔ nothing compared: there is no baseline yet');
  });

  test('compares with the nearest recorded ancestor, in a clone of depth 1', async () => {
    await runner.run({ event: 'push', payload: pushPayload(), workspace: checkout(), env: MAIN });
    origin.commit('not recorded');
    origin.commit('not recorded either');
    origin.push('main');
    const { workspace, headSha } = changed(worse);
    const step = await runner.run({ ...pull({ headSha }), workspace, inputs: { against: 'baseline' } });
    expect(step, step.log).toMatchObject({ code: 1, outputs: { verdict: 'fail' } });
    const { comparisons } = JSON.parse(readFileSync(step.outputs.result ?? '', 'utf8')) as GateResult;
    expect(comparisons[0]?.history).toMatchObject({ distance: 3 });
  });

  test.each(['file', 'git-ref, ref: refs/spangate/own'])(
    'whose base cannot be set up compares with no baseline that came with the change: %s',
    async (store) => {
      const onHeadAlone = '{ start: node server.mjs, setup: test -f only-in-head }';
      origin.git('checkout', '--quiet', '-B', 'change', 'main');
      writeFileSync(join(origin.work, 'only-in-head'), '');
      origin.edit('server.mjs', worse);
      origin.edit('spangate.yml', (text) =>
        text.replace('node server.mjs', onHeadAlone).replace('store: git-ref', `store: ${store}`),
      );
      const own = origin.checkout(pushed());
      const ofMain = { event: 'push', payload: pushPayload(), env: MAIN };
      const recorded = await runner.run({ ...ofMain, workspace: own, inputs: { mode: 'record' } });
      expect(recorded, recorded.log).toMatchObject({ code: 0 });
      if (store === 'file')
        cpSync(join(own, '.spangate'), join(origin.work, '.spangate'), { recursive: true });
      const headSha = pushed();
      const workspace = origin.checkout(origin.mergeRef(1, 'change'));
      origin.git('checkout', '--quiet', 'main');
      const step = await runner.run({ ...pull({ headSha }), workspace });
      if (store === 'file') {
        expect(step, step.log).toMatchObject({ code: 3, outputs: { verdict: 'error' } });
        expect(step.log).toContain('error[base-setup-failed]');
      } else {
        expect(step, step.log).toMatchObject({ code: 0, outputs: { verdict: 'pass' } });
        for (const text of [step.summary, github.comments[0]?.body])
          expect(text).toContain('Base could not be set up, so this was compared with the stored baseline');
      }
    },
  );

  /** @returns the commit of all that is there, as the head of the pull request */
  function pushed(): string {
    const sha = origin.commit('change');
    origin.push('change');
    return sha;
  }
});

describe('a baseline in a file, on a branch that nobody may push to', () => {
  const BRANCH = 'spangate/baseline';

  beforeAll(() => {
    const hook = join(origin.folder, 'shop.git/hooks/pre-receive');
    const refusal =
      'echo "remote: error: GH006: Protected branch update failed for refs/heads/main." >&2; exit 1';
    writeFileSync(
      hook,
      `#!/bin/sh\nwhile read _ _ ref; do [ "$ref" != refs/heads/main ] || { ${refusal}; }; done\n`,
      { mode: 0o755 },
    );
    return () => rmSync(hook);
  });

  /** Records a commit that is pushed in place of main, whose configuration keeps the baseline in a file. */
  function record(sha: string, inputs: Readonly<Record<string, string>> = {}): Promise<StepOutcome> {
    return runner.run({
      event: 'push',
      payload: pushPayload(),
      workspace: origin.checkout(sha),
      env: MAIN,
      inputs: { mode: 'record', 'record-pull-request': 'true', ...inputs },
    });
  }

  /** @returns hash of a commit on top of main, on the server */
  function merged(message: string): string {
    origin.git('checkout', '--quiet', '-B', 'next', 'main');
    origin.edit('spangate.yml', (text) => text.replace('store: git-ref', 'store: file'));
    const sha = origin.commit(message);
    origin.push('next');
    origin.git('checkout', '--quiet', 'main');
    return sha;
  }

  /** The branch on the server: what it is built on, and its files beyond that. */
  function proposed(branch = BRANCH): { readonly parent: string; readonly files: string } {
    origin.git('fetch', '--quiet', 'origin', `+${branch}:refs/proposed`);
    return {
      parent: origin.git('rev-parse', 'refs/proposed^'),
      files: origin.git('diff', '--name-status', 'refs/proposed^', 'refs/proposed'),
    };
  }

  const writes = () => github.requests.filter((each) => !each.startsWith('GET '));

  test('is proposed by one pull request, which the next record brings up to date', async () => {
    const first = merged('first merge');
    const opened = await record(first);
    expect(opened, opened.log).toMatchObject({ code: 0, survivors: [], outputs: { verdict: 'recorded' } });
    expect(proposed()).toMatchObject({ parent: first, files: expect.stringMatching(/^A\t\.spangate\//m) });
    expect(github.pullRequests).toMatchObject([
      { number: 1, branch: BRANCH, title: `Record the baseline of ${first.slice(0, 10)}` },
    ]);
    for (const text of [opened.summary, opened.outputs.summary])
      expect(text).toContain(
        `the baseline is on the branch ${BRANCH}, in https://github.test/acme/shop/pull/1`,
      );
    expect(opened.annotations).toEqual([]);

    const second = merged('second merge');
    const updated = await record(second);
    expect(updated, updated.log).toMatchObject({ code: 0, survivors: [] });
    expect(proposed().parent).toBe(second);
    expect(github.pullRequests).toMatchObject([
      { number: 1, branch: BRANCH, title: `Record the baseline of ${second.slice(0, 10)}` },
    ]);
    expect(writes()).toEqual(['POST /repos/acme/shop/pulls', 'PATCH /repos/acme/shop/pulls/1']);
    expect(updated.summary).toContain('https://github.test/acme/shop/pull/1');
    expect(`${opened.log}${updated.log}`).not.toContain(github.token);
  });

  test('leaves a pull request of somebody else as it is, and one of another use on its own branch', async () => {
    github.pullRequests.push({ number: 1, headSha: HEAD, isListedByCommit: false, title: 'Add orders' });
    const step = await record(merged('merge'), { 'comment-key': 'orders' });
    expect(step, step.log).toMatchObject({ code: 0 });
    expect(github.pullRequests.map(({ branch, title }) => [branch, title])).toEqual([
      [undefined, 'Add orders'],
      [`${BRANCH}-orders`, expect.stringMatching(/^Record the baseline of/)],
    ]);
    expect(proposed(`${BRANCH}-orders`).files).toContain('.spangate/');
  });

  test('where Actions may open none, is on its branch all the same, and a notice says what to allow', async () => {
    await using readOnly = await new FakeGitHub({ canWrite: false }).listen();
    using refused = new FakeRunner(action, readOnly);
    const sha = merged('merge');
    const step = await refused.run({
      event: 'push',
      payload: pushPayload(),
      workspace: origin.checkout(sha),
      env: MAIN,
      inputs: { mode: 'record', 'record-pull-request': 'true' },
    });
    expect(step, step.log).toMatchObject({ code: 0, outputs: { verdict: 'recorded' } });
    expect(proposed().parent).toBe(sha);
    expect(step.annotations).toEqual([
      expect.stringMatching(
        /^notice.*GitHub Actions is not permitted to create.*allowed to create pull requests/,
      ),
    ]);
  });
});
