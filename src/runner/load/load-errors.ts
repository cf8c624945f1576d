/** What goes wrong with a load, in words. Errors exit 3; warnings ride on the result. */
import { EXIT, UserError } from '../../errors.ts';
import type { Warning } from '../../measurement.ts';

export function serviceDied(url: string, seconds: number): UserError {
  return new UserError({
    code: 'service-died',
    what: `The service at ${url} refused all connections for ${seconds.toFixed(1)} s during the load.`,
    hint: 'It runs, but listens no more: see the end of its log.',
    exitCode: EXIT.couldNotMeasure,
  });
}

export function noAnswers(url: string, seconds: number): UserError {
  return new UserError({
    code: 'no-answers',
    what: `The service at ${url} answered nothing for ${seconds.toFixed(1)} s during the load.`,
    hint: 'See its log for what it waits for; "timeout" under "load" is the time that one answer may take.',
    exitCode: EXIT.couldNotMeasure,
  });
}

/** @param seen the status and the start of the body, or what failed; redacted */
export function loginFailed(name: string, url: string, seen: string): UserError {
  return new UserError({
    code: 'login-failed',
    what: `The login \`${name}\` at ${url} failed: ${seen}`,
    where: 'load.login',
    hint: 'Check its path, its body and its "expect"; `npx spangate doctor` sends it once.',
    exitCode: EXIT.couldNotMeasure,
  });
}

/** The body itself is not shown: it holds the token under another name. */
export function loginFieldMissing(name: string, path: string, fields: readonly string[]): UserError {
  const seen = fields.length === 0 ? 'is no JSON object' : `has ${fields.join(', ')}`;
  return new UserError({
    code: 'login-field-missing',
    what: `The answer to the login \`${name}\` has no \`${path}\`; it ${seen}.`,
    where: 'load.login.save',
    hint: 'Correct the path.',
    exitCode: EXIT.couldNotMeasure,
  });
}

export function writesUsedUp(maxWrites: number, durationSeconds: number): Warning {
  return {
    code: 'writes-used-up',
    message: `The measured stretch ended before its ${durationSeconds} s, because every request writes and \`load.max-writes\` (${maxWrites}) was reached. Raise it, or add a request that reads.`,
  };
}

/** @param why which answers lacked the value */
export function neverSent(request: string, name: string, why = 'no answer held'): Warning {
  return {
    code: 'request-never-sent',
    message: `Request \`${request}\` was never sent, because ${why} a value for \`\${${name}}\`. Check the \`save\` path of the request that should bring it.`,
  };
}

export function plainDriver(reason: string): Warning {
  return {
    code: 'plain-driver',
    message: `${reason}, which autocannon cannot measure; spangate's own driver sends the load. Latencies include opening a connection where the service closes it after each answer.`,
  };
}

export function closingAnswers(share: number): Warning {
  return {
    code: 'connections-closed',
    message: `${(share * 100).toFixed(0)} % of the answers closed their connection; the request after each of them includes opening a new one. Turn keep-alive on in the service.`,
  };
}

export function startsDropped(dropped: number, due: number): Warning {
  return {
    code: 'starts-dropped',
    message: `${dropped} of ${due} requests that were due could not be started in time, as too many were waiting for their answers. What was measured is a service that cannot keep up with \`load.rate\`; lower it.`,
  };
}

/** @param share of the starts */
export function startsLate(share: number, milliseconds: number): Warning {
  return {
    code: 'starts-late',
    message: `${(share * 100).toFixed(1)} % of the requests were started more than ${milliseconds} ms after they were due. Latencies count from the time they were due, so these say more about the load generator or a busy machine than about the service.`,
  };
}

/** @param share of the rate */
export function rateMissed(share: number): Warning {
  return {
    code: 'rate-missed',
    message: `Only ${(share * 100).toFixed(1)} % of the arrival rate was reached. Lower \`load.rate\`, or give the load generator more CPU.`,
  };
}
