/**
 * The concurrency probe: many requests at once, which the load of a round never sends, show an exhausted pool, a lock
 * or a blocked event loop. One instance at a time is loaded and all others idle, so that what is shared, such as a
 * database or the cores, is at the disposal of one build alone.
 */
import type { Load } from '../../config.ts';
import type { Arm, Warning } from '../../measurement.ts';
import { deriveSeed, seededRandom, shuffled } from '../../random.ts';
import type { RunTag } from '../../telemetry/trace-id.ts';
import { driveAutocannon } from '../load/autocannon-driver.ts';
import { Connection } from '../load/connection.ts';
import { reasonAgainstAutocannon } from '../load/driver-choice.ts';
import { LoadControl } from '../load/load-control.ts';
import { plainDriver } from '../load/load-errors.ts';
import type { InstanceLoad, LoadOptions, LoadResult, LoadTarget } from '../load/load-result.ts';
import { logIn } from '../load/login.ts';
import { drivePlain } from '../load/plain-driver.ts';
import type { Workload } from '../load/workload.ts';

export interface ProbeTarget extends LoadTarget {
  readonly arm: Arm;
}

export interface ConcurrencyProbeOptions {
  readonly load: Load;
  readonly workload: Workload;
  /** All instances of the round. */
  readonly targets: readonly ProbeTarget[];
  /** That of the round: traces of the probe differ from the measured ones by their phase, `probe`. */
  readonly runTag: RunTag;
  /** Of the order of the slots; another one each round. */
  readonly seed: number;
  /** Connections to the instance that is loaded, each with one request in flight. */
  readonly connections: number;
  /** Of one instance, ramp-up included. */
  readonly slotSeconds: number;
  readonly signal: AbortSignal;
  /** Called when a slot is over. */
  readonly onSlot?: (done: number, all: number) => void;
}

/** One instance under several connections. */
export interface ProbedInstance {
  readonly load: InstanceLoad;
  /** What was measured of the slot, in seconds since 1970. */
  readonly window: { readonly from: number; readonly to: number };
  readonly measuredSeconds: number;
  /** CPU seconds of this process a second. */
  readonly generatorCpu: number;
  readonly generatorSaturated: boolean;
}

export interface ConcurrencyProbeResult {
  /** In the order of the targets, whatever the order of the slots was. */
  readonly instances: readonly ProbedInstance[];
  /** One of each kind. */
  readonly warnings: readonly Warning[];
}

/** In which pools grow and connections open; its requests have the phase `warm-up`. */
const RAMP_UP_SHARE = 0.25;

/** Far beyond the requests of the round, so that no id and no unique value is sent twice. */
const FIRST_SERIAL = 2 ** 31;
const SERIALS_PER_INSTANCE = 2 ** 23;

/**
 * Logs `connections` sessions of every instance in, then loads the instances one after the other.
 *
 * @throws UserError (exit 3) as the closed load does; the signal's reason when it is aborted
 */
export async function runConcurrencyProbe(options: ConcurrencyProbeOptions): Promise<ConcurrencyProbeResult> {
  const { targets, connections, signal } = options;
  signal.throwIfAborted();
  const sessions = targets.map(() => Array.from({ length: connections }, () => new Connection(0)));
  const reason = await prepare(options, sessions);
  const warnings = new Map<string, Warning>();
  if (reason !== null) warnings.set('plain-driver', plainDriver(reason));
  const results = new Map<number, ProbedInstance>();
  for (const position of slotOrder(targets, options.seed)) {
    const result = await runSlot(options, {
      position,
      sessions: sessions[position] ?? [],
      plain: reason !== null,
    });
    for (const warning of result.warnings) warnings.set(warning.code, warning);
    results.set(position, probedInstance(result));
    options.onSlot?.(results.size, targets.length);
  }
  return {
    instances: targets.flatMap((_, position) => results.get(position) ?? []),
    warnings: [...warnings.values()],
  };
}

/**
 * Positions of the targets in the order of their slots: in pairs of one instance of each arm, chosen at random, either
 * of them first, so that a drift of the machine meets both arms alike.
 */
export function slotOrder(targets: readonly Pick<ProbeTarget, 'arm'>[], seed: number): readonly number[] {
  const random = seededRandom(deriveSeed(seed, 0xc0c0));
  const [base, head] = (['base', 'head'] as const).map((arm) =>
    shuffled(
      targets.flatMap((target, position) => (target.arm === arm ? [position] : [])),
      random,
    ),
  ) as [number[], number[]];
  const pairs = Math.max(base.length, head.length);
  return Array.from({ length: pairs }, (_, index) =>
    shuffled([...base.slice(index, index + 1), ...head.slice(index, index + 1)], random),
  ).flat();
}

/** @returns why autocannon cannot be used; null where it can */
async function prepare(
  { workload, targets, runTag, signal }: ConcurrencyProbeOptions,
  sessions: readonly (readonly Connection[])[],
): Promise<string | null> {
  // A tag of its own: the sessions of the round were logged in under the same serials.
  const tag = deriveSeed(runTag, 0x10619) || 1;
  const reasons = await Promise.all(
    targets.map(async (target, position) => {
      const own = { workload, targets: [target], runTag: tag, signal };
      const connections = sessions[position] ?? [];
      const serial = await logIn(own, connections);
      return reasonAgainstAutocannon(own, connections, serial);
    }),
  );
  return reasons.find((reason) => reason !== null) ?? null;
}

async function runSlot(
  options: ConcurrencyProbeOptions,
  slot: { readonly position: number; readonly sessions: readonly Connection[]; readonly plain: boolean },
): Promise<LoadResult> {
  const control = new LoadControl(
    slotLoad(options, slot.position),
    slot.sessions,
    FIRST_SERIAL + slot.position * SERIALS_PER_INSTANCE,
  );
  await (slot.plain ? drivePlain(control) : driveAutocannon(control));
  return control.result(slot.plain ? 'plain' : 'autocannon');
}

function slotLoad(options: ConcurrencyProbeOptions, position: number): LoadOptions {
  const { workload, targets, runTag, connections, slotSeconds, signal } = options;
  const target = targets[position];
  if (!target) throw new TypeError(`there is no target ${position}`);
  const measuredShare = 1 - RAMP_UP_SHARE;
  return {
    // A slot may write as often as a measured stretch, its ramp-up included.
    load: { ...options.load, connections, maxWrites: Math.round(options.load.maxWrites * measuredShare) },
    workload,
    targets: [target],
    runTag,
    warmUp: { kind: 'fixed', seconds: slotSeconds * RAMP_UP_SHARE },
    durationSeconds: slotSeconds * measuredShare,
    measuredPhase: 'probe',
    signal,
  };
}

function probedInstance(result: LoadResult): ProbedInstance {
  const [load] = result.instances;
  if (!load) throw new TypeError('a slot has one instance');
  const { measuredSeconds, generatorCpu, generatorSaturated } = result;
  const window = { from: result.measuredFrom / 1000, to: result.measuredTo / 1000 };
  return { load, window, measuredSeconds, generatorCpu, generatorSaturated };
}
