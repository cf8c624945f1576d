/** Counts what the measured stretch did, per instance and request of the workload. */
import type { AnswerBody } from './answer-body.ts';
import { GrowingSamples } from './growing-samples.ts';
import { grpcStatusName } from './grpc-status.ts';
import { fieldsOf } from './json-field.ts';
import type { InstanceLoad, OperationLoad, UnexpectedAnswer } from './load-result.ts';
import { excerpt } from './redact.ts';
import type { Session } from './session.ts';
import { isExpected, type WorkloadRequest } from './workload.ts';

/** An answer that came whole. */
export interface Answered {
  readonly request: WorkloadRequest;
  readonly session: Session;
  readonly status: number;
  /** Seconds. */
  readonly latency: number;
  readonly body: AnswerBody;
  /** Of a load in blocks. */
  readonly block?: number;
}

export class OperationTally {
  readonly latencies = new GrowingSamples();
  readonly #blocks = new GrowingSamples();
  completed = 0;
  failed = 0;
  unexpected: UnexpectedAnswer | null = null;
  readonly #errors = new Map<string, number>();

  answer({ request, session, status, latency, body, block }: Answered): void {
    this.completed += 1;
    if (isExpected(request.template, status)) {
      this.latencies.push(latency);
      if (block !== undefined) this.#blocks.push(block);
      return;
    }
    this.fail(request.template.protocol === 'grpc' ? grpcStatusName(status) : `status ${status}`);
    this.unexpected ??= { status, body: excerpt(body.text(), session.secrets(request.template)) };
  }

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
      ...(this.#blocks.length > 0 && { blocks: this.#blocks.values() }),
      unexpected: this.unexpected,
    };
  }
}

/** Keeps the values of an expected answer that later requests of the session wait for. */
export function keepSaved({ request, session, status, body }: Answered): void {
  if (request.saves.length === 0 || !isExpected(request.template, status)) return;
  session.keep(fieldsOf(request.saves, body.text()));
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
