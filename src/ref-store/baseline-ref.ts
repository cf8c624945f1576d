/**
 * Baselines on a git ref: a tree of files that belongs to no branch, so that no rule for branches, no workflow and no
 * checkout is concerned. It is one commit without parents, replaced whole: a fetch brings what is kept, and nothing of
 * what was removed.
 *
 * Nothing here touches the work tree, its index or its branches: objects are written, and the ref is pushed. Whoever
 * pushes says which commit the ref has to have by then (`--force-with-lease`); if it has another, somebody else was
 * quicker: it is fetched, the change is made to it, and pushed again.
 */
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { EXIT, UserError } from '../errors.ts';
import { askGit, type Git, tellGit } from '../runner/checkout/git.ts';
import { contended, isLocked, isNetworkFault, refused, unreachable } from './baseline-ref-errors.ts';

export interface BaselineRef {
  readonly git: Git;
  /** Name or URL; git's own configuration says how it is reached. */
  readonly remote: string;
  /** Whole: `refs/spangate/baselines`, or a branch: `refs/heads/spangate-baselines`. */
  readonly ref: string;
  /** For messages; absent: baselines. */
  readonly holds?: 'ledger';
}

/** What the ref holds. */
export interface RefTree {
  /** Null where there is no such ref yet. */
  readonly commit: string | null;
  /** Blobs by path. */
  readonly blobs: ReadonlyMap<string, string>;
}

export interface TreeChange {
  /** Contents by path. */
  readonly added: ReadonlyMap<string, Uint8Array>;
  /** Paths; those that are not there any more are no fault. */
  readonly removed: readonly string[];
  /** First line of the commit. */
  readonly message: string;
}

const EMPTY: RefTree = { commit: null, blobs: new Map() };

/** Times that the network may fail in a push, with the result of minutes of measuring. */
const MOST_FAULTS = 3;

/** Of a dozen writers at once the last one needs about as many attempts. */
const MOST_ATTEMPTS = 40;

/** Some fifteen seconds: a lock that is still there was left by a git that was killed. */
const MOST_FETCHES = 15;

/** @throws UserError `baseline-ref-unreachable` */
export async function fetchTree(place: BaselineRef): Promise<RefTree> {
  const { git, remote, ref } = place;
  const listed = await askGit(git, ['ls-remote', '--quiet', '--', remote, ref]);
  if (listed.code !== 0) throw unreachable(place, listed.errors);
  const line = listed.output.split('\n').find((each) => each.endsWith(`\t${ref}`));
  if (line === undefined) return EMPTY;
  await fetchRef(place);
  const commit = (await tellGit(git, ['rev-parse', '--verify', localRef(ref)])).trim();
  await assertOurs(place, commit);
  return { commit, blobs: await blobsOf(git, commit) };
}

/**
 * Into a ref of our own in this clone, so that what is known of it need not be fetched again. Other runs in the same
 * clone, or in work trees of it, may be fetching it too: git refuses to set a ref that has changed meanwhile.
 */
async function fetchRef(place: BaselineRef): Promise<void> {
  const { git, remote, ref } = place;
  for (let attempt = 1; ; attempt += 1) {
    const { code, errors } = await askGit(git, [
      ...['fetch', '--quiet', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head', '--force'],
      ...[remote, `+${ref}:${localRef(ref)}`],
    ]);
    if (code === 0) return;
    if (!isLocked(errors) || attempt === MOST_FETCHES) throw unreachable(place, errors);
    await pauseAfter(attempt, git);
  }
}

/** Different for each run, or they would meet again. */
async function pauseAfter(attempt: number, { signal }: Git): Promise<void> {
  const [random = 0] = randomBytes(1);
  await pause((50 + random) * Math.min(attempt, 8), undefined, signal && { signal });
}

/** What somebody else keeps under that name would be replaced. */
async function assertOurs({ git, ref, holds }: BaselineRef, commit: string): Promise<void> {
  const output = await tellGit(git, ['log', '-1', '--format=%ae%x00%P', commit]);
  if (output.trim() === `${COMMITTER.GIT_AUTHOR_EMAIL}\0`) return;
  throw new UserError({
    code: 'baseline-ref-foreign',
    what: `${ref} holds something else than what spangate keeps there, and would be replaced.`,
    where: holds === 'ledger' ? ref : 'baseline: { ref }',
    hint:
      holds === 'ledger'
        ? "Give what is there another name: that ref is spangate's."
        : 'Name a ref that is not used: baseline: { store: git-ref, ref: refs/spangate/baselines }',
    exitCode: EXIT.usage,
  });
}

/** Contents of blobs, by blob. */
export async function readBlobs(
  { git }: BaselineRef,
  blobs: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const input = blobs.map((blob) => `${blob}\n`).join('');
  const text = await tellGit(git, ['cat-file', '--batch'], { input, encoding: 'latin1' });
  const contents = new Map<string, Uint8Array>();
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at);
    const [, blob = '', size = '0'] = /^([0-9a-f]+) blob (\d+)$/.exec(text.slice(at, end)) ?? [];
    const begin = end + 1;
    if (blob !== '') contents.set(blob, Buffer.from(text.slice(begin, begin + Number(size)), 'latin1'));
    at = blob === '' ? begin : begin + Number(size) + 1;
  }
  return contents;
}

