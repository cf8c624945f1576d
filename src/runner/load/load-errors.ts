/** Ways in which a load fails; all exit 3. */
import { EXIT, UserError } from '../../errors.ts';

export function serviceDied(url: string, seconds: number): UserError {
  return new UserError({
    code: 'service-died',
    what: `the service at ${url} refused all connections for ${seconds.toFixed(1)} s during the load`,
    hint: 'it probably crashed; see the end of its log',
    exitCode: EXIT.couldNotMeasure,
  });
}

export function noAnswers(url: string, seconds: number): UserError {
  return new UserError({
    code: 'no-answers',
    what: `the service at ${url} answered nothing for ${seconds.toFixed(1)} s during the load`,
    hint: 'see its log for what it waits for; `load.timeout` is the time that one answer may take',
    exitCode: EXIT.couldNotMeasure,
  });
}
