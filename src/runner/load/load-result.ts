/** What the load is asked to do, and what it saw. Times are seconds, times of day epoch milliseconds. */
import type { Load, Rounds } from '../../config.ts';
import type { Warning } from '../../measurement.ts';
import type { BlockNumbering } from '../../telemetry/block-durations.ts';
import type { RunTag } from '../../telemetry/trace-id.ts';
import type { Workload } from './workload.ts';

export interface LoadTarget {
  /** 0-based index of the instance in its round; it goes into every trace id. */
  readonly instance: number;
  /** Origin of the service, e.g. `http://127.0.0.1:4711`. */
  readonly url: string;
}

export interface Clock {
  /** Monotonic seconds. */
  now(): number;
  /** Epoch milliseconds. */
  epoch(): number;
}

export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now() / 1000,
  epoch: () => Date.now(),
};

export interface LoadProgress {
  readonly phase: 'warm-up' | 'measured';
  /** Since the phase began. */
  readonly seconds: number;
  /** Answered so far in this phase, over all instances. */
  readonly requests: number;
  /** Pooled median latency of the last seconds, in seconds; null while there is no answer. */
  readonly p50: number | null;
}

export interface LoadOptions {
  readonly load: Load;
  readonly workload: Workload;
  readonly targets: readonly LoadTarget[];
  /** One a round: trace ids are unique within a tag. */
  readonly runTag: RunTag;
  readonly warmUp: Rounds['warmUp'];
  readonly durationSeconds: number;
  /** Phase that the trace ids of the measured stretch carry; `measured` where it is left out. Closed load only. */
  readonly measuredPhase?: 'measured' | 'probe';
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  /** Called about twice a second. */
  readonly onProgress?: (progress: LoadProgress) => void;
}

/** The first answer of an operation that was not expected, for messages; tokens are redacted. */
export interface UnexpectedAnswer {
  readonly status: number;
  /** At most 200 characters. */
  readonly body: string;
}

export interface OperationLoad {
  /** Sent in the measured stretch, and answered or failed in it. */
  readonly requests: number;
  /** Answered, whatever the status. */
  readonly completed: number;
  /** By type: `status 500`, `timeout`, `connection refused`, `connection reset`, `connection closed`, … */
  readonly errors: Readonly<Record<string, number>>;
  /** Seconds, of expected answers, in the order they came. */
  readonly latencies: Float64Array;
  /** Which block each latency is of; absent where the load has no blocks. */
  readonly blocks?: Float64Array;
  readonly unexpected: UnexpectedAnswer | null;
}

export interface InstanceLoad {
  readonly instance: number;
  /** By index of the request in the workload. */
  readonly operations: readonly OperationLoad[];
  /** Answered requests a second of the measured stretch. */
  readonly throughput: number;
  /** Requests of the measured stretch that were sent; only where the load ends with complete blocks. */
  readonly sent?: number;
  /** Requests that were due, and could not be started in time; only of the open model. */
  readonly dropped?: number;
}

/** How well the open model kept its schedule in the measured stretch. */
export interface Punctuality {
  /** Starts a second in all that were asked for. */
  readonly rate: number;
  /** Starts a second that were made. */
  readonly achievedRate: number;
  readonly due: number;
  readonly dropped: number;
  /** Share of the due starts that were dropped, or made more than `LATE_SECONDS` after their time. */
  readonly lateShare: number;
  /** Seconds from the time a request was due to its start, of those that were sent. */
  readonly lateness: { readonly p50: number; readonly p99: number };
}

export interface LoadResult {
  readonly driver: 'autocannon' | 'plain' | 'interleaved' | 'open' | 'command' | 'grpc';
  /** Names of the operations, where the load names them itself: by index of the request. */
  readonly operations?: readonly string[];
  readonly warmUpSeconds: number;
  /** Whether the warm-up criterion was met before its time limit. */
  readonly warm: boolean;
  readonly measuredSeconds: number;
  readonly measuredFrom: number;
  readonly measuredTo: number;
  /** CPU seconds of this process a second of the measured stretch. */
  readonly generatorCpu: number;
  readonly generatorSaturated: boolean;
  /** In the order of the targets. */
  readonly instances: readonly InstanceLoad[];
  /** Where every block sends the same request to all instances. */
  readonly blocks?: BlockNumbering;
  /** Only of the open model. */
  readonly punctuality?: Punctuality;
  readonly warnings: readonly Warning[];
}
