import { describe, expect, test } from 'vitest';
import type { Scenario } from '../src/config.ts';
import { EXIT, UserError } from '../src/errors.ts';
import { exitCodeOf } from '../src/gate.ts';
import { gateTogether, type TogetherCase, type TogetherWorld } from '../src/gate-together.ts';
import type { ArmPair, Measurement, Warning } from '../src/measurement.ts';
import { formatResult } from '../src/report/format.ts';
import type { RoundPlan, Stage, TogetherRun } from '../src/runner/together/together-run.ts';
import { validate } from '../src/schema.ts';
import { STANDARD } from './compare/policies.ts';
import { measurementOf } from './compare/sketch.ts';

const QUERY = 'client:api:pg.query';

interface FakeOptions {
  /** Factor on the query of head. */
  readonly slower?: number;
  /** Calls of the query in head. */
  readonly calls?: number;
  /** Of all that the round with this number (from 0) measured. */
  readonly invalid?: (round: number) => Warning | undefined;
  readonly warnings?: Partial<ArmPair<readonly Warning[]>>;
  readonly secondsARound?: number;
  readonly spread?: number;
}

/** A run without processes or clocks: each round is drawn, and takes the same time. */
class DrawnRun implements TogetherRun {
  readonly instances = 4;
  readonly exchangeable = 'instances';
  readonly warnings = [];
  readonly plans: RoundPlan[] = [];
  isOpen = true;
  readonly #options: FakeOptions;
  readonly #rounds: Record<Stage, number[]> = { screen: [], confirm: [] };

  constructor(options: FakeOptions) {
    this.#options = options;
  }

