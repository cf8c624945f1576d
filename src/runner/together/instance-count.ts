/** How many instances of each build a round can have: what memory, starts and the budget allow. Pure. */
import type { Rounds } from '../../config.ts';
import type { Warning } from '../../measurement.ts';

/** Of one instance that has just started, with one of the other build beside it. */
export interface StartedInstance {
  /** Memory that is its own; null where the system does not tell. */
  readonly memoryBytes: number | null;
  readonly startSeconds: number;
}

export interface InstanceCountOptions {
  readonly scenario: string;
  readonly rounds: Rounds;
  /** One of each build. */
  readonly started: readonly StartedInstance[];
  /** Before they were started. */
  readonly availableBytes: number;
  readonly cores: number;
}

/** What `auto` gives where nothing is in the way (docs/statistics.md). */
export const MOST_INSTANCES = 4;
/** With one of each there is nothing that the labels could be exchanged with. */
export const FEWEST_INSTANCES = 2;

/** Heaps grow under load; a service that has just started has allocated about half of what it will. */
const GROWTH = 2;
/** The rest is for the load generator, the dependencies and the page cache. */
const USABLE_SHARE = 0.8;
/** Where the warm-up finds its own end: what the examples took. */
const USUAL_WARM_UP_SECONDS = 6;
/** Reset, stop, and the spans. */
const ROUND_OVERHEAD_SECONDS = 3;

export function instanceCount(options: InstanceCountOptions): {
  readonly instances: number;
  readonly warnings: readonly Warning[];
} {
  const byMemory = largest((instances) => fitsMemory(options, instances));
  const byTime = largest((instances) => secondsNeeded(options, instances) <= budgetOf(options));
  const instances = Math.min(byMemory, byTime);
  if (instances < MOST_INSTANCES) {
    const reason = byMemory < byTime ? memoryReason(options) : timeReason(options);
    return { instances, warnings: [fewerInstances(options, instances, reason), ...tooSlow(options)] };
  }
  return { instances, warnings: [] };
}

function largest(fits: (instances: number) => boolean): number {
  for (let instances = MOST_INSTANCES; instances > FEWEST_INSTANCES; instances -= 1) {
    if (fits(instances)) return instances;
  }
  return FEWEST_INSTANCES;
}

function fitsMemory(options: InstanceCountOptions, instances: number): boolean {
  return 2 * instances * bytesOfOne(options) <= USABLE_SHARE * options.availableBytes;
}

function bytesOfOne({ started }: InstanceCountOptions): number {
  return GROWTH * Math.max(0, ...started.map(({ memoryBytes }) => memoryBytes ?? 0));
}

function startSeconds({ started }: InstanceCountOptions): number {
  return Math.max(0, ...started.map((instance) => instance.startSeconds));
}

/** Of the screening and the confirming stage, each with its probe. */
function secondsNeeded(options: InstanceCountOptions, instances: number): number {
  const { rounds, cores } = options;
  const { screen, confirm, durationSeconds, probe } = rounds.together;
  // Starting is work for the CPU; two at once have been seen.
  const start = startSeconds(options) * Math.max(1, (2 * instances) / Math.max(2, cores));
  const { warmUp } = rounds;
  const warming =
    warmUp.kind === 'fixed' ? warmUp.seconds : Math.min(warmUp.atMostSeconds, USUAL_WARM_UP_SECONDS);
  const round = start + warming + durationSeconds + ROUND_OVERHEAD_SECONDS;
  const slots = probe === null ? 0 : 2 * (2 * instances) * probe.slotSeconds;
  return (screen + confirm) * round + slots;
}

function budgetOf({ rounds }: InstanceCountOptions): number {
  return rounds.together.budgetSeconds;
}

function memoryReason(options: InstanceCountOptions): string {
  const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
  return `each needs about ${megabytes(bytesOfOne(options))} of the ${megabytes(options.availableBytes)} that are free`;
}

function timeReason(options: InstanceCountOptions): string {
  return `one starts in ${startSeconds(options).toFixed(1)} s, and more of them would not leave enough of the budget of ${budgetOf(options)} s for the rounds`;
}

function fewerInstances({ scenario }: InstanceCountOptions, instances: number, reason: string): Warning {
  return {
    code: 'fewer-instances',
    message: `Rounds of ${scenario} have ${instances} instances of each build instead of ${MOST_INSTANCES}: ${reason}. Small changes need more rounds then; "instances" under "rounds.together" sets the number.`,
  };
}

/** Even the fewest are too many. */
function tooSlow(options: InstanceCountOptions): readonly Warning[] {
  const needed = secondsNeeded(options, FEWEST_INSTANCES);
  if (needed <= budgetOf(options)) return [];
  return [
    {
      code: 'budget-short',
      message: `All rounds of ${options.scenario} take about ${Math.ceil(needed)} s, and the budget is ${budgetOf(options)} s: what looks worse may stay unconfirmed. Raise "budget" under "rounds.together", or make the rounds shorter.`,
    },
  ];
}
