/** Which Python runs a service, and what is installed beside it. */
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EXIT, UserError } from '../../errors.ts';
import { runCommand } from '../command.ts';
import type { ProcessRegistry } from '../process-registry.ts';
import { canonicalName, type InstalledPackages } from './python-packages.ts';

export interface PythonEnvironment {
  /** Shell words that start it. */
  readonly command: string;
  /** `3.11`. */
  readonly version: string;
  /** Version, implementation and machine: packages with native code fit to one of these alone. */
  readonly platform: string;
  /** The interpreter that a virtual environment was made with; the same where it is none. */
  readonly baseExecutable: string;
  readonly installed: InstalledPackages;
}

export interface PythonSearch {
  readonly service: string;
  /** Start command of the service. */
  readonly start: string;
  readonly directory: string;
  /** What the service gets, without us. */
  readonly env: Readonly<Record<string, string>>;
  /** As configured; null where the start command is to be looked at. */
  readonly interpreter: string | null;
  readonly registry: ProcessRegistry;
  readonly logPath: string;
}

const PROBE = `
import importlib.metadata, json, platform, sys
print(json.dumps({
    "version": "%d.%d" % sys.version_info[:2],
    "platform": "-".join([sys.implementation.cache_tag, sys.platform, platform.machine()]),
    "base": getattr(sys, "_base_executable", None) or sys.executable,
    "installed": {d.metadata["Name"]: d.version for d in importlib.metadata.distributions() if d.metadata["Name"]},
}))`;

/** A cold interpreter on a busy machine; it only stops one that hangs. */
const PROBE_SECONDS = 60;

/** @throws UserError `python-not-found` */
export async function findPython(search: PythonSearch): Promise<PythonEnvironment> {
  const command = pythonCommand(search);
  const { exit, output, lastLines } = await runCommand({
    command: `${command} -c ${shellQuoted(PROBE)}`,
    directory: search.directory,
    env: search.env,
    logPath: search.logPath,
    registry: search.registry,
    timeoutSeconds: PROBE_SECONDS,
    capture: true,
  });
  const found = exit?.code === 0 ? parseProbe(output) : null;
  if (found) return { command, ...found };
  throw new UserError({
    code: 'python-not-found',
    what: `The Python of ${search.service} could not be asked what it has: ${command} does not run, or is older than 3.8.`,
    where: `services.${search.service}.instrument`,
    detail: lastLines,
    hint: 'Name the interpreter that runs the service, as in `instrument: { python: .venv/bin/python }`, and make sure that `setup` has made it.',
    exitCode: EXIT.couldNotMeasure,
  });
}

function parseProbe(output: string): Omit<PythonEnvironment, 'command'> | null {
  try {
    // A start-up file of the user may have printed something before.
    const { version, platform, base, installed } = JSON.parse(output.trim().split('\n').at(-1) ?? '') as {
      version: string;
      platform: string;
      base: string;
      installed: Record<string, string>;
    };
    const names = Object.entries(installed).map(([name, number]) => [canonicalName(name), number] as const);
    return { version, platform, baseExecutable: base, installed: new Map(names) };
  } catch {
    return null;
  }
}

/** Shell words that start the interpreter of the service. */
function pythonCommand({ interpreter, start, directory, env }: PythonSearch): string {
  if (interpreter !== null) return shellQuoted(resolve(directory, interpreter));
  const words = start.split(/[\s;&|()]+/).filter((word) => word !== '');
  for (const [index, word] of words.entries()) {
    const program = word.slice(word.lastIndexOf('/') + 1);
    if (/^(?:python|pypy)[\d.]*$/.test(program)) return word;
    // These choose the interpreter themselves.
    if (/^(?:uv|poetry|pipenv|pdm)$/.test(program) && words[index + 1] === 'run') return `${word} run python`;
    const script = findOnPath(word, directory, env.PATH ?? '');
    const named = script === null ? null : interpreterOf(script);
    if (named !== null) return named;
  }
  const beside = ['.venv/bin/python', 'venv/bin/python'].find((file) => existsSync(join(directory, file)));
  return beside ?? 'python3';
}

function findOnPath(program: string, directory: string, path: string): string | null {
  const candidates = program.includes('/')
    ? [resolve(directory, program)]
    : path.split(':').map((folder) => resolve(directory, folder, program));
  return candidates.find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** What the first lines of a script say: `gunicorn` and its like are small scripts in Python. */
function interpreterOf(script: string): string | null {
  const beginning = readFileSync(script).subarray(0, 500).toString('latin1');
  const line = /^#!\s*(?:\/usr\/bin\/env\s+)?(\S*(?:python|pypy)[\d.]*)/.exec(beginning)?.[1];
  // Where the path is too long for a first line, pip writes the second for a shell.
  const long = /^#!\/bin\/sh\n'''exec' "?([^"\n]*(?:python|pypy)[\d.]*)"? /.exec(beginning)?.[1];
  const found = line ?? long;
  return found === undefined ? null : shellQuoted(found);
}

export function shellQuoted(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
