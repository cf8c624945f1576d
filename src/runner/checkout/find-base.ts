/**
 * Which commit a CI job is to be compared with, and bringing it here: the clone of a CI often has one commit. History
 * is fetched in steps, never all of it at once.
 */
import { EXIT, UserError } from '../../errors.ts';
import { readTrailers } from './commit-trailers.ts';
import { deepenedUntil } from './deepened.ts';
import { askGit, type Git } from './git.ts';
import { openRepository, type Repository } from './repository.ts';

export type BasePlan =
  /**
   * HEAD is what a CI made by merging the change into its target: the target is the first parent. Where HEAD is no
   * merge (the job has checked out the change itself), the commit in which both began.
   */
  | {
      readonly kind: 'merged-into';
      readonly branch: string;
      /** Of the change: their messages are read. */
      readonly commits: number;
      /** HEAD is the CI's merge only if it is this commit. */
      readonly merge: string;
      /** HEAD is not the CI's merge if it is this commit, although it may have two parents of its own. */
      readonly change?: string;
    }
  | { readonly kind: 'branched-from'; readonly branch: string }
  | { readonly kind: 'commit'; readonly sha: string }
  | { readonly kind: 'parent' };

export interface FoundBase {
  readonly sha: string;
  /** Such as `the first parent of the merge commit`, for the log. */
  readonly how: string;
}

export interface FindBaseOptions {
  readonly git: Git;
  readonly plan: BasePlan;
  /** Where the commits are fetched from; by default `origin`. */
  readonly remote?: string;
}

/** Commits fetched at each attempt; a branch that began longer ago is rebased before it is measured. */
const STEPS = [20, 80, 300, 1000] as const;

/** @throws UserError `base-not-found`, with what to set in the workflow */
export async function findBase({ git, plan, remote = 'origin' }: FindBaseOptions): Promise<FoundBase> {
  const repository = await openRepository(git);
  const finder = new Finder(repository, remote);
  switch (plan.kind) {
    case 'commit':
      return await finder.commit(plan.sha);
    case 'parent':
      return (await finder.firstParent(1, 1)) ?? (await finder.fails('HEAD has no parent.'));
    case 'merged-into': {
      const head = await finder.head();
      const isMerge = head === plan.merge && head !== plan.change;
      const parent = isMerge ? await finder.firstParent(2, plan.commits) : null;
      return parent ?? (await finder.branchedFrom(plan.branch));
    }
    case 'branched-from':
      return await finder.branchedFrom(plan.branch);
  }
}

class Finder {
  readonly #git: Git;
  readonly #isShallow: boolean;
  readonly #remote: string;
  readonly #said: string[] = [];

  constructor({ git, isShallow }: Repository, remote: string) {
    this.#git = git;
    this.#isShallow = isShallow;
    this.#remote = remote;
  }

  async head(): Promise<string> {
    return (await askGit(this.#git, ['rev-parse', 'HEAD'])).output.trim();
  }

  /** Null where HEAD has fewer parents than that. */
  async firstParent(parents: number, commits: number): Promise<FoundBase | null> {
    // Where a shallow clone ends, git shows no parents; the commit itself still names them.
    const { output } = await askGit(this.#git, ['cat-file', 'commit', 'HEAD']);
    const header = output.split('\n\n', 1)[0] ?? '';
    const found = [...header.matchAll(/^parent ([0-9a-f]{40,64})$/gm)].map((match) => match[1] ?? '');
    const [first] = found;
    if (first === undefined || found.length < parents) return null;
    const how = parents === 2 ? 'the first parent of the merge commit' : 'the parent of HEAD';
    // The messages of the commits of the change are read as well: they may accept a regression.
    if (commits > 1 || !(await this.#has(first))) await this.#deepen(Math.min(commits + 1, 1000));
    if (!(await this.#has(first))) await this.#fetch(['--depth=1', this.#remote, first]);
    if (!(await this.#has(first))) return await this.fails(`${first}, ${how}, is not in this clone.`);
    return { sha: first, how };
  }

  async commit(sha: string): Promise<FoundBase> {
    // What may accept a regression is in the messages between base and HEAD.
    if (this.#isShallow) await deepenedUntil(this.#git, this.#remote, () => this.#reaches(sha));
    if (!(await this.#has(sha))) {
      await this.#fetch([...(this.#isShallow ? ['--depth=1'] : []), this.#remote, sha]);
    }
    if (!(await this.#has(sha))) return await this.fails(`${sha} is not in this clone.`);
    return { sha, how: 'the commit that the event names' };
  }

  async branchedFrom(branch: string): Promise<FoundBase> {
    const target = `refs/remotes/${this.#remote}/${branch}`;
    const refspec = `+refs/heads/${branch}:${target}`;
    // Of a branch that is here already, a depth would cut the history off.
    const isHere = await this.#has(target);
    const depth = this.#isShallow && !isHere ? ['--depth=1'] : [];
    const isNew = await this.#fetch([...depth, this.#remote, refspec]);
    const how = `where HEAD left ${branch}${isHere && !isNew ? `, as ${branch} was here: it could not be fetched` : ''}`;
    for (const step of [0, ...STEPS]) {
      if (step > 0) await this.#fetch([`--deepen=${step}`, this.#remote, refspec]);
      if (step > 0) await this.#deepen(step);
      const sha = await this.#mergeBase(target);
      if (sha !== null) return { sha, how };
      if (!this.#isShallow) break;
    }
    return await this.fails(`The commit ${how} is not in this clone.`);
  }

  async fails(what: string): Promise<never> {
    throw new UserError({
      code: 'base-not-found',
      what: `The commit to compare with was not found: ${what}`,
      ...(this.#said.length > 0 && { detail: this.#said.slice(-5) }),
      hint: 'Fetch the history (on GitHub Actions: actions/checkout with fetch-depth: 0), or name a commit that is there: --against, or the input against.',
      exitCode: EXIT.usage,
    });
  }

  /** Whether HEAD comes from that commit, and all that is between them is here. */
  async #reaches(sha: string): Promise<boolean> {
    const { code } = await askGit(this.#git, ['merge-base', '--is-ancestor', sha, 'HEAD']);
    if (code !== 0) return false;
    return (await readTrailers(this.#git, { base: sha, head: await this.head() }, '')).isComplete;
  }

  async #mergeBase(target: string): Promise<string | null> {
    const { code, output } = await askGit(this.#git, ['merge-base', 'HEAD', target]);
    const sha = output.trim();
    return code === 0 && /^[0-9a-f]{40,64}$/.test(sha) ? sha : null;
  }

  async #has(name: string): Promise<boolean> {
    const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`];
    return (await askGit(this.#git, args)).code === 0;
  }

  async #deepen(commits: number): Promise<void> {
    if (!this.#isShallow) return;
    await this.#fetch([`--deepen=${commits}`, this.#remote, await this.head()]);
  }

  async #fetch(args: readonly string[]): Promise<boolean> {
    const fetch = ['fetch', '--quiet', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head'];
    const { code, errors } = await askGit(this.#git, [...fetch, ...args]);
    if (code !== 0) this.#said.push(...errors.split('\n').filter((line) => line.trim() !== ''));
    return code === 0;
  }
}
