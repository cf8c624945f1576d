/**
 * The environment of what runs in checkouts. Folders of the work tree that are named in it would give both builds what
 * belongs to head.
 */
import { delimiter, resolve, sep } from 'node:path';
import type { Warning } from '../../measurement.ts';
import { binFolders } from '../service-process.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Without the `node_modules/.bin` folders that `npx` and `npm run` put in front of `PATH`: those of the folder they
 * were called in, and of all above it. Each checkout has its own behind `PATH`.
 *
 * @param folders that the user may have called us in: absolute
 */
export function checkoutEnvironment<Given extends Environment>(
  inherited: Given,
  folders: readonly string[],
): Given {
  const { PATH } = inherited;
  if (PATH === undefined) return inherited;
  const callers = new Set(folders.flatMap(binFolders));
  const kept = PATH.split(delimiter).filter((folder) => !callers.has(resolve(folder)));
  return { ...inherited, PATH: kept.join(delimiter) };
}

/** Where programs and modules are looked for. */
const SEARCHED = ['PATH', 'PYTHONPATH', 'NODE_PATH', 'RUBYLIB', 'CLASSPATH', 'LD_LIBRARY_PATH'] as const;

/** What is searched in the work tree all the same, such as a virtual environment that is active. */
export function searchedInWorkTree(inherited: Environment, top: string): readonly Warning[] {
  return SEARCHED.flatMap((name) => {
    const folder = inherited[name]?.split(delimiter).find((each) => isAtOrBelow(top, each));
    if (folder === undefined) return [];
    return [
      {
        code: 'path-into-work-tree',
        message: `${name} names ${folder} of the work tree, so both builds use what is installed there: a change of it is not measured. Let "setup" install it in each checkout, and "start" name it there.`,
      },
    ];
  });
}

/** The variables that lead to the top of the work tree, or to something below it; what a shell sets itself is left out. */
export function variablesIntoWorkTree(inherited: Environment, top: string): readonly string[] {
  return Object.entries(inherited)
    .filter(
      ([name, value]) => !SET_BY_SHELLS.includes(name) && value !== undefined && isAtOrBelow(top, value),
    )
    .map(([name]) => name);
}

const SET_BY_SHELLS: readonly string[] = ['PWD', 'OLDPWD'];

function isAtOrBelow(top: string, path: string): boolean {
  return path === top || path.startsWith(`${top}${sep}`);
}
