/**
 * The runs of scenarios on a git ref, as folders of files: what `baseline/` reads and writes. In the ref,
 * `<project>/<scenario>/<machine>/<run>`; `<project>` is left out for a configuration at the top of the repository.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type BaselineRef, fetchTree, pushChange, type RefTree, readBlobs } from './baseline-ref.ts';

export interface SharedRunsOptions {
  readonly place: BaselineRef;
  /** Folder of the configuration below the top of the repository; empty at the top. */
  readonly project: string;
  readonly scenario: string;
  /** Where the runs are put: `<folder>/<machine>/<run>`. */
  readonly folder: string;
}

export interface SharedRuns {
  /** Runs that were there. */
  readonly count: number;
  /** Stores what was added to the folder, and removes what was removed from it; returns how many of each. */
  publish(message: string): Promise<{ readonly added: number; readonly removed: number }>;
}

/** @throws UserError as `fetchTree` */
export async function openSharedRuns(options: SharedRunsOptions): Promise<SharedRuns> {
  const { place, folder } = options;
  const prefix = `${[...options.project.split('/').filter(Boolean), options.scenario].map(safeName).join('/')}/`;
  const tree = await fetchTree(place);
  const known = below(tree, prefix);
  const contents = await readBlobs(place, [...new Set(known.values())]);
  for (const [path, blob] of known) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, contents.get(blob) ?? '');
  }
  return {
    count: known.size,
    async publish(message) {
      const now = filesBelow(folder);
      const added = new Map(
        now
          .filter((path) => !known.has(path))
          .map((path) => [`${prefix}${path}`, readFileSync(join(folder, path))]),
      );
      const removed = [...known.keys()].filter((path) => !now.includes(path)).map((path) => prefix + path);
      if (added.size > 0 || removed.length > 0) {
        await pushChange(place, { added, removed, message });
      }
      return { added: added.size, removed: removed.length };
    },
  };
}

/** A folder of that name may be a project as well, whose scenarios lie one deeper. */
function below({ blobs }: RefTree, prefix: string): ReadonlyMap<string, string> {
  const own = [...blobs]
    .filter(([path]) => path.startsWith(prefix))
    .map(([path, blob]) => [path.slice(prefix.length), blob] as const);
  return new Map(own.filter(([path]) => path.split('/').length === 2));
}

function filesBelow(folder: string): readonly string[] {
  return entriesOf(folder).flatMap((machine) =>
    entriesOf(join(folder, machine)).map((file) => `${machine}/${file}`),
  );
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => !name.startsWith('.'));
  } catch {
    return [];
  }
}

/** A folder may have any name; two that differ stay two. */
function safeName(name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `x${name.replace(/[^A-Za-z0-9._-]/g, '_')}-${hash}`;
}
