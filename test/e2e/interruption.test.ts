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
import { openProject } from './project.ts';

/** Of a run of three rounds, how to hold it in a phase, and what stderr shows when it is there. */
const PHASES = {
  'sets up': { env: { SET_UP: 'sleep 600' }, shows: /^api: sleep 600$/m },
  'starts its services': { env: { NEVER_READY: '1' }, shows: /round 1\/3 · starting/ },
  'warms up': { env: { WARM_UP: '60s' }, shows: /round 1\/3 · warm-up/ },
  'measures the first round': { env: { DURATION: '60s' }, shows: /round 1\/3 · measuring/ },
  'stops services that are deaf': { env: { STUBBORN: '1' }, shows: /round 1\/3 · stopping/ },
} as const;

/** `gate` in a project of its own, in that phase. */
async function gateThat(phase: keyof typeof PHASES, command = 'gate'): Promise<Interrupted> {
  const project = openProject({ fixture: 'interrupted' });
  const run = project.start(['spangate', command], PHASES[phase].env);
  await run.untilStderr(PHASES[phase].shows);
  await runIdOf(project);
  return { project, run };
}

describe.concurrent('a signal while spangate', () => {
  for (const phase of Object.keys(PHASES) as (keyof typeof PHASES)[]) {
    test(`${phase}: SIGINT ends it in order, with one line`, async () => {
      using interrupted = disposable(await gateThat(phase));
      const { outcome, seconds } = await secondsToEnd(interrupted.run, 'SIGINT');
      expect(outcome).toMatchObject({ code: 130, stdout: '' });
      expect(lastLine(outcome)).toBe(`spangate: stopped by SIGINT, ${ENDED}`);
      expect(seconds).toBeLessThan(MOST_SECONDS);
      expectNothingLeft(interrupted.project);
    });
  }

  test('measures: SIGTERM does the same, with its own exit code', async () => {
    using interrupted = disposable(await gateThat('measures the first round'));
    const { outcome } = await secondsToEnd(interrupted.run, 'SIGTERM');
    expect(outcome).toMatchObject({ code: 143, stdout: '' });
    expect(lastLine(outcome)).toBe(`spangate: stopped by SIGTERM, ${ENDED}`);
    expectNothingLeft(interrupted.project);
  });

  test('examines a service: SIGINT ends doctor, too', async () => {
    const project = openProject({ fixture: 'interrupted' });
    const run = project.start(['spangate', 'doctor'], { NEVER_READY: '1' });
    using interrupted = disposable({ project, run });
    await run.untilStderr(/starting/);
    const { outcome } = await secondsToEnd(interrupted.run, 'SIGINT');
    expect(outcome).toMatchObject({ code: 130, stdout: '' });
    expect(lastLine(outcome)).toBe(`spangate: stopped by SIGINT, ${ENDED}`);
    expectNothingLeft(project);
  });

  test('measures the second round: what was finished is kept, and can be compared', async () => {
    const project = openProject({ fixture: 'interrupted' });
    using interrupted = disposable({ project, run: project.start(['spangate', 'gate']) });
    await interrupted.run.untilStderr(/round 1\/3 done/);
    const { outcome } = await secondsToEnd(interrupted.run, 'SIGINT');
    expect(outcome.code).toBe(130);
    const kept = '.spangate/last-run/default.json.gz';
    expect(lastLine(outcome)).toBe(
      `spangate: stopped by SIGINT, ${ENDED}; 1 finished round of default is kept in ${kept}`,
    );
    expectNothingLeft(project);
    const compared = await project.start(['spangate', 'compare', kept, kept, '--format', 'json']).outcome;
    expect(JSON.parse(compared.stdout)).toMatchObject({ comparisons: [{ candidate: { rounds: 1 } }] });
  });

  test('compares: there is the whole verdict, or none', async () => {
    const project = openProject({ fixture: 'two-gates-at-once' });
    using interrupted = disposable({ project, run: project.start(['spangate', 'gate', '--format', 'json']) });
    await interrupted.run.untilStderr(/round 1\/1 done/);
    const { outcome } = await secondsToEnd(interrupted.run, 'SIGINT');
    if (outcome.code === 130) expect(outcome.stdout).toBe('');
    else expect(JSON.parse(outcome.stdout)).toMatchObject({ verdict: 'nothing-compared' });
    expectNothingLeft(project);
  });

  test('stops what is deaf: a second SIGINT ends it at once', async () => {
    using interrupted = disposable(await gateThat('stops services that are deaf'));
    const { run, project } = interrupted;
    run.process.kill('SIGINT');
    const again = setInterval(() => run.process.kill('SIGINT'), 50);
    const outcome = await run.outcome;
    clearInterval(again);
    expect(outcome.code).toBe(130);
    // What it says when it has waited for all to end, which takes the deaf two seconds.
    expect(outcome.stderr).not.toContain(ENDED);
    await eventually(() => expect(project.processes()).toEqual([]));
  });

  for (const phase of ['sets up', 'starts its services', 'measures the first round'] as const) {
    test(`${phase}: SIGKILL leaves no process behind`, async () => {
      using interrupted = disposable(await gateThat(phase));
      const { run, project } = interrupted;
      const runId = await runIdOf(project);
      // The shell of the command, and the watchdog.
      expect(processesNaming(runId).length).toBeGreaterThan(1);
      run.process.kill('SIGKILL');
      expect((await run.outcome).code).toBe(137);
      await eventually(() => expect(processesNaming(runId)).toEqual([]));
      expect(project.processes()).toEqual([]);
    });
  }
});
