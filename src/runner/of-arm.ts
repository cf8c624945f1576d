/** Errors of two builds that are measured together say which of them it is. */
import { retold, UserError } from '../errors.ts';
import type { Arm } from '../measurement.ts';

/**
 * The same error with the arm in front of its sentence; whatever is no UserError, and where there is no arm, as it is.
 *
 * @param kind in place of the error's code: `start-failed` makes `base-start-failed`
 */
export function ofArm<E>(error: E, arm: Arm | null, kind?: string): E | UserError {
  if (!(error instanceof UserError) || arm === null || error.message.startsWith(`In ${arm}: `)) return error;
  return retold(error, {
    what: `In ${arm}: ${error.message}`,
    ...(kind !== undefined && { code: `${arm}-${kind}` }),
  });
}
