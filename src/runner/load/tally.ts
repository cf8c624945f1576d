/** Counts what the measured stretch did, per instance and request of the workload. */
import { GrowingSamples } from './growing-samples.ts';
import type { InstanceLoad, OperationLoad, UnexpectedAnswer } from './load-result.ts';

export class OperationTally {
  readonly latencies = new GrowingSamples();
  completed = 0;
  failed = 0;
  unexpected: UnexpectedAnswer | null = null;
  readonly #errors = new Map<string, number>();

  /** An error that was answered (an unexpected status) counts as completed too. */
  fail(type: string): void {
    this.failed += 1;
    this.#errors.set(type, (this.#errors.get(type) ?? 0) + 1);
  }

  /** Requests that were answered, or failed. */
  get sent(): number {
    return this.latencies.length + this.failed;
  }

  result(): OperationLoad {
    return {
      requests: this.sent,
      completed: this.completed,
      errors: Object.fromEntries(this.#errors),
      latencies: this.latencies.values(),
      unexpected: this.unexpected,
    };
  }
}

export function instanceLoad(
  instance: number,
  tallies: readonly OperationTally[],
  measuredSeconds: number,
): InstanceLoad {
  const completed = tallies.reduce((sum, tally) => sum + tally.completed, 0);
  return {
    instance,
    operations: tallies.map((tally) => tally.result()),
    throughput: measuredSeconds > 0 ? completed / measuredSeconds : 0,
  };
}
