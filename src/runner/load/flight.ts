/** One request of a load in blocks, from the turn that it is to its answer or its loss. */
import type { Phase } from '../../telemetry/trace-id.ts';
import { AnswerBody } from './answer-body.ts';
import type { Outgoing } from './outgoing.ts';
import type { Session } from './session.ts';
import type { WorkloadRequest } from './workload.ts';

export interface Turn {
  /** Of the target. */
  readonly position: number;
  readonly phase: Phase;
  readonly session: Session;
  /** Index in the workload. */
  readonly index: number;
  readonly request: WorkloadRequest;
  readonly outgoing: Outgoing;
  /** Number of its block in its phase. */
  readonly block: number;
}

/** Times are those of `performance.now()`, in milliseconds. */
export class Flight {
  readonly turn: Turn;
  readonly body = new AnswerBody();
  /** When it was to start; the open model counts its latency from here. */
  due = 0;
  /** When it was handed to the socket. */
  from = 0;
  status = 0;

  constructor(turn: Turn) {
    this.turn = turn;
    this.body.begin(turn.request.saves.length > 0);
  }
}
