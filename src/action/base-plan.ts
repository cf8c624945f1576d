/** Which commit is base, by what started the workflow. Pure. */
import { EXIT, UserError } from '../errors.ts';
import type { Trigger } from '../github/trigger.ts';
import type { BasePlan } from '../runner/checkout/find-base.ts';

/** @throws UserError `no-base-for-event` where the event says nothing of a base */
export function basePlan(trigger: Trigger): BasePlan {
  switch (trigger.kind) {
    case 'pull-request':
      // What the event calls the base's commit is as old as the last push to the pull request.
      // A merge that the job or the change has made may have the change itself as its first parent.
      if (trigger.mergeSha === null) return { kind: 'branched-from', branch: trigger.baseBranch };
      return {
        kind: 'merged-into',
        branch: trigger.baseBranch,
        commits: trigger.commits,
        merge: trigger.mergeSha,
        change: trigger.headSha,
      };
    case 'merge-group':
      return { kind: 'commit', sha: trigger.baseSha };
    case 'push':
      return trigger.before === null ? { kind: 'parent' } : { kind: 'commit', sha: trigger.before };
    case 'other':
      return { kind: 'parent' };
    case 'privileged':
    case 'workflow-run':
      throw new UserError({
        code: 'no-base-for-event',
        what: 'This event says nothing of a commit to compare with.',
        where: 'with: against',
        hint: 'Run the gate on pull_request, or name the commit: against: <ref>',
        exitCode: EXIT.usage,
      });
  }
}
