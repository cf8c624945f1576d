/** What a user is told when a service or dependency does not start, or ends when it should not. */
import { EXIT, UserError } from '../errors.ts';
import type { ProcessExit } from './process-group.ts';

export type Role = 'service' | 'dependency';

/** The facts that a message is made of. */
export interface ServingFacts {
  readonly role: Role;
  readonly name: string;
  readonly command: string;
  readonly directory: string;
  /** 0 where it has none. */
  readonly port: number;
  readonly logPath: string;
  readonly lastLines: readonly string[];
  /** Names of the variables that are kept from it. */
  readonly withheld: readonly string[];
}

interface Message {
  readonly code: string;
  readonly what: string;
  readonly hint: string;
  readonly path?: 'start' | 'ready' | 'directory';
}

/** It ended before it was ready. `stillRunning`: processes that it left behind. */
export function exitedBeforeReady(facts: ServingFacts, exit: ProcessExit, stillRunning: boolean): UserError {
  const taken = portInUse(facts);
  if (taken !== null) return failure(facts, portTaken(facts, taken));
  const subject = subjectOf(facts);
  if (exit.code === 127 && facts.lastLines.some((line) => /not found|No such file/i.test(line))) {
    return failure(facts, {
      code: 'command-not-found',
      what: `The command of ${facts.role} ${facts.name} does not exist: ${facts.command}`,
      hint: `It is run by "sh -c" in ${facts.directory} with the PATH of spangate and the node_modules/.bin folders above that folder. Install what is missing, or write the command's path.`,
    });
  }
  if (exit.code === 0 && stillRunning) {
    return failure(facts, {
      code: `${facts.role}-in-background`,
      what: `${subject} went to the background before it was ready.`,
      hint: 'The command must stay in the foreground until it is stopped: leave out "&", "pm2 start" and the like.',
    });
  }
  return failure(facts, {
    code: `${facts.role}-exited`,
    what: `${subject} ended before it was ready (${exitText(exit)}).`,
    hint: withheldHint(facts) ?? `Run it by hand: ${byHand(facts)}`,
  });
}

/** It runs, and was not ready in time. `seen` says what the last look found; `listening` are the ports it has. */
export function notReadyInTime(
  facts: ServingFacts,
  seconds: number,
  found: { readonly seen: string; readonly listening: readonly number[] },
): UserError {
  const taken = portInUse(facts);
  if (taken !== null) return failure(facts, portTaken(facts, taken));
  if (found.listening.length > 0 && !found.listening.includes(facts.port)) {
    return failure(facts, {
      code: `${facts.role}-wrong-port`,
      what: `${subjectOf(facts)} listens on port ${found.listening.join(' and ')} instead of ${facts.port}.`,
      hint: `Let it read its port from the variable PORT, or write \${port} into the start command.`,
    });
  }
  return failure(facts, {
    code: `${facts.role}-not-ready`,
    what: `${subjectOf(facts)} was not ready after ${seconds} s: ${found.seen}.`,
    hint: 'Check "ready" (a path such as /healthz, tcp, or a pattern of its log), or give it more time by "start-timeout".',
    path: 'ready',
  });
}

/** Somebody listened on its port already before it was started. */
export function portTakenBefore(facts: ServingFacts): UserError {
  return failure(facts, portTaken(facts, facts.port));
}

/**
 * Its port answers, while its log says that the port was taken: then the answer is another program's.
 * `listening` is called only where the log says so.
 */
export function somebodyElseAnswered(
  facts: ServingFacts,
  listening: () => readonly number[],
): UserError | null {
  const taken = portInUse(facts);
  if (taken === null || listening().includes(facts.port)) return null;
  return failure(facts, portTaken(facts, taken));
}

