/** What `spangate init` looks at: the manifest, the names at the top of the folder, and the sources. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface Manifest {
  readonly name?: string;
  readonly main?: string;
  readonly type?: string;
  readonly packageManager?: string;
  readonly workspaces?: unknown;
  readonly engines?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export interface Project {
  /** Null where there is no package.json, or none that can be read. */
  readonly manifest: Manifest | null;
  /** Files and folders at the top. */
  readonly names: ReadonlySet<string>;
  /** Text by path relative to the folder, with `/`, in order of depth and name. */
  readonly sources: ReadonlyMap<string, string>;
  /** Whether the package spangate is installed in this folder. */
  readonly hasSpangate: boolean;
}

/** Enough for a service; a monorepo or a folder of data must not keep a user waiting. */
const MAX_FILES = 500;
const MAX_DEPTH = 6;
/** Longer files are bundles or data. */
const MAX_BYTES = 200_000;

const SOURCE = /\.(?:[cm]?[jt]s|[jt]sx|py|java|kt)$/;
const NAMED_SOURCE =
  /^(?:requirements\.txt|pyproject\.toml|Pipfile|go\.mod|pom\.xml|build\.gradle(?:\.kts)?)$/;
const SKIPPED_FOLDERS =
  /^(?:\..*|node_modules|bower_components|coverage|vendor|public|static|assets|client|frontend|tests?|__tests__|specs?|e2e|fixtures|migrations|venv|__pycache__|target)$/;
const SKIPPED_FILES =
  /(?:\.|_|-)(?:test|spec|bench|stories)\.|\.d\.[cm]?ts$|\.config\.[cm]?[jt]s$|\.min\.js$/;

export async function readProject(folder: string): Promise<Project> {
  const names = new Set(await readdir(folder));
  const sources = new Map<string, string>();
  let folders = [''];
  for (let depth = 0; depth < MAX_DEPTH && folders.length > 0; depth += 1) {
    const below: string[] = [];
    for (const path of folders) below.push(...(await readFolder(folder, path, sources)));
    folders = below;
  }
  const installed = await stat(join(folder, 'node_modules/spangate/package.json')).catch(() => null);
  const manifest = names.has('package.json') ? await readManifest(folder) : null;
  return { manifest, names, sources, hasSpangate: installed !== null };
}

/** @returns the folders below */
async function readFolder(root: string, path: string, sources: Map<string, string>): Promise<string[]> {
  const entries = await readdir(join(root, path), { withFileTypes: true }).catch(() => []);
  entries.sort((left, right) => (left.name < right.name ? -1 : 1));
  const below: string[] = [];
  for (const entry of entries) {
    const child = path === '' ? entry.name : `${path}/${entry.name}`;
    if (entry.isDirectory() && !SKIPPED_FOLDERS.test(entry.name)) below.push(child);
    if (!entry.isFile() || sources.size >= MAX_FILES) continue;
    const isSource = SOURCE.test(entry.name) && !SKIPPED_FILES.test(entry.name);
    if (!isSource && !NAMED_SOURCE.test(entry.name)) continue;
    const text = await readSmall(join(root, child));
    if (text !== null) sources.set(child, text);
  }
  return below;
}

async function readSmall(file: string): Promise<string | null> {
  try {
    if ((await stat(file)).size > MAX_BYTES) return null;
    return await readFile(file, 'utf8');
  } catch {
    return null;
  }
}

async function readManifest(folder: string): Promise<Manifest | null> {
  try {
    const manifest: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    return typeof manifest === 'object' ? (manifest as Manifest) : null;
  } catch {
    return null;
  }
}
