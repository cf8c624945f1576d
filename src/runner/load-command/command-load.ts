/**
 * The load that a command of the user sends: one run of it for each instance, all at once, with the same seed, so that
 * nothing but the build tells instances apart.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Rounds } from '../../config.ts';
import { childEnvironment } from '../child-environment.ts';
import { type CommandOutcome, runCommand } from '../command.ts';
import { type RunningInstance, startOrder, urlOf } from '../instances.ts';
import type { InstanceLoad, LoadProgress, LoadResult, OperationLoad } from '../load/load-result.ts';
import { ofArm } from '../of-arm.ts';
import { fillPlaceholders, servicePlaceholders } from '../placeholders.ts';
import type { RoundOptions } from '../round-options.ts';
import { runningPlaceholders } from '../running-services.ts';
import { binFolders } from '../service-process.ts';
import {
  commandFailed,
  commandHung,
  type LoadCommandFacts,
  nothingSent,
  reportMissing,
  reportUnreadable,
} from './load-command-errors.ts';
import { type LoadReport, parseLoadReport, UnreadableReport } from './load-report.ts';

export interface CommandLoadOptions
  extends Pick<
    RoundOptions,
    | 'scenario'
    | 'durationSeconds'
    | 'index'
    | 'seed'
    | 'directory'
    | 'registry'
    | 'inherited'
    | 'dependencies'
  > {
  readonly instances: readonly RunningInstance[];
  readonly signal: AbortSignal;
  /** Called about twice a second. */
  readonly onProgress?: (progress: LoadProgress) => void;
}

/** What the command said of one instance. */
export interface InstanceReport {
  readonly measured: LoadReport;
  /** Trace ids of the warm-up. */
  readonly warmUp: ReadonlySet<string>;
}

export interface CommandLoadResult extends LoadResult {
  readonly operations: readonly string[];
  /** In the order of the instances. */
  readonly reports: readonly InstanceReport[];
}

/** The same load where a command sent it; null otherwise. */
export function commandLoadOf(load: LoadResult): CommandLoadResult | null {
  return 'reports' in load ? (load as CommandLoadResult) : null;
}

/** Only the command knows its latencies, so that nobody can say when they stand still. */
const USUAL_WARM_UP_SECONDS = 5;

/** @throws UserError `load-command-failed`, `-hung`, `load-report-missing`, `-unreadable`, `load-nothing-sent` */
export async function runCommandLoad(options: CommandLoadOptions): Promise<CommandLoadResult> {
  const warmUpSeconds = warmUpOf(options.scenario.rounds.warmUp);
  const warmUp =
    warmUpSeconds === 0 ? null : await runAll(options, { phase: 'warm-up', seconds: warmUpSeconds });
  const measured = await runAll(options, { phase: 'measured', seconds: options.durationSeconds });
  const reports = measured.reports.map((report, position) => ({
    measured: report,
    warmUp: tracesOf(warmUp?.reports[position] ?? new Map()),
  }));
  const operations = [...new Set(reports.flatMap((report) => [...report.measured.keys()]))].sort();
  const measuredSeconds = (measured.to - measured.from) / 1000;
  return {
    driver: 'command',
    operations,
    reports,
    warmUpSeconds,
    warm: true,
    measuredSeconds,
    measuredFrom: measured.from,
    measuredTo: measured.to,
    generatorCpu: 0,
    generatorSaturated: false,
    instances: reports.map((report, position) =>
      instanceLoad(options.instances[position]?.index ?? position, report.measured, {
        operations,
        measuredSeconds,
      }),
    ),
    warnings: [],
  };
}

function warmUpOf(plan: Rounds['warmUp']): number {
  return plan.kind === 'fixed' ? plan.seconds : Math.min(plan.atMostSeconds, USUAL_WARM_UP_SECONDS);
}

interface Stretch {
  readonly phase: 'warm-up' | 'measured';
  readonly seconds: number;
}

const PROGRESS_MS = 500;

/** All instances at once, begun in an order that the seed decides. */
async function runAll(
  options: CommandLoadOptions,
  stretch: Stretch,
): Promise<{ readonly reports: readonly LoadReport[]; readonly from: number; readonly to: number }> {
  const { instances, seed, index, onProgress } = options;
  const from = Date.now();
  const tell = () =>
    onProgress?.({ phase: stretch.phase, seconds: (Date.now() - from) / 1000, requests: 0, p50: null });
  tell();
  const timer = setInterval(tell, PROGRESS_MS);
  const failure = new AbortController();
  const reports = new Map<number, LoadReport>();
  const signal = AbortSignal.any([options.signal, failure.signal]);
  const runs = startOrder(seed, index, instances.length).map(async (position) => {
    const instance = instances[position] as RunningInstance;
    try {
      reports.set(position, await runOne({ ...options, signal }, instance, stretch));
    } catch (error) {
      // One that fails ends the round: nobody waits for the others.
      failure.abort(ofArm(error, instance.plan.arm ?? null));
      throw error;
    }
  });
  try {
    await Promise.allSettled(runs);
  } finally {
    clearInterval(timer);
  }
  options.signal.throwIfAborted();
  failure.signal.throwIfAborted();
  return {
    reports: instances.map((_, position) => reports.get(position) ?? new Map()),
    from,
    to: Date.now(),
  };
}

