/** What goes wrong with a load command, in words. All exit 3. */
import { EXIT, UserError } from '../../errors.ts';
import type { CommandOutcome } from '../command.ts';
import { exitText } from '../start-failure.ts';

export interface LoadCommandFacts {
  readonly command: string;
  readonly logPath: string;
  readonly lastLines: readonly string[];
}

const WHERE = 'load.command';
const FORMAT = 'docs/load-command.md has the format.';

export function commandFailed(facts: LoadCommandFacts, exit: NonNullable<CommandOutcome['exit']>): UserError {
  return failure(facts, {
    code: 'load-command-failed',
    what: `The load command failed (${exitText(exit)}): ${facts.command}`,
    hint: 'Run it by hand, with SPANGATE_URL, SPANGATE_DURATION, SPANGATE_SEED and SPANGATE_REPORT set. It has to end with 0, also where messages failed: those go into its report.',
  });
}

export function commandHung(facts: LoadCommandFacts, seconds: number, timeoutSeconds: number): UserError {
  return failure(facts, {
    code: 'load-command-hung',
    what: `The load command still ran ${timeoutSeconds} s behind its ${seconds} s, and was ended: ${facts.command}`,
    hint: 'It has to end by itself after SPANGATE_DURATION seconds; `timeout` under `load` gives it more time for that.',
  });
}

export function reportMissing(facts: LoadCommandFacts): UserError {
  return failure(facts, {
    code: 'load-report-missing',
    what: `The load command wrote no report: ${facts.command}`,
    hint: `It has to write what it sent to the file that SPANGATE_REPORT names. ${FORMAT}`,
  });
}

/** @param problem behind "The report of the load command" */
export function reportUnreadable(facts: LoadCommandFacts, problem: string): UserError {
  return failure(facts, {
    code: 'load-report-unreadable',
    what: `The report of the load command ${problem}.`,
    hint: FORMAT,
  });
}

export function nothingSent(facts: LoadCommandFacts): UserError {
  return failure(facts, {
    code: 'load-nothing-sent',
    what: `The load command reports that it sent nothing, or that all of it failed: ${facts.command}`,
    hint: 'Look at what it sends to, SPANGATE_URL, and at the log of the service.',
  });
}

/** @param sent messages that did not fail */
export function nothingReceived(service: string, sent: number, spans: number): UserError {
  return new UserError({
    code: 'no-roots',
    what: `The load command reports ${sent} messages, and no SERVER or CONSUMER span of theirs reached spangate${spans === 0 ? '' : `, among ${spans} others`}.`,
    where: WHERE,
    hint: `Does ${service}, or who consumes its messages, make spans of these kinds? Trace ids in the report have to be those that it sent in \`traceparent\`; without them an operation has to be named as its root span. "timeout" under "load" is how long messages are waited for.`,
    exitCode: EXIT.couldNotMeasure,
  });
}

function failure(
  { logPath, lastLines }: LoadCommandFacts,
  message: { readonly code: string; readonly what: string; readonly hint: string },
): UserError {
  const detail =
    lastLines.length === 0
      ? ['It wrote nothing to its standard output and error.']
      : [`${logPath} ends with:`, ...lastLines];
  return new UserError({ ...message, where: WHERE, detail, exitCode: EXIT.couldNotMeasure });
}
