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
