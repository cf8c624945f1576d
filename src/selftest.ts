/**
 * The story of the self test: look at the service, change it in one arm by a known amount, and see whether the gate
 * finds the change.
 */
import {
  checkInjections,
  followersOf,
  SELF_TEST_SCHEMA_VERSION,
  type SelfTest,
  type SelfTestResult,
  untilDelayIsDecided,
} from './compare/injection-check.ts';
import { type InjectionPlan, planInjections } from './compare/injection-plan.ts';
import type { Scenario } from './config.ts';
import { EXIT, UserError } from './errors.ts';
import type { GateWorld } from './gate.ts';
import { gateTogether, type TogetherCase, type TogetherWorld } from './gate-together.ts';
import { type ArmPair, type Measurement, parseSpanKeyId } from './measurement.ts';
import { INJECTION_VARIABLE, type Injection, injectionText } from './telemetry/injection.ts';

export interface SelfTestWorld extends TogetherWorld {
  readonly measure: GateWorld['measure'];
}

export interface SelfTestOptions {
  /** Name of the span that gets the delay; chosen by rule where it is left out. */
  readonly span?: string;
}

/**
 * @param cases with the same build in both arms, set up already
 * @throws UserError when the service cannot be measured; `no-span-to-change`
 */
export async function selfTestAll(
  cases: readonly TogetherCase[],
  world: SelfTestWorld,
  options: SelfTestOptions,
): Promise<SelfTestResult> {
  const tests: SelfTest[] = [];
  for (const each of cases) tests.push(await selfTestCase(each, world, options));
  return {
    schemaVersion: SELF_TEST_SCHEMA_VERSION,
    passed: tests.every(({ passed }) => passed),
    tests,
  };
}

async function selfTestCase(
  each: TogetherCase,
  world: SelfTestWorld,
  options: SelfTestOptions,
): Promise<SelfTest> {
  const { scenario } = each;
  const began = world.now().getTime();
  const look = await world.measure(briefly(scenario), { setUp: false, purpose: 'look' });
  const lookSeconds = (world.now().getTime() - began) / 1000;
  const plan = planInjections(look, { policy: scenario.policy, ...options });
  if (plan === null) throw noSpan(scenario, look, options);
  const changed: TogetherCase = {
    ...each,
    env: variablesOf(plan),
    decidedBy: (comparison) => untilDelayIsDecided(plan, comparison),
  };
  const { comparisons } = await gateTogether([changed], world);
  const [comparison] = comparisons;
  if (!comparison) throw new Error('a gate of one scenario has one comparison');
  const findings = checkInjections(plan, comparison);
  const { together } = comparison;
  return {
    scenario: scenario.name,
    tool: world.tool,
    createdAt: comparison.createdAt,
    seed: world.seed,
    passed: findings.every(({ caughtBy }) => caughtBy !== null),
    findings,
    verdict: comparison.verdict,
    followers: followersOf(plan, comparison).length,
    rounds: (together?.screenRounds ?? 0) + (together?.confirmRounds ?? 0),
    instances: together?.instances ?? 0,
    seconds: together?.seconds ?? 0,
    lookSeconds,
    warnings: comparison.warnings,
  };
}

/** Long enough for the median of a span, and no longer. */
const LOOK_SECONDS = 2;

function briefly(scenario: Scenario): Scenario {
  return {
    ...scenario,
    rounds: {
      ...scenario.rounds,
      count: 1,
      instances: 1,
      durationSeconds: LOOK_SECONDS,
      warmUp: { kind: 'fixed', seconds: 1 },
    },
  };
}

/** The same machinery is at work in both arms, and changes nothing in base: they differ by the changes alone. */
function variablesOf({ delay, extra }: InjectionPlan): ArmPair<Record<string, string>> {
  const injection: Injection = {
    delay: { span: delay.span, request: delay.request, seconds: delay.seconds },
    repeat: { span: extra.span, request: extra.request },
  };
  const nothing: Injection = {
    delay: { span: delay.span, request: delay.request, seconds: 0 },
    repeat: null,
  };
  return {
    base: { [INJECTION_VARIABLE]: injectionText(nothing) },
    head: { [INJECTION_VARIABLE]: injectionText(injection) },
  };
}

function noSpan(scenario: Scenario, look: Measurement, { span }: SelfTestOptions): UserError {
  const names = Object.values(look.merged).flatMap(({ spans }) =>
    Object.keys(spans).map((id) => parseSpanKeyId(id).name),
  );
  return new UserError({
    code: 'no-span-to-change',
    what:
      span === undefined
        ? `No request of ${scenario.name} makes a span that could be changed.`
        : `No request of ${scenario.name} makes a span ${JSON.stringify(span)}.`,
    detail: names.length === 0 ? [] : ['Spans that were seen:', ...[...new Set(names)].sort()],
    hint:
      span === undefined
        ? 'See what is seen of the service: spangate doctor'
        : 'Give one of those to --span.',
    exitCode: EXIT.couldNotMeasure,
  });
}
