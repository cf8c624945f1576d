/**
 * The story side by side: two builds are measured round by round, judged after each round, and measured on for as
 * long as that can still change the verdict.
 */
import { compare } from './compare/compare.ts';
import type { Comparison, GateResult } from './compare/comparison.ts';
import { planOf, withDecidingRounds } from './compare/gate-plan.ts';
import type { Loosening } from './compare/loosening.ts';
import { nextStep, type StageRounds } from './compare/procedure.ts';
import { sharedRounds } from './compare/together.ts';
import { unmeasured } from './compare/unmeasured.ts';
import type { Scenario, TogetherRounds } from './config.ts';
import { renamesFor, withCoverage } from './coverage/covered.ts';
import { withNewNames } from './coverage/span-renames.ts';
import { eachScenario, type NotMeasured } from './each-scenario.ts';
import { EXIT, retold, UserError } from './errors.ts';
import { gateResult } from './gate.ts';
import type { ArmPair, Measurement, Warning } from './measurement.ts';
import type { ArmSource, Stage, TogetherRun } from './runner/together/together-run.ts';

/** A scenario and the two builds that it is measured with. */
export interface TogetherCase {
  /** Head's, with the policy that judges. */
  readonly scenario: Scenario;
  readonly arms: ArmPair<ArmSource>;
  /** Variables for the services of one arm alone. */
  readonly env?: ArmPair<Readonly<Record<string, string>>>;
  readonly names?: Comparison['names'];
  /** What the sides are, where their commits do not say it. */
  readonly sources?: ArmPair<string>;
  /** Tells the error of an arm by the name that the user knows. */
  readonly named?: (error: unknown) => unknown;
  /** What decides whether to measure on; the whole comparison where it is left out. */
  readonly decidedBy?: (comparison: Comparison) => Comparison;
  /** So many rounds and no gate: for whoever waits for them. */
  readonly rounds?: number;
  readonly loosened: readonly Loosening[];
  readonly warnings: readonly Warning[];
}

export interface TogetherWorld {
  /** Starts the dependencies of both arms. */
  openTogether(each: TogetherCase): Promise<TogetherRun>;
  /** Called before the first round with what the gate cannot see. */
  readonly tell?: (warning: Warning) => void;
  readonly notMeasured?: NotMeasured;
  readonly now: () => Date;
  readonly seed: number;
  readonly tool: string;
}

/** @throws UserError when an arm cannot be measured, in no scenario; the message says which */
export async function gateTogether(
  cases: readonly TogetherCase[],
  world: TogetherWorld,
): Promise<GateResult> {
  const comparisons = await eachScenario(cases, {
    nameOf: ({ scenario }) => scenario.name,
    gate: (each) =>
      gateCase(each, world).catch((error: unknown) => {
        throw withWarnings(each.named?.(error) ?? error, each);
      }),
    without: (each, why) => withoutMeasurement(each, why, world),
    tell: world.notMeasured,
  });
  return gateResult(comparisons);
}

/** There is no result to carry them, and one of them may be the cause. */
function withWarnings(error: unknown, { warnings }: TogetherCase): unknown {
  if (!(error instanceof UserError) || error.exitCode !== EXIT.couldNotMeasure || warnings.length === 0) {
    return error;
  }
  return retold(error, {
    detail: [...error.detail, ...warnings.map(({ message }) => `warning: ${message}`)],
  });
}

function withoutMeasurement(each: TogetherCase, warning: Warning, world: TogetherWorld): Comparison {
  const { scenario, arms } = each;
  const comparison = unmeasured({
    ...{ scenario, warning, verdict: 'error', mode: 'together', environment: '' },
    commits: { base: arms.base.commit, head: arms.head.commit },
    createdAt: world.now().toISOString(),
    seed: world.seed,
    tool: world.tool,
  });
  return withSides({ ...comparison, warnings: [...comparison.warnings, ...each.warnings] }, each);
}

