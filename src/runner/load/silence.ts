/** When an instance that does not answer ends the load. */
import type { UserError } from '../../errors.ts';
import { noAnswers, serviceDied } from './load-errors.ts';

/** A supervisor that restarts a service within this time is not punished. */
const REFUSED_SECONDS = 3;

export interface Silence {
  readonly url: string;
  /** How long requests have gone without any answer. */
  readonly seconds: number;
  /** Whether the service refuses connections. */
  readonly refused: boolean;
  /** What one answer may take. */
  readonly timeoutSeconds: number;
}

export function errorOfSilence({ url, seconds, refused, timeoutSeconds }: Silence): UserError | null {
  if (refused && seconds >= REFUSED_SECONDS) return serviceDied(url, seconds);
  return seconds >= timeoutSeconds + REFUSED_SECONDS ? noAnswers(url, seconds) : null;
}

/**
 * How long an instance among several has given no answer. Between its turns nothing is asked of it, so a request that
 * timed out counts for as long as it was with it, and not until the next one. Times are seconds of one clock.
 */
export class InstanceSilence {
  #waiting = 0;
  /** When the first of those was sent that wait; null where none does. */
  #since: number | null = null;
  /** Seconds before that, since the last answer. */
  #before = 0;

  sent(now: number): void {
    this.#waiting += 1;
    this.#since ??= now;
  }

  answered(now: number): void {
    this.#waiting -= 1;
    this.#since = this.#waiting > 0 ? now : null;
    this.#before = 0;
  }

  lost(now: number, type: string): void {
    this.#waiting -= 1;
    // What ends connections at once might never wait for long: its silence goes on between its turns.
    if (this.#waiting > 0 || type !== 'timeout') return;
    this.#before = this.secondsAt(now);
    this.#since = null;
  }

  secondsAt(now: number): number {
    return this.#before + (this.#since === null ? 0 : now - this.#since);
  }
}
