import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../../../src/errors.ts';
import type { Arm, ArmPair, Measurement, Round } from '../../../src/measurement.ts';
import { openTogether, type TogetherOptions } from '../../../src/runner/together/open-together.ts';
import { armsByPosition } from '../../../src/runner/together/round-layout.ts';
import type { Stage } from '../../../src/runner/together/together-run.ts';
import { type Bench, livingOf, openBench } from '../process-bench.ts';
import { type ExampleCase, togetherOptions } from './example-arms.ts';

const STEPS = { base: { env: { STEPS: '1' } }, head: { env: { STEPS: '3' } } };
const ARMS: readonly Arm[] = ['base', 'head'];

let bench: Bench;

beforeEach(() => {
  bench = openBench();
});

afterEach(async () => {
  await bench[Symbol.asyncDispose]();
});

async function measured(
  each: ExampleCase,
  { probe = false, more = {} }: { probe?: boolean; more?: Partial<TogetherOptions> } = {},
): Promise<ArmPair<Measurement>> {
  await using run = await openTogether({ ...togetherOptions(bench, each), ...more });
  await run.measureRound({ stage: 'screen', probe });
  const pair = run.measurements('screen');
  if (!pair) throw new Error('a round was measured, and there is no measurement');
  return pair;
}

async function failureOf(each: ExampleCase): Promise<UserError> {
  const outcome = await measured(each).catch((error: unknown) => error);
  if (!(outcome instanceof UserError)) throw new Error(`expected a UserError, got ${String(outcome)}`);
  expect(livingOf(bench.registry.runId), 'nothing of it runs').toEqual([]);
  return outcome;
}

function onlyRound({ rounds }: Measurement): Round {
  const [round] = rounds;
  if (!round || rounds.length > 1) throw new Error(`expected one round, got ${rounds.length}`);
  return round;
}

/** Calls of the span `step` a request, instance by instance. */
function stepsOf({ instances }: Round): readonly number[] {
  return instances.map((instance) => {
    const root = instance.operations.root;
    const calls = root?.spans['internal:api:step']?.calls ?? Number.NaN;
    return calls / (root?.traces ?? Number.NaN);
  });
}

describe('two builds side by side', () => {
  test('can be measured by two runs of one seed at the same time', async () => {
    await using other = openBench();
    const runs = [bench, other].map(async (each) => {
      await using run = await openTogether(togetherOptions(each, STEPS));
      await run.measureRound({ stage: 'screen', probe: false });
      return run.measurements('screen')?.head.status;
    });
    expect(await Promise.all(runs)).toEqual(['complete', 'complete']);
  });

  test('are two measurements, each with the spans of its own build, in rounds of the same name', async () => {
    const { base, head } = await measured(STEPS);
    expect([base.arm, head.arm]).toEqual(ARMS);
    expect(stepsOf(onlyRound(base))).toEqual([1, 1]);
    expect(stepsOf(onlyRound(head))).toEqual([3, 3]);
    const { instances: ofBase, ...baseRound } = onlyRound(base);
    const { instances: ofHead, ...headRound } = onlyRound(head);
    expect(baseRound).toEqual(headRound);
    expect(base.id).not.toBe(head.id);
    expect([base.commit?.sha[0], head.commit?.sha[0]]).toEqual(['b', 'c']);
    expect([base.status, head.status]).toEqual(['complete', 'complete']);
    expect(base.workload).toEqual(head.workload);
    expect(base.workload).toMatchObject({ model: 'interleaved', driver: 'interleaved' });
    expect(base.workload.inFlight).toBeGreaterThan(0);
    expect(base.merged.root?.latency.count).toBe(ofBase.reduce((sum, each) => sum + requestsOf(each), 0));
    expect(ofHead.map(({ quality }) => quality.rootSpans)).toEqual(ofHead.map(requestsOf));
  });

  test('lie where the seed says', async () => {
    const { base } = await measured(STEPS);
    const positions = armsByPosition(11, 0, 2).flatMap((arm, position) => (arm === 'base' ? [position] : []));
    expect(onlyRound(base).instances.map(({ id }) => id)).toEqual(positions.map((at) => `r0i${at}`));
  });

  test('are sent exactly the same by the interleaved load', async () => {
    const { base, head } = await measured(STEPS);
    const counts = [base, head].flatMap((each) => onlyRound(each).instances.map(requestsOf));
    expect(new Set(counts).size).toBe(1);
  });

  test.each(['closed', 'open'] as const)('are measured by the %s load as well', async (model) => {
    const open = { rate: 100, arrivals: 'uniform' } as const;
    const { base, head } = await measured({ ...STEPS, load: { model, ...(model === 'open' && { open }) } });
    expect([base.workload.model, head.workload.model]).toEqual([model, model]);
    expect(stepsOf(onlyRound(base))).toEqual([1, 1]);
    expect(stepsOf(onlyRound(head))).toEqual([3, 3]);
    expect(onlyRound(head).conditions.starts?.rate).toBe(model === 'open' ? 100 : undefined);
    expect(head.workload.rate).toBe(model === 'open' ? 100 : undefined);
  });

  test('have environments of the same size, whatever is in them, and logs of their own', async () => {
    await measured(
      { base: { env: { STEPS: '1' } }, head: { env: { STEPS: '3', FEATURE: 'a long value of a flag' } } },
      { more: { env: { base: { INJECTED: 'x' } } } },
    );
    const sizes = ARMS.flatMap((arm) => {
      const folder = join(bench.directory, 'round-1', arm);
      return readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8').trim());
    });
    expect(sizes).toHaveLength(4);
    expect(sizes[0]).toMatch(/^environment \d+$/);
    expect(new Set(sizes).size).toBe(1);
  });

  test('can differ by variables of the run alone', async () => {
    const { base, head } = await measured({}, { more: { env: { head: { STEPS: '2' } } } });
    expect(stepsOf(onlyRound(base))).toEqual([1, 1]);
    expect(stepsOf(onlyRound(head))).toEqual([2, 2]);
  });

  test('are probed at the end of a round, each instance with its own spans', async () => {
    const { base, head } = await measured(STEPS, { probe: true });
    for (const each of [base, head]) {
      const [probe] = each.probes ?? [];
      expect(probe?.id).toBe(onlyRound(each).id);
      expect(probe?.instances.map(({ id }) => id)).toEqual(onlyRound(each).instances.map(({ id }) => id));
      expect(probe?.instances.every(({ throughput }) => throughput > 0)).toBe(true);
      expect(stepsOf(probe as Round)).toEqual(stepsOf(onlyRound(each)));
    }
  });

  test('have measurements of each stage, and every round is handed out when it is over', async () => {
    const seen: string[] = [];
    const onRound = async (stage: Stage, soFar: ArmPair<Measurement>): Promise<void> => {
      seen.push(`${stage} ${soFar.base.rounds.length}+${soFar.head.rounds.length}`);
    };
    await using run = await openTogether({ ...togetherOptions(bench, STEPS), onRound });
    expect(run.elapsedSeconds()).toBe(0);
    expect(run.measurements('screen')).toBeNull();
    await run.measureRound({ stage: 'screen', probe: false });
    await run.measureRound({ stage: 'screen', probe: false });
    await run.measureRound({ stage: 'confirm', probe: false });
    expect(seen).toEqual(['screen 1+1', 'screen 2+2', 'confirm 1+1']);
    const ids = (['screen', 'confirm'] as const).flatMap(
      (stage) => run.measurements(stage)?.head.rounds.map(({ id }) => id) ?? [],
    );
    expect(new Set(ids).size).toBe(3);
    expect(run.elapsedSeconds()).toBeGreaterThan(1.5);
    expect(run.instances).toBe(2);
    expect(run.exchangeable).toBe('instances');
  });
});

