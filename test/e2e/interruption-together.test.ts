import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  disposable,
  ENDED,
  eventually,
  expectNothingLeft,
  type Interrupted,
  lastLine,
  MOST_SECONDS,
  runIdOf,
  secondsToEnd,
} from './interrupted.ts';
import { processesNaming } from './living-processes.ts';
import { openProject, type Project } from './project.ts';

/** How to hold a paired run in a phase, and what stderr shows when it is there. */
const PHASES = {
  'sets A up': { env: { SET_UP: 'sleep 600' }, shows: /^api: sleep 600$/m },
  'starts instances': { env: { NEVER_READY: '1' }, shows: /screening · round 1\/1 · starting/ },
  'measures a round': { env: { DURATION: '60s' }, shows: /screening · round 1\/1 · measuring/ },
  'probes with several connections': { env: { SLOT: '60s' }, shows: /round 1\/1 · probing/ },
  'confirms what looks worse': { env: {}, shows: /confirming · round 1\/2 · measuring/ },
} as const;

/** B fails one request in ten, so that there is something to confirm. */
const AB = ['spangate', 'ab', '--env-b', 'FAULT=1'];

async function abThat(phase: keyof typeof PHASES): Promise<Interrupted> {
  const project = openProject({ fixture: 'interrupted' });
  const run = project.start(AB, PHASES[phase].env);
  await run.untilStderr(PHASES[phase].shows);
  await runIdOf(project);
  return { project, run };
}

/** `gate --against HEAD` whose set-up of one arm does not end. */
async function gateThatSetsUp(arm: 'base' | 'head'): Promise<Interrupted> {
  const project = openProject({ fixture: 'interrupted' });
  writeRepository(project);
  const setUp = arm === 'base' ? 'sleep 600' : 'test ! -e changed || sleep 600';
  const run = project.start(['spangate', 'gate', '--against', 'HEAD'], { SET_UP: setUp });
  await run.untilStderr(new RegExp(`^${arm}: api: `, 'm'));
  await runIdOf(project);
  return { project, run };
}

/** Its work tree has a file that its commit has not. */
function writeRepository({ folder }: Project): void {
  const script = [
    'git init --quiet --initial-branch main',
    "printf '%s\\n' node_modules .spangate > .gitignore",
    'git add .',
    'git -c user.name=t -c user.email=t@example.org commit --quiet --message first',
    'touch changed',
  ];
  execFileSync('/bin/sh', ['-c', script.join(' && ')], { cwd: folder, stdio: 'pipe' });
}

/** Checkouts in the folder for them, complete or not, and those that git knows. */
function checkoutsOf({ folder }: Project): readonly string[] {
  const cache = join(folder, '../home/.cache/spangate/checkouts');
  const found = existsSync(cache) ? readdirSync(cache).flatMap((name) => readdirSync(join(cache, name))) : [];
  const known = execFileSync('git', ['worktree', 'list', '--porcelain'], { cwd: folder, encoding: 'utf8' });
  const others = [...known.matchAll(/^worktree (.*)$/gm)].map(([, path]) => String(path));
  return [...found, ...others.filter((path) => path !== folder)].filter((name) => /-\d(\.json)?$/.test(name));
}

describe('a signal while two builds are measured side by side, and spangate', () => {
  for (const phase of Object.keys(PHASES) as (keyof typeof PHASES)[]) {
    test(`${phase}: SIGINT ends it in order, with one line`, async () => {
      using interrupted = disposable(await abThat(phase));
      const { outcome, seconds } = await secondsToEnd(interrupted.run, 'SIGINT');
      expect(outcome).toMatchObject({ code: 130, stdout: '' });
      expect(lastLine(outcome)).toMatch(new RegExp(`^spangate: stopped by SIGINT, ${ENDED}`));
      expect(seconds).toBeLessThan(MOST_SECONDS);
      expectNothingLeft(interrupted.project);
    });
  }

  test('confirms: what was finished of both arms is kept, and can be compared', async () => {
    using interrupted = disposable(await abThat('confirms what looks worse'));
    const { run, project } = interrupted;
    const { outcome } = await secondsToEnd(run, 'SIGTERM');
    expect(outcome.code).toBe(143);
    const kept = (arm: string) => `.spangate/last-run/default.${arm}.json.gz`;
    expect(lastLine(outcome)).toBe(
      `spangate: stopped by SIGTERM, ${ENDED}; 1 finished round of default (base) is kept in ${kept('base')}; 1 finished round of default (head) is kept in ${kept('head')}`,
    );
    const command = ['spangate', 'compare', kept('base'), kept('head'), '--format', 'json'];
    const compared = await project.start(command).outcome;
    expect(JSON.parse(compared.stdout)).toMatchObject({ comparisons: [{ mode: 'together' }] });
  });

  test('sets up the checkout of base: SIGINT leaves neither process nor work tree', async () => {
    using interrupted = disposable(await gateThatSetsUp('base'));
    const { outcome } = await secondsToEnd(interrupted.run, 'SIGINT');
    expect(outcome).toMatchObject({ code: 130, stdout: '' });
    expectNothingLeft(interrupted.project);
    expect(checkoutsOf(interrupted.project)).toEqual([]);
  });

  test('sets up the checkout of head: SIGINT leaves the base that is complete, for the next run', async () => {
    using interrupted = disposable(await gateThatSetsUp('head'));
    const { outcome } = await secondsToEnd(interrupted.run, 'SIGINT');
    expect(outcome).toMatchObject({ code: 130, stdout: '' });
    expectNothingLeft(interrupted.project);
    // Its folder, its marker, and what git knows of it.
    expect(checkoutsOf(interrupted.project)).toHaveLength(3);
  });

  test('measures base and head: SIGINT removes the checkout of a head that is not committed', async () => {
    const project = openProject({ fixture: 'interrupted' });
    writeRepository(project);
    const run = project.start(['spangate', 'gate', '--against', 'HEAD'], { DURATION: '60s' });
    using interrupted = disposable({ project, run });
    await run.untilStderr(PHASES['measures a round'].shows);
    // Both lie there, and git knows both.
    expect(checkoutsOf(project)).toHaveLength(6);
    const { outcome } = await secondsToEnd(interrupted.run, 'SIGINT');
    expect(outcome).toMatchObject({ code: 130, stdout: '' });
    expectNothingLeft(project);
    expect(checkoutsOf(project)).toHaveLength(3);
  });

  test('sets up the checkout of base: what SIGKILL leaves is cleaned by the next run', async () => {
    using interrupted = disposable(await gateThatSetsUp('base'));
    const { run, project } = interrupted;
    const runId = await runIdOf(project);
    run.process.kill('SIGKILL');
    expect((await run.outcome).code).toBe(137);
    await eventually(() => expect(processesNaming(runId)).toEqual([]));
    expect(checkoutsOf(project)).not.toEqual([]);
    const next = await project.start(['spangate', 'gate', '--against', 'HEAD'], { SET_UP: 'exit 3' }).outcome;
    expect(next).toMatchObject({ code: 3, stderr: expect.stringContaining('base-setup-failed') });
    expect(checkoutsOf(project)).toEqual([]);
  });

  test('measures a round: SIGKILL leaves no process behind', async () => {
    using interrupted = disposable(await abThat('measures a round'));
    const { run, project } = interrupted;
    const runId = await runIdOf(project);
    run.process.kill('SIGKILL');
    expect((await run.outcome).code).toBe(137);
    await eventually(() => expect(processesNaming(runId)).toEqual([]));
    expect(project.processes()).toEqual([]);
  });
});
