/** Errors of two builds that are measured together say which of them it is. */
import { UserError } from '../errors.ts';
import type { Arm } from '../measurement.ts';

/**
 * The same error with the arm in front of its sentence; whatever is no UserError, and where there is no arm, as it is.
 *
 * @param kind in place of the error's code: `start-failed` makes `base-start-failed`
 */
export function ofArm<E>(error: E, arm: Arm | null, kind?: string): E | UserError {
  if (!(error instanceof UserError) || arm === null || error.message.startsWith(`In ${arm}: `)) return error;
  const { code, message, where, hint, detail, exitCode } = error;
  return new UserError({
    code: kind === undefined ? code : `${arm}-${kind}`,
    what: `In ${arm}: ${message}`,
    ...(where !== undefined && { where }),
    ...(hint !== undefined && { hint }),
    detail,
    exitCode,
    cause: error.cause,
  });
}
