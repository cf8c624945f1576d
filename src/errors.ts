/**
 * Every error that a user can cause or see: what happened, where, and what to do. A UserError is printed without a
 * stack; anything else that is thrown is a bug of ours and is printed with one.
 */

/** Documented in the README; wrappers such as `make` collapse them, so `verdict` is in the JSON as well. */
export const EXIT = {
  pass: 0,
  regression: 1,
  /** Wrong usage or configuration. */
  usage: 2,
  /** The service, its telemetry or the load failed. */
  couldNotMeasure: 3,
  /** Inconclusive, or no comparable baseline, where the policy is strict about it. */
  inconclusive: 4,
  sigint: 130,
  sigterm: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface Place {
  readonly file: string;
  /** 1-based. */
  readonly line?: number;
  readonly column?: number;
  /** Path inside the file, e.g. `load.requests[0].weight`. */
  readonly path?: string;
}

export interface UserErrorDetails {
  /** Stable, in kebab case, e.g. `service-exited`. */
  readonly code: string;
  /** One sentence: what happened. */
  readonly what: string;
  readonly where?: string | Place;
  /** What to do about it. */
  readonly hint?: string;
  /** More lines to show under the message, such as the end of a log. */
  readonly detail?: readonly string[];
  readonly exitCode: ExitCode;
  readonly cause?: unknown;
}

export class UserError extends Error {
  readonly code: string;
  readonly where: string | Place | undefined;
  readonly hint: string | undefined;
  readonly detail: readonly string[];
  readonly exitCode: ExitCode;

  constructor(details: UserErrorDetails) {
    super(details.what, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'UserError';
    this.code = details.code;
    this.where = details.where;
    this.hint = details.hint;
    this.detail = details.detail ?? [];
    this.exitCode = details.exitCode;
  }
}

/** The same error, told in another way. */
export function retold(
  { code, message, where, hint, detail, exitCode, cause }: UserError,
  changes: Partial<Pick<UserErrorDetails, 'code' | 'what' | 'detail' | 'hint'>>,
): UserError {
  return new UserError({
    code,
    what: message,
    ...(where !== undefined && { where }),
    ...(hint !== undefined && { hint }),
    detail,
    exitCode,
    cause,
    ...changes,
  });
}
