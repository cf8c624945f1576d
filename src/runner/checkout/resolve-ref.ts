/** Which commit a ref means, and the command that brings it where it is not there. */
import { EXIT, UserError } from '../../errors.ts';
import { askGit } from './git.ts';
import type { Repository } from './repository.ts';

/**
 * @param ref whatever names a commit for git: `origin/main`, `HEAD^1`, `v1.2.0`, a hash
 * @returns the hash of the commit
 * @throws UserError `ref-refused`, `ref-not-fetched` (with the fetch command), `ref-unknown`
 */
export async function resolveRef(repository: Repository, ref: string): Promise<string> {
  refuseOption(ref);
  const found = await commitOf(repository, ref);
  if (found !== null) return found;
  throw await missing(repository, ref);
}

/** What begins with a dash would be an option of git's; `--upload-pack=…` runs a program. */
function refuseOption(ref: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  if (ref.trim() !== '' && !ref.startsWith('-') && !/[\u0000-\u001f\u007f]/.test(ref)) return;
  throw new UserError({
    code: 'ref-refused',
    what: `${JSON.stringify(ref)} names no commit.`,
    where: '--against',
    hint: 'Give a branch, a tag or a commit, as in: --against origin/main',
    exitCode: EXIT.usage,
  });
}

async function commitOf({ git }: Repository, ref: string): Promise<string | null> {
  const { code, output } = await askGit(git, [
    ...['rev-parse', '--verify', '--quiet', '--end-of-options'],
    `${ref}^{commit}`,
  ]);
  // Before 2.30, git repeats `--end-of-options`.
  const commit = output.trim().split('\n').at(-1) ?? '';
  return code === 0 && /^[0-9a-f]{40,64}$/.test(commit) ? commit : null;
}

async function missing(repository: Repository, ref: string): Promise<UserError> {
  const remotes = await listed(repository, ['remote']);
  const { generations, start } = splitGenerations(ref);
  if (generations > 0 && (await commitOf(repository, start)) !== null) {
    return repository.isShallow
      ? await notDeepEnough(repository, { ref, start, generations, remotes })
      : noAncestor(ref, start);
  }
  const remote = remotes.find((name) => start.startsWith(`${name}/`));
  if (remote !== undefined)
    return await notFetched(repository, { ref, remote, branch: start.slice(remote.length + 1) });
  for (const name of remotes) {
    if ((await commitOf(repository, `${name}/${start}`)) !== null) return meansRemote(ref, `${name}/${ref}`);
  }
  const [first] = remotes;
  if (first !== undefined) return await notFetched(repository, { ref, remote: first, branch: start });
  return new UserError({
    ...unknown(ref),
    hint: 'The repository has no remote to fetch it from. These are there: git branch --all; git tag',
  });
}

/** `HEAD~3` is three generations above `HEAD`; so is `HEAD^^^`, `HEAD^1~2`. */
function splitGenerations(ref: string): { start: string; generations: number } {
  const suffix = /(?:\^\d*|~\d*)+$/.exec(ref)?.[0] ?? '';
  let generations = 0;
  for (const [step] of suffix.matchAll(/[\^~]\d*/g)) {
    // `^2` is the second parent, one generation up; `~2` is two.
    generations += step.startsWith('~') && step.length > 1 ? Number(step.slice(1)) : 1;
  }
  return { start: ref.slice(0, ref.length - suffix.length), generations };
}

async function notDeepEnough(
  repository: Repository,
  wanted: {
    readonly ref: string;
    readonly start: string;
    readonly generations: number;
    readonly remotes: readonly string[];
  },
): Promise<UserError> {
  const { ref, start, generations, remotes } = wanted;
  const commit = await commitOf(repository, start);
  return new UserError({
    ...notHere(ref),
    hint: `Run: git fetch --deepen=${generations} ${remotes[0] ?? 'origin'} ${commit}\nOn GitHub Actions, in place of it: actions/checkout with fetch-depth: ${generations + 1}`,
  });
}

/** A shallow clone needs no more than the commit itself: nothing here asks for what lies between. */
async function notFetched(
  repository: Repository,
  wanted: { readonly ref: string; readonly remote: string; readonly branch: string },
): Promise<UserError> {
  const { ref, remote, branch } = wanted;
  const depth = repository.isShallow ? '--depth=1 ' : '';
  const known = repository.isShallow ? notHere(ref) : unknown(ref);
  if (/^[0-9a-f]{7,39}$/.test(branch)) {
    const hint = `A commit is fetched by its whole hash: git fetch ${depth}${remote} <hash of 40 characters>`;
    return new UserError({ ...known, hint });
  }
  const isHash = /^[0-9a-f]{40,64}$/.test(branch);
  const refspec = isHash ? branch : await refspecOf(repository, { remote, branch });
  const shown = ref.startsWith(`${remote}/`) || isHash ? ref : `${remote}/${branch}`;
  const then = shown === ref ? '' : `\nThen: --against ${shown}`;
  return new UserError({
    ...known,
    hint: `Run: git fetch ${depth}${remote} ${refspec}${then}`,
  });
}

/** A clone of a single branch fetches another one without keeping its name, unless told to. */
async function refspecOf(
  repository: Repository,
  { remote, branch }: { readonly remote: string; readonly branch: string },
): Promise<string> {
  const kept = await listed(repository, ['config', '--get-all', `remote.${remote}.fetch`]);
  const isKept = kept.some((refspec) => /^\+?refs\/heads\/\*:refs\/remotes\//.test(refspec));
  return isKept ? branch : `+refs/heads/${branch}:refs/remotes/${remote}/${branch}`;
}

async function listed({ git }: Repository, args: readonly string[]): Promise<readonly string[]> {
  const { output } = await askGit(git, args);
  return output.split('\n').filter((line) => line !== '');
}

function meansRemote(ref: string, remoteRef: string): UserError {
  return new UserError({ ...unknown(ref), hint: `There is ${remoteRef}: --against ${remoteRef}` });
}

function noAncestor(ref: string, start: string): UserError {
  return new UserError({
    ...unknown(ref),
    hint: `${start} is there, and has no such parent. See: git log --graph --oneline -5 ${start}`,
  });
}

function unknown(ref: string) {
  return {
    code: 'ref-unknown',
    what: `This clone knows no commit ${ref}.`,
    where: '--against',
    exitCode: EXIT.usage,
  };
}

function notHere(ref: string) {
  return {
    code: 'ref-not-fetched',
    what: `${ref} is not in this clone, which is shallow: it has only the newest commits.`,
    where: '--against',
    exitCode: EXIT.usage,
  };
}
