import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { GateResult } from '../../src/compare/comparison.ts';
import type { LedgerRun } from '../../src/ledger/ledger-run.ts';
import type { LedgerSummary } from '../../src/ledger/ledger-summary.ts';
import { type Outcome, openProject, type Project } from './project.ts';

let project: Project & Disposable;
let origin: string;

/** A repository with a bare remote: on `main` a green service, on `change` one whose look-ups depend on FLAKY. */
beforeEach(async () => {
  project = openProject({ fixture: 'base-and-head' });
  origin = join(dirname(project.folder), 'origin.git');
  await told(
    'git init --quiet --bare "$ORIGIN"; git init --quiet --initial-branch main; git remote add origin "$ORIGIN"',
  );
  await told(
    "printf '%s\\n' node_modules .spangate '*.json' > .gitignore; git add .; git commit --quiet -m first",
  );
  await told('git push --quiet origin main; git checkout --quiet -b change');
  const server = join(project.folder, 'server.mjs');
  const flaky = readFileSync(server, 'utf8').replace('lookUps = 1', 'lookUps = Number(process.env.FLAKY)');
  writeFileSync(server, flaky);
  await told('git commit --quiet --all -m flaky; git push --quiet origin change');
});

afterEach(() => project[Symbol.dispose]());

async function told(command: string, env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const outcome = await project.start(command, { ORIGIN: origin, ...env }).outcome;
  expect(outcome.code, `${command}\n${outcome.stderr}`).toBe(0);
  return outcome;
}

