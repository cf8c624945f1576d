/** A command that serves until it is stopped, a service or a dependency: started, waited for, watched, stopped. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Readiness } from '../config.ts';
import type { UserError } from '../errors.ts';
import type { Warning } from '../measurement.ts';
import { isFree } from './free-port.ts';
import { type LogFile, openLogFile } from './log-file.ts';
import { ABORTED_GRACE_SECONDS, type ProcessExit, type ProcessGroup } from './process-group.ts';
import type { ProcessRegistry } from './process-registry.ts';
import { listeningPorts } from './process-table.ts';
import { readinessProbe } from './readiness.ts';
import {
  diedWhileRunning,
  exitedBeforeReady,
  notReadyInTime,
  notStarted,
  portTakenBefore,
  type Role,
  type ServingFacts,
  somebodyElseAnswered,
} from './start-failure.ts';

export interface ServingOptions {
  readonly role: Role;
  readonly name: string;
  /** For `sh -c`, placeholders filled in. */
  readonly command: string;
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  /** Names of variables that are kept from it, for messages. */
  readonly withheld: readonly string[];
  readonly port: number;
  readonly ready: Readiness;
  readonly startTimeoutSeconds: number;
  readonly stopTimeoutSeconds: number;
  readonly logPath: string;
  readonly registry: ProcessRegistry;
  /** Gives up waiting for it, besides the signal of the registry. */
  readonly signal?: AbortSignal;
}

export interface ServingProcess extends AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  /** Loopback address that answered, as it stands in a URL: `127.0.0.1` or `[::1]`. */
  readonly host: string;
  /** From the start of the command until it was ready. */
  readonly startSeconds: number;
  readonly logPath: string;
  /** Offset in that file at which it began to write. */
  readonly logStart: number;
  readonly withheld: readonly string[];
  /** How the command ended, whoever ended it. */
  readonly exited: Promise<ProcessExit>;
  /** Resolves when it ends although nobody stopped it; never otherwise. Made for `Promise.race`. */
  readonly died: Promise<UserError>;
  /** @throws UserError `service-died` or `dependency-died` */
  assertAlive(): void;
  lastLines(count?: number): readonly string[];
  /** Ends it and all that it started; settles when nothing of it runs. Repeated calls give the same promise. */
  stop(): Promise<readonly Warning[]>;
}

/** A service is up in 50 ms at best; the first looks cost nothing, and later ones must not steal its CPU. */
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 100;

/** @throws UserError, after it has stopped what it started; the reason of the registry's signal when aborted */
export async function startServing(options: ServingOptions): Promise<ServingProcess> {
  options.registry.signal.throwIfAborted();
  options.signal?.throwIfAborted();
  // Otherwise the other program's answer would be taken for ours.
  if (!(await isFree(options.port))) throw portTakenBefore({ ...options, lastLines: [] });
  const log = openLogFile(options.logPath);
  const began = performance.now();
  const group = options.registry.spawn({
    command: options.command,
    directory: options.directory,
    env: options.env,
    stdout: log.descriptor,
    stderr: log.descriptor,
  });
  try {
    const host = await waitUntilReady(options, group, log);
    return serving({ options, group, log, host, startSeconds: (performance.now() - began) / 1000 });
  } catch (error) {
    await group.stop(ABORTED_GRACE_SECONDS);
    log[Symbol.dispose]();
    throw error;
  }
}

async function waitUntilReady(options: ServingOptions, group: ProcessGroup, log: LogFile): Promise<string> {
  const deadline = performance.now() + options.startTimeoutSeconds * 1000;
  const probe = readinessProbe({ ready: options.ready, port: options.port, readLog: () => log.readNew() });
  const ended = group.exited.catch((cause: unknown) => {
    throw notStarted(factsOf(options, log), cause);
  });
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
    const outcome = await Promise.race([ended, options.registry.aborted, probe()]);
    options.signal?.throwIfAborted();
    if (!('state' in outcome)) {
      throw exitedBeforeReady(factsOf(options, log), outcome, group.members().length > 0);
    }
    const listening = () => listeningPorts(group.members().map((entry) => entry.pid));
    if (outcome.state === 'ready') {
      const intruded = somebodyElseAnswered(factsOf(options, log), listening);
      if (intruded) throw intruded;
      return outcome.host === '::1' ? '[::1]' : outcome.host;
    }
    if (performance.now() > deadline) {
      throw notReadyInTime(factsOf(options, log), options.startTimeoutSeconds, {
        seen: outcome.seen,
        listening: listening(),
      });
    }
    await Promise.race([delay(pause), ended, options.registry.aborted]);
  }
}

function serving(started: {
  readonly options: ServingOptions;
  readonly group: ProcessGroup;
  readonly log: LogFile;
  readonly host: string;
  readonly startSeconds: number;
}): ServingProcess {
  const { options, group, log, host, startSeconds } = started;
  const death = (exit: ProcessExit) => diedWhileRunning(factsOf(options, log), exit);
  const died = new Promise<UserError>((resolve) => {
    group.exited.then((exit) => {
      if (!group.stopping) resolve(death(exit));
    });
  });
  let stopped: Promise<readonly Warning[]> | null = null;
  const stop = async () => {
    const { hung, survivors } = await group.stop(options.stopTimeoutSeconds);
    log[Symbol.dispose]();
    return stopWarnings(options, hung, survivors);
  };
  return {
    name: options.name,
    pid: group.pid,
    port: options.port,
    host,
    startSeconds,
    logPath: options.logPath,
    logStart: log.start,
    withheld: options.withheld,
    exited: group.exited,
    died,
    assertAlive() {
      if (group.exit && !group.stopping) throw death(group.exit);
    },
    lastLines: (count) => log.lastLines(count),
    stop() {
      stopped ??= stop();
      return stopped;
    },
    async [Symbol.asyncDispose]() {
      await this.stop();
    },
  };
}

function stopWarnings(
  options: ServingOptions,
  hung: boolean,
  survivors: readonly number[],
): readonly Warning[] {
  const warnings: Warning[] = [];
  const { role, name, stopTimeoutSeconds } = options;
  if (hung && !options.registry.signal.aborted) {
    warnings.push({
      code: `${role}-hung-at-stop`,
      message: `The ${role} ${name} did not end within ${stopTimeoutSeconds} s of SIGTERM and was killed, so its last telemetry may be lost. Let it end on SIGTERM, or give it more time by "stop-timeout".`,
    });
  }
  if (survivors.length > 0) {
    warnings.push({
      code: 'process-survived',
      message: `Processes of the ${role} ${name} did not end on SIGKILL: ${survivors.join(', ')}. They hang in the kernel, most often at a disk or network drive.`,
    });
  }
  return warnings;
}

function factsOf(options: ServingOptions, log: LogFile): ServingFacts {
  return { ...options, lastLines: log.lastLines() };
}
