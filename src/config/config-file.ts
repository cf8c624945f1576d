/** Finds, reads and checks the configuration file. */
import { statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import type { Config, ConfigWarning } from '../config.ts';
import { EXIT, UserError } from '../errors.ts';
import { type DataPath, pathText } from '../schema.ts';
import { checkedData } from './checked-data.ts';
import { fillInEnvironment } from './environment.ts';
import { Findings } from './findings.ts';
import { configInvalid } from './invalid.ts';
import { type Mistake, schemaMistakes } from './mistakes.ts';
import { normaliseConfig } from './normalise.ts';
import { ConfigSource } from './source.ts';

/** In order of preference. */
export const CONFIG_NAMES: readonly string[] = ['spangate.yml', 'spangate.yaml', 'spangate.json'];

export interface LoadConfigOptions {
  /** Where to look, and what messages are relative to. */
  readonly cwd: string;
  /** A file given by the user, relative to `cwd`. */
  readonly path?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * @returns the configuration, complete with all defaults
 * @throws UserError `config-missing`, `config-unreadable`, or `config-invalid`, whose detail lists every mistake
 */
export async function loadConfig(options: LoadConfigOptions): Promise<Config> {
  const { file, ignored } = await findFile(options);
  const shown = shownPath(options.cwd, file);
  const source = new ConfigSource(await readText(file, shown));
  if (source.syntaxMistakes.length > 0) throw configInvalid(shown, source, source.syntaxMistakes);
  const { unset, retyped } = fillInEnvironment(source, options.env);
  const unsetMistakes = unset.map(
    ({ path, name }): Mistake => ({ path, part: 'value', message: unsetText(name) }),
  );
  const { data, errors } = checkedData(readData(source, shown), retyped);
  const isUnset = (path: DataPath) => unset.some((each) => pathText(each.path) === pathText(path));
  const known = [...unsetMistakes, ...schemaMistakes(errors, source).filter(({ path }) => !isUnset(path))];
  const findings = new Findings();
  const scenarios = normaliseConfig(data, {
    findings,
    directory: dirname(file),
    isDirectory,
    lineOf: (path) => source.position(path, 'value').line,
  });
  const mistakes = [...known, ...findings.mistakesBeyond(known)];
  if (mistakes.length > 0) throw configInvalid(shown, source, mistakes);
  const doubts = findings.doubts.map(({ path, code, message }): ConfigWarning => {
    const { line, column } = source.position(path, 'value');
    return { code, message: `${shown}:${line}:${column} ${pathText(path)}: ${message}.` };
  });
  return { file, scenarios, warnings: [...ignored, ...uniqueWarnings(doubts)] };
}

async function findFile({
  cwd,
  path,
}: LoadConfigOptions): Promise<{ file: string; ignored: ConfigWarning[] }> {
  const candidates = path === undefined ? CONFIG_NAMES : [path];
  const found: string[] = [];
  for (const name of candidates) {
    const status = await stat(resolve(cwd, name)).catch(() => null);
    if (status?.isFile()) found.push(name);
    if (status && !status.isFile() && path !== undefined) throw notAFile(path);
  }
  const [first, ...others] = found;
  if (first === undefined) throw missing(cwd, path);
  const message = `${others.join(' and ')} is ignored, since there is ${first}.`;
  const ignored = others.length === 0 ? [] : [{ code: 'config-ignored', message }];
  return { file: resolve(cwd, first), ignored };
}

function missing(cwd: string, path: string | undefined): UserError {
  const isGiven = path !== undefined;
  return new UserError({
    code: 'config-missing',
    what: `There is no ${isGiven ? `file ${path}` : CONFIG_NAMES[0]} in ${cwd}.`,
    hint: `${isGiven ? 'Check the path, or write a file' : 'Write one'}: npx spangate init`,
    exitCode: EXIT.usage,
  });
}

function notAFile(path: string): UserError {
  return new UserError({
    code: 'config-unreadable',
    what: `${path} is a folder, not a configuration file.`,
    hint: `Give the file in it, such as ${path.replace(/[/\\]$/, '')}/${CONFIG_NAMES[0]}`,
    exitCode: EXIT.usage,
  });
}

async function readText(file: string, shown: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UserError({
      code: 'config-unreadable',
      what: `${shown} cannot be read: ${reason}`,
      hint: 'Check its permissions.',
      exitCode: EXIT.usage,
      cause,
    });
  }
}

function readData(source: ConfigSource, shown: string): unknown {
  try {
    return source.toData() ?? {};
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw configInvalid(shown, source, [{ line: 1, column: 1, message }]);
  }
}

/** Below the working directory as a relative path, elsewhere as an absolute one. */
function shownPath(cwd: string, file: string): string {
  const path = relative(cwd, file);
  return path.startsWith('..') ? file : path;
}

function unsetText(name: string): string {
  return `the environment variable ${name} is not set; \${${name}:-text} would give it a default`;
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** What holds for every scenario is said once. */
function uniqueWarnings(warnings: readonly ConfigWarning[]): readonly ConfigWarning[] {
  return [...new Map(warnings.map((warning) => [warning.message, warning])).values()];
}
