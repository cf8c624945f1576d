/** What the action says where it has no verdict. */
import { failed } from '../commands/failure.ts';
import { EXIT, type ExitCode, UserError } from '../errors.ts';
import type { RunnerDoor } from '../github/runner-door.ts';
import { placeText } from '../report/error-text.ts';
import { logLine } from '../report/safe-text.ts';
import type { World } from '../world.ts';
import { addresseesOf, NOBODY } from './addressees.ts';
import type { ActionContext } from './context.ts';
import { measuredSha } from './measured-sha.ts';
import { postFailure } from './post-result.ts';

/** @param context null where the inputs or the event could not be read */
export async function failedAction(
  error: unknown,
  world: World,
  { context, door }: { readonly context: ActionContext | null; readonly door: RunnerDoor },
): Promise<ExitCode> {
  const exitCode = failed(error, world);
  // Whoever stopped it knows, and the runner does not wait.
  if (world.signal.aborted) return exitCode;
  const sentence = sentenceOf(error);
  if (context === null) {
    door.annotate([{ level: 'error', title: 'spangate', message: sentence }]);
    return exitCode;
  }
  // Also of a run that had no right to say that it has no result: else the comment of an older commit stays as it is.
  const isTold = context.trigger.kind === 'pull-request' || exitCode === EXIT.couldNotMeasure;
  const to = isTold ? await addresseesOf(context) : NOBODY;
  await postFailure(context, { sentence, exitCode, ...to, sha: measuredSha(context) });
  // A configuration that is wrong would never be noticed in the shadow.
  return context.inputs.mode === 'shadow' && exitCode !== EXIT.usage ? EXIT.pass : exitCode;
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof UserError)) return 'This is a mistake in spangate; the log has its stack.';
  const { message, where, hint } = error;
  const place = where === undefined ? '' : ` (${placeText(where)})`;
  return logLine(`${message}${place}${hint === undefined ? '' : ` ${hint.split('\n').join(' ')}`}`);
}
