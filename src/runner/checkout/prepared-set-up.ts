/**
 * A base that somebody has set up already, such as an earlier step of the job with a cache of its own. It is not
 * measured where it lies: its path is longer or shorter than that of head, which moves times. What it has beyond its
 * commit (packages, builds) is copied into a checkout like all others, in place of running `setup` there.
 */
import { constants, realpathSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { basename } from 'node:path';
import { EXIT, UserError } from '../../errors.ts';
import type { CheckoutSetUp } from './checkout.ts';
import type { Git } from './git.ts';
import { openRepository, workTreeOf } from './repository.ts';
import { resolveRef } from './resolve-ref.ts';
import { readChanges } from './work-tree-changes.ts';

export interface PreparedBase {
  /** Top of its work tree, without links. */
  readonly directory: string;
  /** Checked out there. */
  readonly commit: string;
}

/**
 * @param git in the folder that is prepared
 * @throws UserError `not-a-repository` and others of `openRepository`, `base-path-changed`
 */
export async function openPreparedBase(git: Git): Promise<PreparedBase> {
  const repository = await openRepository(git);
  const top = realpathSync(workTreeOf(repository));
  const own = { ...repository.git, directory: top };
  const commit = await resolveRef(repository, 'HEAD');
  const { changes } = await readChanges(own, commit, { untracked: false });
  if (changes.length > 0) throw changed(top, changes.length);
  return { directory: top, commit };
}

/**
 * @param key of this copy alone, so that no checkout of an earlier one is taken for it
 *
 * `run` throws UserError `base-path-other-commit`
 */
export function preparedSetUp(prepared: PreparedBase, key: string): CheckoutSetUp {
  const { directory, commit } = prepared;
  return {
    key: `prepared ${directory} ${key}`,
    async run(checkout) {
      if (checkout.commit !== commit) throw otherCommit(prepared, checkout.commit);
      await cp(directory, checkout.directory, {
        recursive: true,
        // A link into the folder would lead to the other copy where it is made absolute.
        verbatimSymlinks: true,
        preserveTimestamps: true,
        mode: constants.COPYFILE_FICLONE,
        filter: (source) => basename(source) !== '.git',
      });
    },
  };
}

function changed(directory: string, count: number): UserError {
  return new UserError({
    code: 'base-path-changed',
    what: `The prepared base has ${count === 1 ? '1 file' : `${count} files`} that ${count === 1 ? 'differs' : 'differ'} from its commit, so it is no base.`,
    where: directory,
    hint: 'Check it out anew, and let its set-up change no file that is committed.',
    exitCode: EXIT.usage,
  });
}

function otherCommit({ directory, commit }: PreparedBase, wanted: string): UserError {
  return new UserError({
    code: 'base-path-other-commit',
    what: `The prepared base is commit ${commit.slice(0, 10)}, and the one to compare with is ${wanted.slice(0, 10)}.`,
    where: directory,
    hint: 'Check that commit out there, or leave --against away: then the commit of the prepared base is base.',
    exitCode: EXIT.usage,
  });
}