/**
 * Makes the change to whatever the ref holds by the time that it is pushed.
 *
 * @returns the tree as it was pushed
 * @throws UserError `baseline-ref-unreachable`, `baseline-ref-refused`, `baseline-ref-contended`
 */
export async function pushChange(place: BaselineRef, change: TreeChange): Promise<RefTree> {
  let faults = 0;
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
    const before = await fetchTree(place);
    const after = await committed(place, before, change);
    if (after.commit === before.commit) return before;
    const answer = await pushed(place, before, after);
    if (answer === null) return after;
    faults += isNetworkFault(answer) ? 1 : 0;
    if (faults > MOST_FAULTS) throw refused(place, answer);
    await pauseAfter(attempt, place.git);
  }
  throw contended(place, MOST_ATTEMPTS);
}

async function committed(place: BaselineRef, before: RefTree, change: TreeChange): Promise<RefTree> {
  const { git } = place;
  const blobs = new Map(before.blobs);
  for (const path of change.removed) blobs.delete(path);
  for (const [path, content] of change.added) blobs.set(path, await writtenBlob(git, content));
  if (sameBlobs(before.blobs, blobs)) return before;
  const tree = await writtenTree(git, blobs);
  const { code, output, errors } = await askGit({ ...git, inherited: { ...git.inherited, ...COMMITTER } }, [
    'commit-tree',
    '-m',
    change.message,
    tree,
  ]);
  if (code !== 0) throw unreachable(place, errors);
  return { commit: output.trim(), blobs };
}

/** The runner of a CI has no name of its own. */
export const COMMITTER = {
  GIT_AUTHOR_NAME: 'spangate',
  GIT_AUTHOR_EMAIL: 'spangate@users.noreply.github.com',
  GIT_COMMITTER_NAME: 'spangate',
  GIT_COMMITTER_EMAIL: 'spangate@users.noreply.github.com',
};

/** @returns null where it was; else what git said where somebody else was quicker, or the network failed */
async function pushed(place: BaselineRef, before: RefTree, after: RefTree): Promise<string | null> {
  const { git, remote, ref } = place;
  const { code, output, errors } = await askGit(git, [
    ...['push', '--quiet', '--no-verify', '--porcelain', `--force-with-lease=${ref}:${before.commit ?? ''}`],
    ...[remote, `${after.commit}:${ref}`],
  ]);
  if (code === 0) return null;
  const said = `${output}\n${errors}`;
  if (
    isNetworkFault(said) ||
    /stale info|fetch first|cannot lock ref|failed to update ref|reference already exists|incorrect old value/i.test(
      said,
    )
  ) {
    return said;
  }
  throw refused(place, said);
}

async function blobsOf(git: Git, commit: string): Promise<ReadonlyMap<string, string>> {
  const output = await tellGit(git, ['ls-tree', '-r', '-z', '--full-tree', commit]);
  const entries = output.split('\0').flatMap((line): [string, string][] => {
    const [, blob, path] = /^100\d{3} blob ([0-9a-f]{40,64})\t(.+)$/s.exec(line) ?? [];
    return blob !== undefined && path !== undefined && isSafe(path) ? [[path, blob]] : [];
  });
  return new Map(entries);
}

/** Files are written under these names: nothing may lead out of the folder. */
function isSafe(path: string): boolean {
  return path.split('/').every((part) => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(part));
}

async function writtenBlob(git: Git, content: Uint8Array): Promise<string> {
  const path = join(tmpdir(), `spangate-blob-${randomBytes(6).toString('hex')}`);
  try {
    writeFileSync(path, content);
    return (await tellGit(git, ['hash-object', '-w', '--no-filters', '--', path])).trim();
  } finally {
    rmSync(path, { force: true });
  }
}

async function writtenTree(git: Git, blobs: ReadonlyMap<string, string>): Promise<string> {
  const index = join(tmpdir(), `spangate-index-${randomBytes(6).toString('hex')}`);
  const own = { ...git, index };
  try {
    const input = [...blobs].map(([path, blob]) => `100644 ${blob}\t${path}\n`).join('');
    await tellGit(own, ['read-tree', '--empty']);
    await tellGit(own, ['update-index', '--add', '--index-info'], { input });
    return (await tellGit(own, ['write-tree'])).trim();
  } finally {
    rmSync(index, { force: true });
  }
}

function sameBlobs(left: ReadonlyMap<string, string>, right: ReadonlyMap<string, string>): boolean {
  return left.size === right.size && [...left].every(([path, blob]) => right.get(path) === blob);
}

/** Outside the branches and tags of the user. */
function localRef(ref: string): string {
  return `refs/spangate/fetched/${ref.replace(/^refs\//, '')}`;
}
