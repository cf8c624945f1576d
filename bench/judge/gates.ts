/** Whole gates of paired mode, drawn from recorded rounds and judged by the code that ships: procedure and comparison. */
import { compare } from '../../src/compare/compare.ts';
import type { Comparison, Row } from '../../src/compare/comparison.ts';
import { nextStep, type StopStep } from '../../src/compare/procedure.ts';
import type { Policy, TogetherRounds } from '../../src/config.ts';
import type { CallsPerContent, Instance, Measurement, MergedOperation } from '../../src/measurement.ts';
import { type Random, shuffled } from '../../src/random.ts';
import { type BankRound, type BankSpan, instancesOf } from './bank.ts';
import { measurementOf, type Recording } from './recordings.ts';

/** A round of 2k instances of one and the same code. */
export interface RecordedRound {
  readonly id: string;
  readonly instances: readonly Instance[];
  /** Wall time of the whole round; of one that a gate recorded, of the whole gate by its rounds. */
  readonly seconds: number;
  /** Calls that are constant per request content, by operation and span key. */
  readonly constant: Readonly<Record<string, Readonly<Record<string, CallsPerContent>>>>;
}

/** What is done to head's instances. Pure. */
export interface Injection {
  readonly change: (instance: Instance) => Instance;
  readonly calls: (operation: string, span: string, calls: CallsPerContent) => CallsPerContent;
}

export const NO_INJECTION: Injection = { change: (instance) => instance, calls: (_, __, calls) => calls };

export interface GateDesign {
  readonly policy: Policy;
  readonly together: TogetherRounds;
  /** Instances of each arm that are used of those recorded. */
  readonly instances: number;
  /** What live gates took; without it a gate takes what its rounds say that they took. */
  readonly clock?: GateClock;
}

/** Seconds of wall time. */
export interface GateClock {
  /** Of a gate, outside its rounds: dependencies, a first start, the probe, the report. */
  readonly fixed: number;
  readonly round: number;
}

export interface DrawnGate {
  readonly comparison: Comparison;
  readonly failed: readonly Row[];
  readonly rounds: { readonly screen: number; readonly confirm: number };
  readonly seconds: number;
  readonly why: StopStep['why'];
}

/**
 * Rounds are drawn without replacement, so that no gate confirms with what raised its alarm, and the instances of
 * each are split into arms at random.
 */
export function drawGate(
  bank: readonly RecordedRound[],
  design: GateDesign,
  { random, injection, seed }: { random: Random; injection: Injection; seed: number },
): DrawnGate {
  const { together, policy, clock } = design;
  const left = shuffled(bank, random);
  const stages = { screen: new DrawnStage('screen'), confirm: new DrawnStage('confirm') };
  let comparison: Comparison | null = null;
  let seconds = clock?.fixed ?? 0;
  for (;;) {
    const rounds = { screen: stages.screen.rounds, confirm: stages.confirm.rounds };
    const step = nextStep({ together, rounds, comparison, elapsedSeconds: seconds });
    const next = step.kind === 'measure' ? left.pop() : undefined;
    if (step.kind === 'stop' || next === undefined) {
      const why = step.kind === 'stop' ? step.why : 'rounds';
      if (comparison === null) throw new Error('a gate without a round');
      return {
        comparison,
        failed: comparison.rows.filter((row) => row.outcome === 'fail'),
        rounds: { screen: stages.screen.count, confirm: stages.confirm.count },
        seconds,
        why,
      };
    }
    stages[step.stage].add(next, { random, injection, instances: design.instances });
    seconds += clock?.round ?? next.seconds;
    const screen = stages.screen.measurements(injection);
    const confirm = stages.confirm.count > 0 ? stages.confirm.measurements(injection) : null;
    comparison = compare({
      baseline: screen.base,
      candidate: screen.head,
      ...(confirm && { confirmation: confirm.head, baselineConfirmation: confirm.base }),
      policy,
      seed,
      createdAt: '2026-01-01T00:00:00.000Z',
      tool: 'judge',
      comparability: 'like',
      together: { rounds: together, seconds },
    });
  }
}

class DrawnStage {
  readonly #name: string;
  readonly #drawn: RecordedRound[] = [];
  readonly #base: Record<string, readonly Instance[]> = {};
  readonly #head: Record<string, readonly Instance[]> = {};