function requestsOf(instance: Round['instances'][number]): number {
  return instance.operations.root?.requests ?? Number.NaN;
}

describe('a round that cannot be used', () => {
  test('is one for both, whoever was to blame', async () => {
    const { base, head } = await measured({
      base: { env: { STEP_MS: '0' } },
      head: { env: { STEP_MS: '30' } },
      load: { model: 'open', open: { rate: 1500, arrivals: 'uniform' } },
    });
    expect(onlyRound(base).invalid?.code).toBe('starts-missed');
    expect(onlyRound(head).invalid).toEqual(onlyRound(base).invalid);
    expect([base.status, head.status]).toEqual(['failed', 'failed']);
    expect(base.merged).toEqual({});
  });
});

describe('an arm that fails', () => {
  test.each(ARMS)('says that it is %s where it does not start', async (arm) => {
    const error = await failureOf({ [arm]: { env: { NO_START: '1' } } });
    expect(error.code).toBe(`${arm}-start-failed`);
    expect(error.message).toMatch(new RegExp(`^In ${arm}: .*api ended before it was ready`));
    expect(error.detail.join('\n')).toContain('cannot start: no configuration');
    expect(error.exitCode).toBe(3);
  });

  test('does so before the first round where the number of instances is still to be found', async () => {
    const options = togetherOptions(bench, {
      base: { env: { NO_START: '1' } },
      together: { instances: 'auto' },
    });
    await expect(openTogether(options)).rejects.toMatchObject({ code: 'base-start-failed' });
    await expect.poll(() => livingOf(bench.registry.runId), { timeout: 10_000 }).toEqual([]);
  });

  test.each(ARMS)('says that it is %s where it dies under load', async (arm) => {
    const error = await failureOf({ [arm]: { env: { DIE_AFTER: '20' } } });
    expect(error.code).toBe('service-died');
    expect(error.message).toMatch(new RegExp(`^In ${arm}: `));
  });

  test('says which it is where no span of it arrives', async () => {
    const error = await failureOf({ head: { start: 'NODE_OPTIONS= node service.mjs' } });
    expect(error.code).toBe('no-spans');
    expect(error.message).toMatch(/^In head: /);
  });

  test('says which it is where it answers nothing that is expected', async () => {
    const { base, head } = await measured({ head: { env: { STATUS: '500' } } });
    expect(base.status).toBe('complete');
    expect(head.warnings.map(({ code }) => code)).toContain('unexpected-answers');
    expect(head.status).toBe('degraded');
  });
});

describe('a signal', () => {
  test.each(['starting', 'measuring'] as const)('ends everything at once while %s', async (phase) => {
    const options = togetherOptions(bench, STEPS);
    const reason = new Error('interrupted');
    const progress = {
      ...options.progress,
      phase: (at: string) => {
        if (at === phase) bench.abort.abort(reason);
      },
    };
    const run = await openTogether({ ...options, progress });
    await expect(run.measureRound({ stage: 'screen', probe: true })).rejects.toBe(reason);
    await run[Symbol.asyncDispose]();
    await bench.registry[Symbol.asyncDispose]();
    expect(livingOf(bench.registry.runId)).toEqual([]);
    expect(run.measurements('screen')).toBeNull();
  });
});
