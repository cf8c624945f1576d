/** What the action is to do: as the workflow says, or by the event; and what it refuses to do. Pure. */
import { EXIT, UserError } from '../errors.ts';
import type { Mode } from '../github/inputs.ts';
import type { Trigger } from '../github/trigger.ts';

/** @throws UserError `untrusted-code`, `record-on-change`, `mode-unclear` */
export function chosenMode(mode: Mode, trigger: Trigger): Exclude<Mode, 'auto'> {
  const chosen = mode === 'auto' ? modeByEvent(trigger) : mode;
  if (chosen === 'gate' || chosen === 'shadow' || chosen === 'record') refuseUntrusted(trigger);
  if (chosen === 'record') refuseChange(trigger);
  return chosen;
}

function modeByEvent(trigger: Trigger): Exclude<Mode, 'auto'> {
  switch (trigger.kind) {
    case 'pull-request':
    case 'merge-group':
    case 'privileged':
      return 'gate';
    case 'workflow-run':
      return 'report';
    case 'push':
    case 'other':
      if (trigger.isDefaultBranch) return 'record';
      throw new UserError({
        code: 'mode-unclear',
        what: 'This is neither a pull request nor the default branch, so what to do has to be said.',
        where: 'with: mode',
        hint: 'mode: gate compares with the commit before; mode: record stores a baseline.',
        exitCode: EXIT.usage,
      });
  }
}

/** These events run with the rights of the base branch: the code of a stranger would get them. */
function refuseUntrusted(trigger: Trigger): void {
  if (trigger.kind !== 'privileged' && trigger.kind !== 'workflow-run') return;
  const event = trigger.kind === 'privileged' ? trigger.event : 'workflow_run';
  throw new UserError({
    code: 'untrusted-code',
    what: `Nothing was started: on ${event} a job has the rights of the base branch, and the gate would run the code of the pull request with them.`,
    where: `on: ${event}`,
    hint: 'Run the gate on pull_request. To comment on pull requests from forks, add a workflow on workflow_run with mode: report.',
    exitCode: EXIT.usage,
  });
}

/** A change that brings its own baseline is compared with itself. */
function refuseChange(trigger: Trigger): void {
  const isTrusted = (trigger.kind === 'push' || trigger.kind === 'other') && trigger.isDefaultBranch;
  if (isTrusted) return;
  throw new UserError({
    code: 'record-on-change',
    what: 'No baseline was recorded: that is done on the default branch alone, not for a change.',
    where: 'with: mode',
    hint: 'Record on push to the default branch, on schedule or by workflow_dispatch there.',
    exitCode: EXIT.usage,
  });
}
