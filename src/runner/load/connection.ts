/** One connection of the closed load: a session of its own, and what it has in flight. */
import type { Phase } from '../../telemetry/trace-id.ts';
import { AnswerBody } from './answer-body.ts';
import { Session } from './session.ts';

export class Connection extends Session {
  /** What is in flight, and the phase in which it was sent. */
  inFlight = false;
  request = 0;
  phase: Phase = 'warm-up';
  /** Requests in a row that got no answer; whether the last was refused. */
  failures = 0;
  refused = false;
  /** What has come of the answer. */
  readonly body = new AnswerBody();
}