  elapsedSeconds(): number {
    return this.plans.length * (this.#options.secondsARound ?? 12);
  }

  async measureRound(plan: RoundPlan): Promise<void> {
    this.#rounds[plan.stage].push(this.plans.length);
    this.plans.push(plan);
  }

  measurements(stage: Stage): ArmPair<Measurement> | null {
    const rounds = this.#rounds[stage];
    if (rounds.length === 0) return null;
    return { base: this.#measurement(stage, 'base'), head: this.#measurement(stage, 'head') };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isOpen = false;
  }

  #measurement(stage: Stage, arm: 'base' | 'head'): Measurement {
    const { slower = 1, calls = 1, invalid = () => undefined, warnings, spread = 0.005 } = this.#options;
    const numbers = this.#rounds[stage];
    const isHead = arm === 'head';
    const drawn = measurementOf({
      id: `${stage} ${arm}`,
      roundPrefix: stage,
      rounds: numbers.length,
      instances: 4,
      spread,
      seed: (stage === 'screen' ? 10 : 20) + (isHead ? 1 : 0),
      operations: {
        'list orders': {
          latency: 0.004,
          requests: 2000,
          spans: { [QUERY]: { duration: 0.001 * (isHead ? slower : 1), calls: isHead ? calls : 1 } },
        },
      },
    });
    return {
      ...drawn,
      arm,
      rounds: drawn.rounds.map((round, index) => {
        const why = invalid(numbers[index] ?? 0);
        return why ? { ...round, invalid: why } : round;
      }),
      warnings: warnings?.[arm] ?? [],
    };
  }
}

const TOGETHER: Scenario['rounds']['together'] = {
  instances: 4,
  screen: 2,
  confirm: 3,
  atMost: 7,
  durationSeconds: 8,
  budgetSeconds: 240,
  probe: { connections: 8, slotSeconds: 1 },
};

async function gateOf(options: FakeOptions, parts: Partial<TogetherCase> = {}) {
  const run = new DrawnRun(options);
  const world: TogetherWorld = {
    openTogether: async () => run,
    now: () => new Date('2026-01-01T00:00:00Z'),
    seed: 7,
    tool: 'spangate 0.0.0',
  };
  // The parts that a story without processes reads.
  const scenario = { name: 'default', policy: STANDARD, rounds: { together: TOGETHER } } as Scenario;
  const arms = {
    base: { arm: 'base', scenario, commit: null },
    head: { arm: 'head', scenario, commit: null },
  } as const;
  const result = await gateTogether([{ scenario, arms, loosened: [], warnings: [], ...parts }], world).catch(
    (error: unknown) => ({ error }),
  );
  return { result, run, stages: run.plans.map(({ stage }) => stage) };
}

const NO_PACKAGES: Warning = { code: 'packages-not-installed', message: 'Nothing installs the packages.' };
const BUSY: Warning = { code: 'cpu-stolen', message: 'The hypervisor took 40 % of the CPU time.' };
const BROKEN: Warning = { code: 'unexpected-answers', message: 'Most answers were not the expected ones.' };

describe('a gate of two builds side by side', () => {
  test('passes what is unchanged in the screening stage, and ends the run', async () => {
    const { result, run, stages } = await gateOf({});
    expect(result).toMatchObject({ verdict: 'pass', comparisons: [{ mode: 'together' }] });
    expect(stages.every((stage) => stage === 'screen')).toBe(true);
    expect(run.isOpen).toBe(false);
  });

  test('confirms a slower span on rounds of their own before it fails', async () => {
    const { result, stages } = await gateOf({ slower: 1.3 });
    expect(result).toMatchObject({
      verdict: 'fail',
      comparisons: [{ confirmation: { id: 'confirm head' } }],
    });
    expect(stages[0]).toBe('screen');
    expect(stages.at(-1)).toBe('confirm');
  });

  test('asks for the concurrency probe once, where it finds nothing to confirm', async () => {
    const { run } = await gateOf({ slower: 1.3 });
    expect(run.plans.length).toBe(3);
    expect(run.plans.map(({ probe }) => probe)).toEqual(run.plans.map((_, index) => index === 0));
  });

  test('fails more calls after one round: they are the same in every process', async () => {
    const { result, stages } = await gateOf({ calls: 5 });
    expect(result).toMatchObject({ verdict: 'fail' });
    expect(stages).toEqual(['screen']);
  });

  test('measures a round again that cannot be used, for both builds', async () => {
    const { result, run } = await gateOf({ invalid: (round) => (round === 0 ? BUSY : undefined) });
    expect(result).toMatchObject({ verdict: 'pass' });
    const usual = await gateOf({});
    expect(run.plans.length).toBe(usual.run.plans.length + 1);
  });

  test('is an error, and no pass, where no round can be used, and stops with the budget', async () => {
    const { result, run } = await gateOf({ invalid: () => BUSY, secondsARound: 60 });
    expect(result).toMatchObject({ error: { code: 'no-valid-round', exitCode: 3, detail: [BUSY.message] } });
    expect(run.plans.length).toBeLessThanOrEqual(4);
    expect(run.isOpen).toBe(false);
  });

  test('tells what was warned of before with the error, as it may be the cause', async () => {
    const { result } = await gateOf({ invalid: () => BUSY }, { warnings: [NO_PACKAGES] });
    const detail = [BUSY.message, `warning: ${NO_PACKAGES.message}`];
    expect(result).toMatchObject({ error: { code: 'no-valid-round', detail } });
  });

  test('gives no pass where both builds answer as nobody expects', async () => {
    const { result, stages } = await gateOf({ warnings: { base: [BROKEN], head: [BROKEN] } });
    if ('error' in result) throw result.error;
    expect(result).toMatchObject({ verdict: 'error', comparisons: [{ warnings: [BROKEN] }] });
    expect(exitCodeOf(result)).toBe(3);
    expect(stages).toHaveLength(1);
  });

  test('says of which build a warning is', async () => {
    const lost = { code: 'spans-dropped', message: '3 spans were dropped.' };
    const { result } = await gateOf(
      { warnings: { base: [lost] } },
      { names: { baseline: 'A', candidate: 'B' } },
    );
    if ('error' in result) throw result.error;
    const [comparison] = result.comparisons;
    expect(comparison?.warnings).toContainEqual({ ...lost, message: 'In A: 3 spans were dropped.' });
    expect(comparison?.names).toEqual({ baseline: 'A', candidate: 'B' });
    expect(comparison?.verdict).toBe('inconclusive');
  });

  test('passes on what the caller knows, and what limits were loosened', async () => {
    const warning = { code: 'base-without-config', message: 'Base has none.' };
    const loosening = {
      cause: 'limit-changed',
      what: 'limits.p50.fail',
      from: 0.05,
      to: 0.5,
      rows: null,
      line: 3,
      baseLine: 3,
    } as const;
    const { result } = await gateOf({}, { warnings: [warning], loosened: [loosening] });
    expect(result).toMatchObject({ comparisons: [{ loosened: [loosening] }] });
    if ('error' in result) throw result.error;
    expect(result.comparisons[0]?.warnings).toContainEqual(warning);
  });

  test('never measures on beyond the budget', async () => {
    const { run } = await gateOf({ spread: 0.2, secondsARound: 100 });
    expect(run.elapsedSeconds()).toBeLessThanOrEqual(TOGETHER.budgetSeconds);
  });
});

describe('a gate of several scenarios', () => {
  const ended = new UserError({
    ...{ code: 'service-exited', what: 'In head: the service api ended.', hint: 'Look at its log.' },
    ...{ detail: ['boom'], exitCode: EXIT.couldNotMeasure },
  });

  async function gateEach(
    outcomes: Readonly<Record<string, FakeOptions | Error>>,
    parts: Partial<TogetherCase> = {},
  ) {
    const told: string[] = [];
    const cases = Object.keys(outcomes).map((name): TogetherCase => {
      const scenario = { name, policy: STANDARD, rounds: { together: TOGETHER } } as Scenario;
      const arms = {
        base: { arm: 'base', scenario, commit: null },
        head: { arm: 'head', scenario, commit: null },
      } as const;
      const names = { baseline: 'base', candidate: 'head' };
      return { scenario, arms, loosened: [], warnings: [], names, ...parts };
    });
    const result = await gateTogether(cases, {
      openTogether: async ({ scenario }) => {
        const outcome = outcomes[scenario.name] ?? {};
        if (outcome instanceof Error) throw outcome;
        return new DrawnRun(outcome);
      },
      notMeasured: (scenario, { code }) => told.push(`${scenario}: ${code}`),
      ...{ now: () => new Date('2026-01-01T00:00:00Z'), seed: 7, tool: 'spangate 0.0.0' },
    });
    return { result, told };
  }

  test('reports the regression of one, though a service of another does not start', async () => {
    const { result, told } = await gateEach({ first: ended, orders: { calls: 5 }, last: ended });
    expect(result.comparisons.map(({ verdict }) => verdict)).toEqual(['error', 'fail', 'error']);
    expect(result.comparisons[0]?.warnings).toEqual([
      { code: 'scenario-not-measured', message: 'In head: the service api ended. Look at its log.' },
    ]);
    expect(told).toEqual(['first: service-exited', 'last: service-exited']);
    expect(exitCodeOf(result)).toBe(EXIT.regression);
    expect(validate('comparison', result.comparisons[0])).toEqual([]);
  });

  test('tells the error by the names of the sides', async () => {
    const sideError = new UserError({
      ...{ code: 'service-exited', what: 'In B: the service api ended.', exitCode: EXIT.couldNotMeasure },
    });
    const { result } = await gateEach({ orders: {}, last: ended }, { named: () => sideError });
    expect(result.comparisons[1]?.warnings).toEqual([
      { code: 'scenario-not-measured', message: 'In B: the service api ended.' },
    ]);
  });

  test('keeps what was warned of one that could not be measured', async () => {
    const { result } = await gateEach({ orders: {}, last: ended }, { warnings: [NO_PACKAGES] });
    expect(result.comparisons[1]?.warnings.slice(1)).toEqual([NO_PACKAGES]);
  });

  test('is no pass where one could not be measured', async () => {
    const { result } = await gateEach({ orders: {}, last: ended });
    expect(result.verdict).toBe('error');
    expect(exitCodeOf(result)).toBe(EXIT.couldNotMeasure);
    expect(formatResult(result, 'terminal')).toMatch(
      /^error in 1 of 2 scenarios: last: In head: the service api ended\. Look at its\nlog\./,
    );
  });

  test('ends with the error where none could be measured, or where it is no matter of one', async () => {
    await expect(gateEach({ orders: ended, last: ended })).rejects.toBe(ended);
    const interruption = new Error('interrupted');
    await expect(gateEach({ orders: {}, last: interruption })).rejects.toBe(interruption);
  });
});