  constructor(name: string) {
    this.#name = name;
  }

  get count(): number {
    return this.#drawn.length;
  }

  get rounds() {
    return { measured: this.count, valid: this.count };
  }

  add(
    round: RecordedRound,
    { random, injection, instances }: { random: Random; injection: Injection; instances: number },
  ): void {
    const order = shuffled(round.instances, random);
    this.#drawn.push(round);
    this.#base[round.id] = order.slice(0, instances);
    this.#head[round.id] = order.slice(instances, 2 * instances).map(injection.change);
  }

  measurements({ calls }: Injection): { readonly base: Measurement; readonly head: Measurement } {
    const same: Injection['calls'] = (_, __, each) => each;
    return {
      base: {
        ...measurementOf(`base ${this.#name}`, this.#base),
        merged: mergedOf(this.#drawn, same),
      },
      head: {
        ...measurementOf(`head ${this.#name}`, this.#head),
        merged: mergedOf(this.#drawn, calls),
      },
    };
  }
}

/** What every round agrees on is constant. */
function mergedOf(
  rounds: readonly RecordedRound[],
  change: Injection['calls'],
): Readonly<Record<string, MergedOperation>> {
  const merged: Record<string, MergedOperation> = {};
  for (const [operation, spans] of Object.entries(rounds[0]?.constant ?? {})) {
    const kept: Record<string, MergedOperation['spans'][string]> = {};
    for (const [span, calls] of Object.entries(spans)) {
      const alike = rounds.every(
        ({ constant }) =>
          JSON.stringify(runsOf(constant[operation]?.[span])) === JSON.stringify(runsOf(calls)),
      );
      const traces = rounds.reduce(
        (sum, { constant }) => sum + (constant[operation]?.[span]?.traces ?? 0),
        0,
      );
      const all: CallsPerContent =
        alike && calls.state === 'constant' ? { ...calls, traces } : { state: 'varies', traces };
      kept[span] = { duration: NO_HISTOGRAM, callsPerContent: change(operation, span, all) };
    }
    merged[operation] = { latency: NO_HISTOGRAM, spans: kept };
  }
  return merged;
}

function runsOf(calls: CallsPerContent | undefined): unknown {
  return calls?.state === 'constant' ? calls.runs : null;
}

const NO_HISTOGRAM: MergedOperation['latency'] = {
  scale: 7,
  count: 0,
  sum: 0,
  min: 0,
  max: 0,
  zeroCount: 0,
  positive: { offset: 0, bucketCounts: [] },
};

/** Valid rounds alone: what made one invalid would have had it dropped for both arms. */
export function roundsOfBank(rounds: readonly BankRound[]): RecordedRound[] {
  return rounds
    .filter((round) => round.invalid === undefined)
    .map((round, index) => ({
      // Rounds of one gate were recorded at the same time.
      id: `${round.example} ${index}`,
      instances: instancesOf(round),
      seconds: round.roundSeconds,
      constant: Object.fromEntries(
        Object.entries(round.operations).map(([name, { spans }]) => [
          name,
          Object.fromEntries(
            Object.entries(spans).map(([id, span]): [string, CallsPerContent] => [id, callsOf(span)]),
          ),
        ]),
      ),
    }));
}

/** As many contents as any round has sent; where all have the same number of calls, which were sent does not matter. */
const CONTENTS = 1000;

function callsOf({ constant, traces }: BankSpan): CallsPerContent {
  if (!constant) return { state: 'varies', traces };
  const counts = new Set(constant.flatMap(([count]) => count ?? []));
  const [only] = counts;
  return {
    state: 'constant',
    traces,
    runs: counts.size === 1 && only !== undefined ? [[only, CONTENTS]] : constant,
  };
}

/** Load, warm-up and starts of a round of the recordings, as their README gives them. */
const RECORDING_SECONDS = 32 + 7 + 3;

export function roundsOfRecordings(recordings: readonly Recording[]): RecordedRound[] {
  return recordings.map(({ file, instances }) => ({
    id: file,
    instances,
    seconds: RECORDING_SECONDS,
    constant: {},
  }));
}