const GITLAB = {
  ...{ GITLAB_CI: 'true', CI: 'true', CI_JOB_NAME: 'spangate', CI_MERGE_REQUEST_IID: '17' },
  ...{ CI_PIPELINE_ID: '900', CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main' },
};

async function gate(
  options: string,
  env: Readonly<Record<string, string>>,
): Promise<Outcome & { result: GateResult }> {
  const command = `spangate gate ${options} -o result.json`;
  const outcome = await project.start(command, { ...GITLAB, ...env }).outcome;
  const result = JSON.parse(readFileSync(join(project.folder, 'result.json'), 'utf8')) as GateResult;
  return { ...outcome, result };
}

async function ledgerLines(): Promise<readonly LedgerRun[]> {
  const { stdout } = await told(
    'git fetch --quiet origin +refs/spangate/ledger:refs/ledger; for file in $(git ls-tree -r --name-only refs/ledger runs/); do git show refs/ledger:$file; done',
  );
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('a job that was red in shadow is noted, and the gate of the same commit that measures green stays red', async () => {
  const shadow = await gate('--against auto --shadow', { FLAKY: '3' });
  expect(shadow.code, shadow.stderr).toBe(0);
  expect(shadow.stderr).toContain('shadow: a gate would have ended with exit code 1');
  expect(shadow.result.verdict).toBe('fail');
  const { stdout: head } = await told('git rev-parse HEAD');
  expect(await ledgerLines()).toMatchObject([
    {
      ...{ mode: 'shadow', commit: head.trim(), pullRequest: 17, run: '900', attempt: 1, exitCode: 1 },
      scenarios: [{ verdict: 'fail' }],
    },
  ]);

  // GitLab's retry: another job in the same pipeline, and nothing that counts.
  const retried = await gate('--against auto --ledger', { FLAKY: '1', CI_JOB_ID: '2' });
  expect(retried.code, retried.stderr).toBe(1);
  expect(retried.result.comparisons[0]?.failedBy).toEqual(['failed-before']);
  expect(retried.stdout.replace(/\s+/g, ' ')).toContain('Attempt 1 of this run failed in');

  // Nor does another pipeline of the same commit take it back.
  const anew = await gate('--against auto --ledger', { FLAKY: '1', CI_PIPELINE_ID: '901' });
  expect(anew.code, anew.stderr).toBe(1);
  expect(anew.stdout.replace(/\s+/g, ' ')).toContain('Attempt 1 of this job (run 900) failed in');

  // Another job of the pipeline is measured for itself.
  const other = await gate('--against auto --ledger', { FLAKY: '1', CI_JOB_NAME: 'other' });
  expect(other.code, other.stderr).toBe(0);
  const lines = await ledgerLines();
  expect(lines.map(({ attempt, exitCode }) => [attempt, exitCode])).toEqual([
    [1, 1],
    [2, 1],
    [3, 1],
    [1, 0],
  ]);
  const { stdout } = await told('spangate ledger --format json');
  const summary = JSON.parse(stdout) as LedgerSummary;
  expect(summary).toMatchObject({ runs: 4, shadow: 1, unread: 0 });
}, 300_000);

test('six jobs that end at once lose no line', async () => {
  // Base and head have the same files: nothing is measured.
  await told('git checkout --quiet main');
  const command = 'spangate gate --against main --ledger';
  const jobs = Array.from({ length: 6 }, (_, index) => ({ ...GITLAB, CI_JOB_NAME: `spangate ${index}/6` }));
  const outcomes = await Promise.all(jobs.map((env) => project.start(command, env).outcome));
  expect(outcomes.map(({ code, stdout }) => [code, /[^\n]*ledger.*/s.exec(stdout)?.[0]])).toEqual(
    jobs.map(() => [0, undefined]),
  );
  expect(new Set((await ledgerLines()).map(({ job }) => job)).size).toBe(6);
  // Several gates of one job have keys.
  await told(`${command} left; ${command} right`.replaceAll('--ledger ', '--ledger='), GITLAB);
  expect(new Set((await ledgerLines()).map(({ job }) => job)).size).toBe(8);
}, 120_000);

test('a ledger that cannot be written or read is a warning of the result, and changes no verdict', async () => {
  await told('git checkout --quiet main');
  writeFileSync(join(origin, 'hooks/pre-receive'), '#!/bin/sh\necho not allowed >&2; exit 1\n', {
    mode: 0o755,
  });
  const refused = await gate('--against main --ledger', {});
  expect(refused.code).toBe(0);
  expect(refused.result.verdict).toBe('pass');
  expect(refused.result.comparisons[0]?.warnings).toContainEqual({
    code: 'ledger-not-written',
    message: expect.stringMatching(/^This run is not in the ledger: .*not written.* not allowed /s),
  });
  await told('git remote set-url origin "$ORIGIN.gone"');
  const gone = await gate('--against main --ledger', {});
  expect(gone.code).toBe(0);
  expect(gone.result.comparisons[0]?.warnings).toContainEqual({
    code: 'ledger-not-read',
    message: expect.stringMatching(/^What earlier gates of this commit found is not known/),
  });
  expect(gone.stdout.replace(/\s+/g, ' ')).toContain('What earlier gates of this commit found is not known');
}, 120_000);

test('on a machine of one’s own nothing is written, and the result says so', async () => {
  await told('git checkout --quiet main');
  const { code, result } = await gate('--against main --ledger', { GITLAB_CI: '', CI: '' });
  expect(code).toBe(0);
  expect(result.comparisons[0]?.warnings.map((warning) => warning.code)).toContain('ledger-not-written');
  expect((await told('git ls-remote origin "refs/spangate/*"')).stdout).toBe('');
}, 60_000);

test('a gate that cannot measure is noted with its error; in shadow it stops nobody', async () => {
  await told("sed -i 's/server.listen.*/process.exit(5);/' server.mjs; git commit --quiet --all -m broken");
  const shadow = await project.start('spangate gate --against main --shadow', GITLAB).outcome;
  expect(shadow.code, shadow.stderr).toBe(0);
  expect(shadow.stderr).toContain('shadow: a gate would have ended with exit code 3');
  const red = await project.start('spangate gate --against main --ledger', GITLAB).outcome;
  expect(red.code).toBe(3);
  expect((await ledgerLines()).map(({ exitCode, error, attempt }) => [exitCode, error, attempt])).toEqual([
    [3, 'head-start-failed', 1],
    [3, 'head-start-failed', 2],
  ]);
}, 120_000);