/** It was ready, and ended although nobody stopped it. */
export function diedWhileRunning(facts: ServingFacts, exit: ProcessExit): UserError {
  const killed = exit.signal === 'SIGKILL' || exit.code === 137;
  return failure(facts, {
    code: `${facts.role}-died`,
    what: `${subjectOf(facts)} ended while it was needed (${exitText(exit)}).`,
    hint: killed
      ? 'SIGKILL without a reason in its log is most often the kernel, out of memory: look at dmesg, or start fewer instances.'
      : 'It has to run until it is stopped; the end of its log may say why it did not.',
  });
}

/** The shell itself could not be started. */
export function notStarted(facts: ServingFacts, cause: unknown): UserError {
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  return failure(
    facts,
    code === 'ENOENT' || code === 'ENOTDIR'
      ? {
          code: 'folder-not-found',
          what: `The folder of ${facts.role} ${facts.name} does not exist: ${facts.directory}`,
          hint: 'Folders are relative to the configuration file.',
          path: 'directory',
        }
      : {
          code: `${facts.role}-not-started`,
          what: `${subjectOf(facts)} could not be started: ${cause instanceof Error ? cause.message : String(cause)}`,
          hint: 'Look at the limits of the machine for processes, open files and memory (ulimit -a).',
        },
    cause,
  );
}

export function exitText({ code, signal }: ProcessExit): string {
  return signal === null ? `exit code ${code}` : `killed by ${signal}`;
}

function failure(facts: ServingFacts, message: Message, cause?: unknown): UserError {
  const { code, what, hint, path = 'start' } = message;
  const log =
    facts.lastLines.length === 0
      ? ['It wrote nothing to its standard output and error.']
      : [`${facts.logPath} ends with:`, ...facts.lastLines];
  return new UserError({
    code,
    what,
    where: `${facts.role === 'service' ? 'services' : 'dependencies'}.${facts.name}.${path}`,
    hint,
    detail: log,
    exitCode: EXIT.couldNotMeasure,
    cause,
  });
}

/** The port that its log says is in use; 0 where it says so without a number, null where it does not. */
export function portInUse({ lastLines }: Pick<ServingFacts, 'lastLines'>): number | null {
  const line = lastLines.find((text) => /EADDRINUSE|address (is )?already in use|port .*in use/i.test(text));
  if (line === undefined) return null;
  // The last one of the line: `:::3000` and `[::]:3000` have others before it.
  return Number(/.*(?::|port )(\d{2,5})\b/i.exec(line)?.[1] ?? 0);
}

function portTaken(facts: ServingFacts, port: number): Message {
  const code = `${facts.role}-port-taken`;
  const what = `${subjectOf(facts)} could not listen: port ${port || ''} is taken.`.replace(
    'port  is',
    'its port is',
  );
  if (port === facts.port) {
    return {
      code,
      what,
      hint: 'Another process took the port in the moment between its choice and its use, or the service listens on it twice (cluster without a primary, two servers). If it happens again it is the service.',
    };
  }
  return {
    code,
    what,
    hint: `That is a port of its own choice; spangate gave it ${facts.port}. Let it read the variable PORT, or write \${port} into the start command, so that several instances can run side by side.`,
  };
}

/** A service that misses a variable says its name in most cases. */
function withheldHint(facts: ServingFacts): string | null {
  const missing = facts.withheld.filter((name) => facts.lastLines.some((line) => line.includes(name)));
  if (missing.length === 0) return null;
  return `${missing.join(', ')}: kept from it because it looks like a secret of the CI. Hand it on by "env": ${missing.map((name) => `{ ${name}: "\${${name}}" }`).join(' ')}.`;
}

/** For a shell. A command of several parts needs the port in all of them. */
function byHand({ directory, port, command }: ServingFacts): string {
  const folder = /^[\w./@:+-]+$/.test(directory) ? directory : `'${directory.replaceAll("'", "'\\''")}'`;
  const isSimple = !/[;&|\n]/.test(command);
  return `cd ${folder} && ${isSimple ? `PORT=${port} ${command}` : `export PORT=${port}; ${command}`}`;
}

function subjectOf(facts: ServingFacts): string {
  return `${facts.role === 'service' ? 'Service' : 'Dependency'} ${facts.name}`;
}