async function runOne(
  options: CommandLoadOptions,
  instance: RunningInstance,
  stretch: Stretch,
): Promise<LoadReport> {
  const { scenario, registry, inherited, signal } = options;
  const { load } = scenario;
  // Paths of equal length for all instances.
  const number = instance.id.slice(instance.id.indexOf('i') + 1);
  const folder = join(options.directory, `load-${number}`);
  await mkdir(folder, { recursive: true });
  const reportPath = join(folder, `${stretch.phase}.json`);
  const logPath = join(folder, `${stretch.phase}.log`);
  const command = fillPlaceholders(load.command ?? '', placeholdersOf(options, instance), 'load.command');
  const { env } = childEnvironment({
    inherited,
    ours: {
      ...options.dependencies.variables(instance.index),
      ...urlVariables(instance),
      SPANGATE_URL: urlOf(instance),
      SPANGATE_PHASE: stretch.phase,
      SPANGATE_DURATION: String(stretch.seconds),
      SPANGATE_SEED: String(load.seed),
      SPANGATE_REPORT: reportPath,
    },
    path: binFolders(load.directory),
  });
  const { exit, lastLines } = await runCommand({
    command,
    directory: load.directory,
    env,
    logPath,
    registry,
    signal,
    timeoutSeconds: stretch.seconds + load.timeoutSeconds,
  });
  const facts = { command, logPath, lastLines };
  assertEnded(facts, exit, { seconds: stretch.seconds, timeoutSeconds: load.timeoutSeconds });
  const text = await readFile(reportPath, 'utf8').catch(() => null);
  // Who warms up need not count.
  if (text === null && stretch.phase === 'warm-up') return new Map();
  return reportOf(facts, text, stretch);
}

function assertEnded(
  facts: LoadCommandFacts,
  exit: CommandOutcome['exit'],
  { seconds, timeoutSeconds }: { readonly seconds: number; readonly timeoutSeconds: number },
): void {
  if (exit === null) throw commandHung(facts, seconds, timeoutSeconds);
  if (exit.code !== 0) throw commandFailed(facts, exit);
}

function reportOf(facts: LoadCommandFacts, text: string | null, { phase }: Stretch): LoadReport {
  if (text === null) throw reportMissing(facts);
  try {
    const report = parseLoadReport(text);
    const isEmpty = [...report.values()].every(({ sent, errors }) => sent === total(errors));
    if (isEmpty && phase === 'measured') throw nothingSent(facts);
    return report;
  } catch (error) {
    throw error instanceof UnreadableReport ? reportUnreadable(facts, error.message) : error;
  }
}

/** `SPANGATE_URL_ORDER_QUEUE` for the service `order-queue`. */
function urlVariables({ plan, services }: RunningInstance): Readonly<Record<string, string>> {
  const named = plan.scenario.services.flatMap(({ name, url }) => {
    const started = services.find((each) => each.name === name);
    const at = url ?? (started && `http://${started.host}:${started.port}`);
    return at === undefined ? [] : [[`SPANGATE_URL_${name.toUpperCase().replaceAll('-', '_')}`, at]];
  });
  return Object.fromEntries(named);
}

function placeholdersOf({ dependencies }: CommandLoadOptions, { index, plan, services }: RunningInstance) {
  const ports = new Map(services.map(({ name, port }) => [name, port]));
  return {
    ...dependencies.placeholders(index),
    ...servicePlaceholders(ports),
    ...runningPlaceholders(plan.scenario.services),
  };
}

function tracesOf(report: LoadReport): ReadonlySet<string> {
  return new Set([...report.values()].flatMap(({ messages }) => messages.map(({ traceId }) => traceId)));
}

function instanceLoad(
  instance: number,
  report: LoadReport,
  {
    operations,
    measuredSeconds,
  }: { readonly operations: readonly string[]; readonly measuredSeconds: number },
): InstanceLoad {
  const loads = operations.map((name): OperationLoad => {
    const { sent = 0, errors = new Map(), latencies = [] } = report.get(name) ?? {};
    return {
      requests: sent,
      completed: sent - total(errors),
      errors: Object.fromEntries(errors),
      latencies: Float64Array.from(latencies),
      unexpected: null,
    };
  });
  const completed = loads.reduce((sum, load) => sum + load.completed, 0);
  return {
    instance,
    operations: loads,
    throughput: measuredSeconds > 0 ? completed / measuredSeconds : 0,
  };
}

function total(errors: ReadonlyMap<string, number>): number {
  return [...errors.values()].reduce((sum, count) => sum + count, 0);
}
