/** A project folder in which spangate is run as its users run it: by its name, from a shell, in real processes. */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { processesOf } from './living-processes.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');

const FIXTURES = join(import.meta.dirname, 'fixtures');

export interface Outcome {
  /** As a shell sees it: 128 and the signal's number where one ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

export interface Run {
  readonly process: ChildProcess;
  readonly outcome: Promise<Outcome>;
  /** Resolves once stderr matches; rejects where the command ends before. */
  untilStderr(pattern: RegExp): Promise<void>;
}

export interface Project {
  /** Its folder. */
  readonly folder: string;
  /** Its own folder for temporary files; empty at first. */
  readonly temporary: string;
  /** Text that stands for this project in the environment of every process that is started in it. */
  readonly mark: string;
  /** Starts a command line in `sh`, or `argv` directly: then signals reach spangate itself. */
  start(command: string | readonly string[], env?: Readonly<Record<string, string>>): Run;
  /** Files below the project (not `node_modules`, not those of git), by path, with what tells that they were written anew. */
  files(): ReadonlyMap<string, string>;
  /** Files below the folder for temporary files. */
  temporaryFiles(): readonly string[];
  /** Command lines of all living processes that were started in it. */
  processes(): readonly string[];
}

export interface ProjectOptions {
  /** Path of a folder, relative to `fixtures/`. */
  readonly fixture: string;
  /** Name of the project's folder. */
  readonly name?: string;
}

/** Whoever makes a commit of the same files at the same time gets the same hash. */
const GIT_IDENTITY: Readonly<Record<string, string>> = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
  GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z',
};

let projects = 0;

export function openProject({ fixture, name = 'project' }: ProjectOptions): Project & Disposable {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'spangate-e2e-')));
  const folder = join(root, name);
  const temporary = join(root, 'tmp');
  const bin = join(root, 'bin');
  // What a failed run of the test has written beside the session would change the commits of this one.
  const isInput = (path: string) => !path.endsWith('.got');
  cpSync(resolve(FIXTURES, fixture), folder, { recursive: true, filter: isInput });
  for (const made of [temporary, bin, join(root, 'home')]) mkdirSync(made);
  symlinkSync(join(REPOSITORY, 'build/bin.js'), join(bin, 'spangate'));
  symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
  projects += 1;
  const mark = `e2e${process.pid}n${projects}`;
  const base = {
    PATH: [bin, dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(':'),
    HOME: join(root, 'home'),
    TMPDIR: temporary,
    LANG: 'C.UTF-8',
    // npm and bundlers have Node 22 and later keep it in TMPDIR, where nothing shall be left.
    NODE_DISABLE_COMPILE_CACHE: '1',
    ...GIT_IDENTITY,
    SPANGATE_E2E: mark,
  };
  return {
    folder,
    temporary,
    mark,
    start: (command, env = {}) => start(command, { cwd: folder, env: { ...base, ...env } }),
    files: () => filesBelow(folder),
    temporaryFiles: () => [...filesBelow(temporary).keys()],
    processes: () => processesOf(`SPANGATE_E2E=${mark}`, root),
    [Symbol.dispose]() {
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function start(
  command: string | readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Run {
  const [program = 'sh', ...args] = typeof command === 'string' ? ['sh', '-c', command] : command;
  const began = performance.now();
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { stdout: '', stderr: '' };
  const waiting = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (part: string) => {
      text[name] += part;
      for (const look of waiting) look();
    });
  }
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const seconds = (performance.now() - began) / 1000;
      resolve({ code: code ?? 128 + (SIGNAL_NUMBERS[signal ?? ''] ?? 0), ...text, seconds });
    });
  });
  return {
    process: child,
    outcome,
    untilStderr(pattern) {
      const seen = new Promise<void>((resolve) => {
        const look = () => {
          if (!pattern.test(text.stderr)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      });
      const ended = outcome.then(({ code, stderr }) => {
        if (!pattern.test(stderr)) {
          throw new Error(`ended with ${code} before its stderr matched ${pattern}:\n${stderr}`);
        }
      });
      return Promise.race([seen, ended]);
    },
  };
}

const SIGNAL_NUMBERS: Readonly<Record<string, number>> = { SIGINT: 2, SIGKILL: 9, SIGTERM: 15, SIGXFSZ: 25 };

function filesBelow(folder: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const visit = (current: string) => {
    for (const entry of readdirSync(current, { withFileTypes: true })) {
      const path = join(current, entry.name);
      if (entry.isDirectory() && entry.name !== '.git') visit(path);
      else if (entry.isFile()) {
        const { mtimeNs, size, ino } = statSync(path, { bigint: true });
        files.set(relative(folder, path), `${ino} ${size} ${mtimeNs}`);
      }
    }
  };
  visit(folder);
  return new Map([...files].sort(([left], [right]) => (left < right ? -1 : 1)));
}
