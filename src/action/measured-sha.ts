/** The commit that people know: of a pull request not the merge commit, which nobody has ever seen. Pure. */
import type { Comparison } from '../compare/comparison.ts';
import type { ActionContext } from './context.ts';

export function measuredSha(
  { trigger, world }: ActionContext,
  comparisons: readonly Comparison[] = [],
): string {
  if (trigger.kind === 'pull-request') return trigger.headSha;
  return comparisons[0]?.candidate.commit?.sha ?? world.env.GITHUB_SHA ?? 'unknown';
}