async function gateCase(each: TogetherCase, world: TogetherWorld): Promise<Comparison> {
  let comparison: Comparison | null = null;
  await using run = await world.openTogether(each);
  const together = plannedRounds(each, run);
  for (const warning of planOf(together, designOf(each, run)).warnings) world.tell?.(warning);
  for (;;) {
    const step = nextStep({
      together,
      rounds: { screen: roundsOf(run, 'screen'), confirm: roundsOf(run, 'confirm') },
      comparison: comparison && (each.decidedBy?.(comparison) ?? comparison),
      elapsedSeconds: run.elapsedSeconds(),
    });
    if (step.kind === 'stop' || comparison?.verdict === 'error') break;
    await run.measureRound({ stage: step.stage, probe: step.probe });
    comparison = judged({ ...each, together }, run, world);
  }
  if (comparison === null) throw noValidRound(each, run);
  const screen = run.measurements('screen');
  if (screen === null) return comparison;
  return withCoverage(comparison, each.scenario, { baseline: screen.base, candidate: screen.head });
}

/** What the gate plans once it is known how many instances there are. */
export function plannedRounds(each: TogetherCase, run: Design): TogetherRounds {
  return withDecidingRounds(each.scenario.rounds.together, designOf(each, run));
}

type Design = Pick<TogetherRun, 'instances' | 'exchangeable'>;

function designOf({ scenario }: TogetherCase, { instances, exchangeable }: Design) {
  return { instances, exchangeable, alpha: scenario.policy.alpha };
}

function roundsOf(run: TogetherRun, stage: Stage): StageRounds {
  const pair = run.measurements(stage);
  if (pair === null) return { measured: 0, valid: 0 };
  return { measured: pair.head.rounds.length, valid: sharedRounds(pair.base, pair.head).size };
}

/** Null where no round counts yet. */
function judged(
  each: TogetherCase & { readonly together: TogetherRounds },
  run: TogetherRun,
  world: TogetherWorld,
): Comparison | null {
  const screen = run.measurements('screen');
  const confirm = run.measurements('confirm');
  if (screen === null || sharedRounds(screen.base, screen.head).size === 0) return null;
  const renames = renamesFor(each.scenario, screen.base, screen.head);
  const comparison = compare({
    baseline: withNewNames(screen.base, renames),
    candidate: screen.head,
    ...(confirm && {
      confirmation: confirm.head,
      baselineConfirmation: withNewNames(confirm.base, renames),
    }),
    policy: each.scenario.policy,
    seed: world.seed,
    createdAt: world.now().toISOString(),
    tool: world.tool,
    // One machine at one time: what differs between the arms is what is to be compared.
    comparability: 'like',
    exchangeable: run.exchangeable,
    together: { rounds: each.together, seconds: run.elapsedSeconds() },
    loosened: each.loosened,
    warnings: [...each.warnings, ...run.warnings, ...[screen, confirm].flatMap((pair) => ofBase(pair, each))],
  });
  const named = withSides(comparison, each);
  const broken = named.verdict === 'fail' ? undefined : brokenInBoth(screen);
  if (!broken) return named;
  return {
    ...named,
    verdict: 'error',
    warnings: [broken, ...named.warnings.filter((one) => one !== broken)],
  };
}

function withSides(comparison: Comparison, { names, sources }: TogetherCase): Comparison {
  const { baseline, candidate } = comparison;
  const named = { ...comparison, ...(names && { names }) };
  if (!sources) return named;
  return {
    ...named,
    baseline: baseline && { ...baseline, source: sources.base },
    candidate: { ...candidate, source: sources.head },
  };
}

/** Those of head ride along with the candidate; what both say is said once. */
function ofBase(pair: ArmPair<Measurement> | null, { names }: TogetherCase): readonly Warning[] {
  const known = new Set(pair?.head.warnings.map(({ message }) => message));
  return (pair?.base.warnings ?? []).flatMap(({ code, message }) =>
    known.has(message) ? [] : [{ code, message: `In ${names?.baseline ?? 'base'}: ${message}` }],
  );
}

/** Where both builds answer as nobody expects, that they agree is no pass. */
function brokenInBoth({ base, head }: ArmPair<Measurement>): Warning | undefined {
  const find = ({ warnings }: Measurement) => warnings.find(({ code }) => code === 'unexpected-answers');
  return find(base) && find(head);
}

export function noValidRound({ scenario }: TogetherCase, run: TogetherRun): UserError {
  const rounds = run.measurements('screen')?.head.rounds ?? [];
  const reasons = new Set(rounds.flatMap((round) => round.invalid?.message ?? []));
  return new UserError({
    code: 'no-valid-round',
    what: `No round of ${scenario.name} can be used.`,
    detail: [...reasons],
    hint: 'Mend what is named here, or give the rounds more time: rounds.together.budget.',
    exitCode: EXIT.couldNotMeasure,
  });
}
