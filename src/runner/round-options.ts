/** What a round is asked to do. */
import type { LoadModel, Scenario } from '../config.ts';
import type { Arm } from '../measurement.ts';
import { deriveSeed } from '../random.ts';
import type { SharedReceivers } from '../telemetry/otlp/shared-receivers.ts';
import type { SpanTable } from '../telemetry/span-table.ts';
import type { RunTag } from '../telemetry/trace-id.ts';
import type { RunningDependencies } from './dependency.ts';
import type { PortPool } from './free-port.ts';
import type { InstancePlan, RunningInstance } from './instances.ts';
import type { Workload } from './load/workload.ts';
import type { ProcessRegistry } from './process-registry.ts';
import type { RunProgress } from './run-progress.ts';

export interface RoundOptions {
  /** What all instances have in common: load, warm-up, names. */
  readonly scenario: Scenario;
  /** In order of their index. */
  readonly plans: readonly InstancePlan[];
  readonly workload: Workload;
  readonly model: Exclude<LoadModel, 'auto'>;
  readonly durationSeconds: number;
  /** 0-based. */
  readonly index: number;
  readonly seed: number;
  /** Folder of this round, for logs and recordings. */
  readonly directory: string;
  readonly registry: ProcessRegistry;
  readonly ports: PortPool;
  readonly dependencies: RunningDependencies;
  /** Absent where no service sends to a fixed address. */
  readonly receivers?: SharedReceivers;
  readonly inherited: Readonly<Record<string, string | undefined>>;
  readonly progress: RunProgress;
  readonly now: () => Date;
  /** Seconds that the rest of the run is expected to take, for progress. */
  readonly remainingSeconds: (measuredSeconds: number) => number;
  /** Called behind the measured stretch, while all instances still run; the signal ends it where one of them ends. */
  readonly afterLoad?: (instances: readonly RunningInstance[], signal: AbortSignal) => Promise<void>;
  readonly onSpans?: SpanTaker | undefined;
}

/** All spans that came from one instance in one round. */
export interface InstanceSpans {
  readonly scenario: string;
  /** 1-based. */
  readonly round: number;
  readonly instance: number;
  /** Absent where one build is measured alone. */
  readonly arm?: Arm;
  readonly spans: SpanTable;
  readonly runTag: RunTag;
}

/** Called when a round has ended, instance by instance; must not throw. */
export type SpanTaker = (spans: InstanceSpans) => void;

/** Marks the traces of a round. Never 0: all-zero ids are invalid. */
export function runTagOf({ seed, index }: Pick<RoundOptions, 'seed' | 'index'>): RunTag {
  return deriveSeed(seed, 0x7ace, index) || 1;
}
