/**
 * Runs git. Whatever spangate asks of it must leave the user's work tree, index, branch and stash as they are, run no
 * hook, ask for no password, and leave no daemon behind.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { EXIT, UserError } from '../../errors.ts';
import { runCommand } from '../command.ts';
import type { ProcessRegistry } from '../process-registry.ts';

export interface Git {
  /** Folder that git runs in; it exists. */
  readonly directory: string;
  /** Environment of spangate. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  /** Kills git when it is aborted; left out for cleaning up, which has to happen then too. */
  readonly signal?: AbortSignal;
  /** Index in place of that of the work tree. */
  readonly index?: string;
}

export interface GitAnswer {
  /** Null where it was killed. */
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** `git ls-files` of a very large repository is some tens of megabytes. */
const MOST_OUTPUT = 512 * 1024 * 1024;

/** A repository on a slow network drive; nothing that is only asked takes longer. */
const ASK_TIMEOUT_MS = 60_000;

/** Over a network there may be much to bring; `ls-remote` brings little, and is asked before anything is measured. */
const TRANSFERS: readonly string[] = ['fetch', 'push'];

/** A partial clone fetches what it lacks while it checks out. */
const WORK_TIMEOUT_SECONDS = 600;

const SETTINGS: readonly string[] = [
  // No hook of the user's, such as husky's post-checkout, runs for a folder of ours.
  ...['-c', 'core.hooksPath=/dev/null'],
  // A daemon that watches files would outlive the run.
  ...['-c', 'core.fsmonitor=false'],
  ...['-c', 'gc.auto=0'],
  ...['-c', 'maintenance.auto=0'],
  ...['-c', 'advice.detachedHead=false'],
  ...['-c', 'core.quotePath=false'],
];

/** Set by git for its hooks and aliases; they name the repository, and would win over the folder. */
const LOCATING: readonly string[] = [
  ...['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_PREFIX', 'GIT_COMMON_DIR', 'GIT_NAMESPACE'],
  ...['GIT_OBJECT_DIRECTORY', 'GIT_ALTERNATE_OBJECT_DIRECTORIES', 'GIT_INTERNAL_SUPER_PREFIX'],
];

export interface GitStreams {
  readonly input?: string;
  /** `latin1` keeps every byte as one character. */
  readonly encoding?: 'utf8' | 'latin1';
  /** By default a minute, and ten for `fetch` and `push`. */
  readonly timeoutMs?: number;
}

/**
 * Asks git something short, or to bring what is missing. Where it was not done in time, the errors end with that.
 *
 * @throws UserError `git-missing`; the reason of the signal when aborted
 */
export async function askGit(
  git: Git,
  args: readonly string[],
  { input, encoding = 'utf8', timeoutMs = timeoutOf(args) }: GitStreams = {},
): Promise<GitAnswer> {
  git.signal?.throwIfAborted();
  const options = {
    cwd: git.directory,
    env: gitEnvironment(git),
    maxBuffer: MOST_OUTPUT,
    timeout: timeoutMs,
    encoding,
    ...(git.signal && { signal: git.signal }),
  };
  const answer = await new Promise<GitAnswer | Error>((resolve) => {
    const child = execFile('git', [...SETTINGS, ...args], options, (error, output, errors) => {
      // A text is a code of the system's, such as ENOENT; a number is git's own exit code.
      if (typeof error?.code === 'string') resolve(error);
      else {
        const late = error?.killed ? `\nNot done after ${timeoutMs / 1000} s.\n` : '';
        resolve({ code: error === null ? 0 : (error.code ?? null), output, errors: `${errors}${late}` });
      }
    });
    // Git may end before it has read all; its exit code tells.
    child.stdin?.on('error', () => {});
    if (input !== undefined) child.stdin?.end(input);
  });
  git.signal?.throwIfAborted();
  if (!(answer instanceof Error)) return answer;
  if ((answer as NodeJS.ErrnoException).code === 'ENOENT') throw gitMissing(answer);
  throw answer;
}

function timeoutOf([command = '']: readonly string[]): number {
  return TRANSFERS.includes(command) ? WORK_TIMEOUT_SECONDS * 1000 : ASK_TIMEOUT_MS;
}

/** @throws UserError `git-failed` where git says no, `disk-full`, `git-missing` */
export async function tellGit(git: Git, args: readonly string[], streams: GitStreams = {}): Promise<string> {
  const { code, output, errors } = await askGit(git, args, streams);
  if (code !== 0) throw gitFailed(args, errors.split('\n'));
  return output;
}

/**
 * Lets git do something that may take long. It runs in a process group of the run, so that it ends with spangate,
 * even where that is killed.
 *
 * @throws UserError `git-failed`, `git-missing` or `disk-full`; the reason of the registry's signal when aborted
 */
export async function runGit(
  git: Git,
  args: readonly string[],
  run: { readonly registry: ProcessRegistry; readonly logDirectory: string },
): Promise<void> {
  const { exit, lastLines } = await runCommand({
    command: ['git', ...SETTINGS, ...args].map(shellWord).join(' '),
    directory: git.directory,
    env: gitEnvironment(git),
    logPath: join(run.logDirectory, 'git.log'),
    registry: run.registry,
    timeoutSeconds: WORK_TIMEOUT_SECONDS,
  });
  run.registry.signal.throwIfAborted();
  if (exit?.code === 0) return;
  // What a shell says where there is no such command.
  if (exit?.code === 127) throw gitMissing();
  if (exit === null) throw gitFailed(args, [...lastLines, `Not done after ${WORK_TIMEOUT_SECONDS} s.`]);
  throw gitFailed(args, lastLines);
}

/** Whether the text, or the error, says that nothing more can be written. */
export function saysDiskFull(lines: readonly string[]): boolean {
  return lines.some((line) =>
    /no space left on device|disk quota exceeded|\bENOSPC\b|\bEDQUOT\b/i.test(line),
  );
}

export function diskFull(where: string, detail: readonly string[], cause?: unknown): UserError {
  return new UserError({
    code: 'disk-full',
    what: 'The disk is full: there is no room for the checkouts of base and head.',
    where,
    detail,
    hint: 'Make room there, or set XDG_CACHE_HOME to a folder on a larger disk.',
    exitCode: EXIT.couldNotMeasure,
    cause,
  });
}

function gitEnvironment({ inherited, index }: Git): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(inherited)) {
    if (value !== undefined && !LOCATING.includes(name)) env[name] = value;
  }
  return {
    ...env,
    ...(index !== undefined && { GIT_INDEX_FILE: index }),
    // `git status` writes the index otherwise, and gets in the way of a git of the user's.
    GIT_OPTIONAL_LOCKS: '0',
    // A partial clone that needs a password would wait for it forever.
    GIT_TERMINAL_PROMPT: '0',
    // Messages are looked into.
    LC_ALL: 'C',
  };
}

function gitFailed(args: readonly string[], lines: readonly string[]): UserError {
  const detail = lines.filter((line) => line.trim() !== '').slice(-10);
  const command = `git ${args.join(' ')}`;
  if (saysDiskFull(detail)) return diskFull(command, detail);
  return new UserError({
    code: 'git-failed',
    what: `git failed: ${command}`,
    detail,
    hint: 'Run that command by hand; what git says about it is what has to be mended.',
    exitCode: EXIT.couldNotMeasure,
  });
}

function gitMissing(cause?: unknown): UserError {
  return new UserError({
    code: 'git-missing',
    what: 'There is no git on the PATH, and a base is checked out by git.',
    hint: 'Install git.',
    exitCode: EXIT.usage,
    cause,
  });
}

function shellWord(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
