/** What the load is asked to do, and what it saw. Times are seconds, times of day epoch milliseconds. */
import type { Load, Rounds } from '../../config.ts';
import type { Warning } from '../../measurement.ts';
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
  /** By type: `status 500`, `timeout`, `connection refused`, `connection reset`, `connection closed`. */
  readonly errors: Readonly<Record<string, number>>;
  /** Seconds, of expected answers, in the order they came. */
  readonly latencies: Float64Array;
  readonly unexpected: UnexpectedAnswer | null;
}

export interface InstanceLoad {
  readonly instance: number;
  /** By index of the request in the workload. */
  readonly operations: readonly OperationLoad[];
  /** Answered requests a second of the measured stretch. */
  readonly throughput: number;
}

export interface LoadResult {
  readonly driver: 'autocannon' | 'plain';
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
  readonly warnings: readonly Warning[];
}
