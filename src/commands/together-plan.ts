/** What a paired run is going to do, and how long that takes, in words for whoever waits for it. */
import type { Scenario } from '../config.ts';
import { plannedRounds, type TogetherCase } from '../gate-together.ts';
import type { Progress } from '../report/progress.ts';
import { wallTime } from '../report/units.ts';
import type { RunProgress } from '../runner/run-progress.ts';
import type { Stage, TogetherRun } from '../runner/together/together-run.ts';

/** Starting, warming up and stopping of small Node services, over a round of the examples on two cores. */
const ROUND_OVERHEAD_SECONDS = 6;

/** `default: base and head side by side, 3 rounds of 8 s with 4 + 4 instances, about 45 s; …` */
export function planText(each: TogetherCase, run: TogetherRun): string {
  const { scenario, names, rounds: count } = each;
  const { instances } = run;
  const { screen, confirm, durationSeconds, budgetSeconds } = plannedRounds(each, run);
  const sides = `${names?.baseline ?? 'base'} and ${names?.candidate ?? 'head'}`;
  const planned = count ?? screen;
  const rounds = `${planned === 1 ? '1 round' : `${planned} rounds`} of ${durationSeconds} s`;
  const probe = count === undefined ? probeSeconds(scenario, instances) : 0;
  const expected = planned * (durationSeconds + ROUND_OVERHEAD_SECONDS) + probe;
  const plan =
    `${scenario.name}: ${sides} side by side, ${rounds} with ${instances} + ${instances} instances, ` +
    `about ${wallTime(Math.ceil(expected))}`;
  if (count !== undefined) return plan;
  return `${plan}; ${confirm} more where something looks worse; at most ${wallTime(budgetSeconds)}`;
}

/** One slot for each instance of both arms, one after the other. */
function probeSeconds({ rounds }: Scenario, instances: number): number {
  const { probe } = rounds.together;
  return probe === null ? 0 : 2 * instances * probe.slotSeconds;
}

/** The same run, which says before each round where the gate is. */
export function announced(run: TogetherRun, progress: Progress, each: TogetherCase): TogetherRun {
  const { scenario } = each;
  // A calibration has so many, all of one kind.
  const planned = each.rounds === undefined ? plannedRounds(each, run) : { screen: each.rounds, confirm: 0 };
  const rounds = { screen: 0, confirm: 0 };
  return {
    instances: run.instances,
    exchangeable: run.exchangeable,
    get warnings() {
      return run.warnings;
    },
    elapsedSeconds: () => run.elapsedSeconds(),
    async measureRound(plan) {
      const { stage } = plan;
      rounds[stage] += 1;
      if (stage === 'confirm' && rounds.confirm === 1) {
        progress.step(`${scenario.name}: something looks worse, confirming with fresh rounds`);
      }
      progress.scenario(`${scenario.name}, ${STAGE_NAMES[stage]}`);
      // Rounds that could not be used, and rows that stay open, take more of them than planned.
      progress.round(rounds[stage], Math.max(planned[stage], rounds[stage]));
      await run.measureRound(plan);
    },
    measurements: (stage) => run.measurements(stage),
    [Symbol.asyncDispose]: () => run[Symbol.asyncDispose](),
  };
}

/** The run counts all its rounds; they are shown stage by stage. */
export function withoutRounds(progress: Progress): RunProgress {
  return {
    step: (text) => progress.step(text),
    round: () => {},
    phase: (phase) => progress.phase(phase),
    live: (figures) => progress.live(figures),
  };
}

const STAGE_NAMES: Readonly<Record<Stage, string>> = { screen: 'screening', confirm: 'confirming' };
