/** The configuration that the base commit has; only its limits are used, since that of head drives both arms. */
import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import type { Config, ConfigWarning } from '../config.ts';
import { UserError } from '../errors.ts';
import { CONFIG_NAMES, loadConfig } from './config-file.ts';

export interface LoadBaseConfigOptions {
  /** Configuration file of head: absolute, in `workTree`. */
  readonly file: string;
  /** Top of the work tree of head. */
  readonly workTree: string;
  /** Top of the checkout of base. */
  readonly checkout: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface BaseConfig {
  /** Null where base has no configuration, or none that can be read. */
  readonly config: Config | null;
  readonly warnings: readonly ConfigWarning[];
}

/**
 * Reads the same file in the checkout of base, or one of the usual name beside it: a file that head has renamed must
 * not take its limits with it. Never throws for what is wrong with that file: it is too late to change it.
 */
export async function loadBaseConfig(options: LoadBaseConfigOptions): Promise<BaseConfig> {
  const { file, workTree, checkout, env } = options;
  const folder = relative(withoutLinks(workTree), withoutLinks(dirname(file)));
  if (folder === '..' || folder.startsWith(`..${sep}`)) {
    return { config: null, warnings: [outside(file)] };
  }
  const cwd = join(checkout, folder);
  const names = [basename(file), ...CONFIG_NAMES];
  const name = names.find((each) => statSync(join(cwd, each), { throwIfNoEntry: false })?.isFile());
  if (name === undefined) return { config: null, warnings: [] };
  try {
    return { config: await loadConfig({ cwd, path: name, env }), warnings: [] };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { config: null, warnings: [unreadable(name, error)] };
  }
}

function outside(file: string): ConfigWarning {
  return {
    code: 'base-limits-unknown',
    message: `The configuration ${file} is outside the repository, so base has none of its own, and the limits of head alone apply.`,
  };
}

function unreadable(name: string, error: UserError): ConfigWarning {
  const [first] = error.detail;
  return {
    code: 'base-limits-unknown',
    message: `The limits in ${name} of base cannot be read, so those of head alone apply: ${error.message}${first === undefined ? '' : ` ${first}`}`,
  };
}

function withoutLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
