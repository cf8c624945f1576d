/** `--against auto`: the commit that the CI says the change is to be merged into. */
import { EXIT, UserError } from '../errors.ts';
import { logLine } from '../report/safe-text.ts';
import { findBase } from '../runner/checkout/find-base.ts';
import { ciBase } from '../runner/ci-base.ts';
import { ciName } from '../runner/ci-name.ts';
import type { World } from '../world.ts';

/** The word; a branch of that name is `refs/heads/auto`. */
export const AUTO = 'auto';

/** @throws UserError `base-unclear` where the CI does not say, and as `findBase` */
export async function baseOfCi(world: World, directory: string): Promise<string> {
  const plan = ciBase(world.env);
  if (plan === null) throw unclear(ciName(world.env));
  const inherited = { ...world.env, ...world.gitEnv };
  const { sha, how } = await findBase({ git: { directory, inherited, signal: world.signal }, plan });
  world.stderr.write(`spangate: base is ${sha.slice(0, 10)}, ${logLine(how)}\n`);
  return sha;
}

function unclear(ci: string | null): UserError {
  return new UserError({
    code: 'base-unclear',
    what:
      ci === null
        ? 'This is no CI that is known, so nothing says what the change is to be merged into.'
        : `${ci} does not say what this change is to be merged into, or it is no pull request.`,
    where: '--against auto',
    hint: 'Name it: --against origin/main',
    exitCode: EXIT.usage,
  });
}
