/** The concurrency probe of a round, as rounds: what its instances did under several connections each. */
import type { Arm, Round, RoundConditions } from '../../measurement.ts';
import { metricRecords } from '../../telemetry/metric-records.ts';
import { assembleTraces } from '../../telemetry/trace-assembly.ts';
import type { RunTag } from '../../telemetry/trace-id.ts';
import { instanceRecord } from '../instance-record.ts';
import type { RoundResult } from '../round.ts';
import type { ConcurrencyProbeResult } from './concurrency-probe.ts';

export interface ProbedRound {
  readonly finished: RoundResult;
  readonly probe: ConcurrencyProbeResult;
  /** Of the machine, meanwhile. */
  readonly machine: Pick<RoundConditions, 'steal' | 'pressure'>;
  readonly startedAt: string;
  readonly runTag: RunTag;
  /** Names of the requests, by their index in the workload. */
  readonly operations: readonly string[];
}

/** All instances of the round, in order of their position; `ofOneArm` parts them. Pure. */
export function probeRound(probed: ProbedRound): Round {
  const { finished, probe, machine, startedAt } = probed;
  const { id, seed, invalid } = finished.round;
  const slots = probe.instances;
  return {
    id,
    seed,
    startedAt,
    warmUpSeconds: 0,
    warm: true,
    measuredSeconds: mean(slots.map((slot) => slot.measuredSeconds)),
    conditions: {
      generatorCpu: mean(slots.map((slot) => slot.generatorCpu)),
      // One for both builds: it must not tell them apart.
      generatorSaturated: slots.some((slot) => slot.generatorSaturated),
      ...machine,
    },
    instances: slots.map((_, position) => instanceOf(probed, position)),
    ...(invalid && { invalid }),
  };
}

export function probeOfArm(round: Round, arms: readonly Arm[], arm: Arm): Round {
  return { ...round, instances: round.instances.filter((_, position) => arms[position] === arm) };
}

function instanceOf(probed: ProbedRound, position: number): Round['instances'][number] {
  const { finished, probe, operations, runTag } = probed;
  const slot = probe.instances[position];
  const recording = finished.recordings[position];
  const measured = finished.round.instances[position];
  if (!slot || !recording || !measured) throw new TypeError(`the probe has no instance ${position}`);
  const traces = assembleTraces(recording, {
    runTag,
    requests: operations.length,
    phase: 'probe',
    instance: slot.load.instance,
    window: slot.window,
  });
  return instanceRecord({
    id: measured.id,
    processes: measured.processes,
    operations,
    load: slot.load,
    measuredSeconds: slot.measuredSeconds,
    traces,
    recording: recording.quality,
    metrics: metricRecords(recording.metrics, slot.window),
    redact: null,
  }).instance;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
