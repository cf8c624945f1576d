/**
 * The ledger on a git ref: one file a run (`runs/<time>-….json`), so that any number of jobs may write at once, and the
 * lists of rows that runs name (`rows/<list>.json`), each once. The oldest runs are removed when there are too many.
 */
import { randomBytes } from 'node:crypto';
import { type BaselineRef, fetchTree, pushChange, type RefTree, readBlobs } from './baseline-ref.ts';

export const LEDGER_REF = 'refs/spangate/ledger';

/** Texts of files. */
export interface LedgerFiles {
  /** Oldest first. */
  readonly runs: readonly string[];
  /** By the name of the list. */
  readonly lists: ReadonlyMap<string, string>;
}

export interface LedgerAddition {
  /** Of the run: ISO 8601, UTC. */
  readonly at: string;
  /** One line of JSON. */
  readonly run: string;
  /** By the name of the list, which the run names. */
  readonly lists: ReadonlyMap<string, string>;
}

/** A year of three gates a day; a line has half a kilobyte. */
const MOST_RUNS = 1000;

/** Cut by a tenth at once, so that not every run has to look which lists are still named. */
const KEPT_RUNS = 900;

/** @throws UserError as `fetchTree` */
export async function readLedgerFiles(place: BaselineRef): Promise<LedgerFiles> {
  return await filesOf(place, await fetchTree(place));
}

/** @throws UserError as `pushChange` */
export async function appendToLedger(
  place: BaselineRef,
  addition: LedgerAddition,
  { most = MOST_RUNS, kept = KEPT_RUNS }: { readonly most?: number; readonly kept?: number } = {},
): Promise<void> {
  const { at, run, lists } = addition;
  // Two jobs may begin in the same millisecond.
  const name = `${at.replace(/[^0-9T]/g, '-')}${randomBytes(4).toString('hex')}`;
  const added = new Map([[`runs/${name}.json`, Buffer.from(`${run}\n`)]]);
  for (const [list, text] of lists) added.set(`rows/${list}.json`, Buffer.from(`${text}\n`));
  const removed = await outdated(place, { most, kept });
  await pushChange(place, { added, removed, message: 'Note a run of the gate' });
}

async function outdated(
  place: BaselineRef,
  { most, kept }: { readonly most: number; readonly kept: number },
): Promise<readonly string[]> {
  const tree = await fetchTree(place);
  const runs = pathsIn(tree, 'runs/');
  if (runs.length < most) return [];
  // The one that is added counts as well.
  const removed = runs.slice(0, Math.max(0, runs.length + 1 - kept));
  const left = new Map([...tree.blobs].filter(([path]) => !removed.includes(path)));
  const { runs: texts } = await filesOf(place, { ...tree, blobs: left });
  const unnamed = pathsIn(tree, 'rows/').filter((path) => !texts.some((text) => text.includes(listOf(path))));
  return [...removed, ...unnamed];
}

async function filesOf(place: BaselineRef, tree: RefTree): Promise<LedgerFiles> {
  const contents = await readBlobs(place, [...new Set(tree.blobs.values())]);
  const textOf = (path: string) =>
    Buffer.from(contents.get(tree.blobs.get(path) ?? '') ?? '').toString('utf8');
  return {
    runs: pathsIn(tree, 'runs/').map(textOf),
    lists: new Map(pathsIn(tree, 'rows/').map((path) => [listOf(path), textOf(path)])),
  };
}

function pathsIn({ blobs }: RefTree, folder: string): readonly string[] {
  return [...blobs.keys()].filter((path) => path.startsWith(folder)).sort();
}

/** `3fa9…` of `rows/3fa9….json`. */
function listOf(path: string): string {
  return path.slice('rows/'.length, -'.json'.length);
}
