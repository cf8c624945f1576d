/** One function a command: from its options to what is printed and the exit code. */
import { resolve } from 'node:path';
import { readMeasurementFile, writeMeasurementFile } from './baseline/measurement-file.ts';
import type { GateResult } from './compare/comparison.ts';
import { loadConfig } from './config/config-file.ts';
import { defaultPolicy } from './config/defaults.ts';
import type { Config, Policy } from './config.ts';
import { EXIT, type ExitCode, UserError } from './errors.ts';
import { compareMeasurements, exitCodeOf, gate, recordBaselines } from './gate.ts';
import type { Measurement } from './measurement.ts';
import { wantsColour } from './report/colour.ts';
import { type Format, type FormatOptions, formatResult } from './report/format.ts';
import { formatMeasurement, type MeasurementFormat } from './report/measurement-report.ts';
import { readResult, writeReport } from './result-file.ts';
import { openSession, type Session } from './session.ts';
import { TOOL } from './tool.ts';
import type { World } from './world.ts';

export interface MeasuringOptions {
  readonly config?: string;
  readonly scenario: readonly string[];
  readonly seed?: number;
}

export interface RunOptions extends MeasuringOptions {
  readonly output?: string;
  readonly format: MeasurementFormat;
}

export interface RecordOptions extends MeasuringOptions {
  readonly force?: boolean;
}

export interface ReportFile {
  readonly format: Format;
  readonly file: string;
}

export interface GateOptions extends MeasuringOptions {
  readonly format: Format;
  readonly output?: string;
  readonly report: readonly ReportFile[];
  readonly strict?: boolean;
  readonly requireBaseline?: boolean;
}

export interface CompareOptions {
  readonly format: Format;
  readonly output?: string;
  readonly config?: string;
}

export interface ReportOptions {
  readonly format: Format;
}

export async function runGate(world: World, options: GateOptions): Promise<ExitCode> {
  const config = withPolicy(await chosenConfig(world, options), (policy) => ({
    ...policy,
    strict: policy.strict || options.strict === true,
    requireBaseline: policy.requireBaseline || options.requireBaseline === true,
  }));
  const result = await measuring(world, { ...options, loaded: config }, (session) =>
    gate(config, session.gateWorld),
  );
  await printResult(world, result, options);
  return exitCodeOf(result);
}

export async function runMeasure(world: World, options: RunOptions): Promise<ExitCode> {
  const config = await chosenConfig(world, options);
  if (options.output !== undefined && config.scenarios.length > 1) {
    throw new UserError({
      code: 'output-of-one-scenario',
      what: `A measurement is of one scenario, and the configuration has ${config.scenarios.length}.`,
      where: '--output',
      hint: `Choose one with --scenario: ${config.scenarios.map((scenario) => scenario.name).join(', ')}.`,
      exitCode: EXIT.usage,
    });
  }
  let code: ExitCode = EXIT.pass;
  for (const scenario of config.scenarios) {
    const measurement = await measuring(world, { ...options, loaded: config }, (session) =>
      session.gateWorld.measure(scenario, { setUp: true, purpose: 'measuring' }),
    );
    if (options.output !== undefined) writeMeasurementFile(resolve(world.cwd, options.output), measurement);
    world.stdout.write(formatMeasurement(measurement, options.format, page(world)));
    if (measurement.status !== 'complete') code = EXIT.couldNotMeasure;
  }
  return code;
}

export async function runBaselineRecord(world: World, options: RecordOptions): Promise<ExitCode> {
  const config = await chosenConfig(world, options);
  const measurements = await measuring(world, { ...options, loaded: config }, (session) =>
    recordBaselines(config, session.gateWorld, { force: options.force === true }),
  );
  for (const [index, measurement] of measurements.entries()) {
    world.stdout.write(formatMeasurement(measurement, 'terminal', page(world)));
    world.stderr.write(`spangate: stored as baseline: ${config.scenarios[index]?.baseline.path}\n`);
  }
  return EXIT.pass;
}

export async function runCompare(
  world: World,
  options: CompareOptions & { readonly baseline: string; readonly candidate: string },
): Promise<ExitCode> {
  const baseline = readMeasurementFile(resolve(world.cwd, options.baseline));
  const candidate = readMeasurementFile(resolve(world.cwd, options.candidate));
  const policy = await policyFor(world, options, candidate);
  const result = compareMeasurements(baseline, candidate, {
    scenario: { policy },
    world: { now: world.now, seed: candidate.workload.seed, tool: TOOL },
  });
  await printResult(world, result, { ...options, report: [] });
  return exitCodeOf(result);
}

export async function runReport(
  world: World,
  options: ReportOptions & { readonly file: string },
): Promise<ExitCode> {
  const result = readResult(resolve(world.cwd, options.file));
  world.stdout.write(formatResult(result, options.format, page(world)));
  return EXIT.pass;
}

/** Runs `work` in a session; logs are kept, and named, where it fails. */
export async function measuring<T>(
  world: World,
  options: { readonly loaded: Config; readonly seed?: number },
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const seed = options.seed ?? world.now().getTime() >>> 0;
  await using session = await openSession(world, { config: options.loaded, seed });
  try {
    return await work(session);
  } catch (error) {
    session.progress.done();
    if (!world.signal.aborted) {
      session.keepLogs();
      world.stderr.write(`spangate: logs of the services are in ${session.directory}\n`);
    }
    throw error;
  }
}

/** @throws UserError where `--scenario` names one that is not there */
export async function chosenConfig(world: World, options: Omit<MeasuringOptions, 'seed'>): Promise<Config> {
  const config = await loadConfig({
    cwd: world.cwd,
    env: world.env,
    ...(options.config === undefined ? {} : { path: options.config }),
  });
  if (options.scenario.length === 0) return config;
  const unknown = options.scenario.find(
    (name) => !config.scenarios.some((scenario) => scenario.name === name),
  );
  if (unknown !== undefined) {
    throw new UserError({
      code: 'unknown-scenario',
      what: `There is no scenario ${JSON.stringify(unknown)}.`,
      where: '--scenario',
      hint: `The configuration has: ${config.scenarios.map((scenario) => scenario.name).join(', ')}.`,
      exitCode: EXIT.usage,
    });
  }
  return {
    ...config,
    scenarios: config.scenarios.filter((scenario) => options.scenario.includes(scenario.name)),
  };
}

function withPolicy(config: Config, change: (policy: Policy) => Policy): Config {
  return {
    ...config,
    scenarios: config.scenarios.map((scenario) => ({ ...scenario, policy: change(scenario.policy) })),
  };
}

/** Limits of the configuration where one is named, else the standard profile. */
async function policyFor(world: World, options: CompareOptions, candidate: Measurement): Promise<Policy> {
  if (options.config === undefined) return defaultPolicy('standard');
  const config = await chosenConfig(world, { config: options.config, scenario: [] });
  const scenario = config.scenarios.find((each) => each.name === candidate.scenario) ?? config.scenarios[0];
  return scenario?.policy ?? defaultPolicy('standard');
}

async function printResult(
  world: World,
  result: GateResult,
  options: { readonly format: Format; readonly output?: string; readonly report: readonly ReportFile[] },
): Promise<void> {
  // Files first: a closed pipe on stdout must not cost them.
  if (options.output !== undefined) {
    writeReport(resolve(world.cwd, options.output), formatResult(result, 'json'));
  }
  for (const { format, file } of options.report) {
    writeReport(resolve(world.cwd, file), formatResult(result, format));
  }
  world.stdout.write(formatResult(result, options.format, page(world)));
}

export function page(world: World): FormatOptions {
  const { stdout } = world;
  return {
    width: stdout.columns ?? 80,
    colour: wantsColour(world.env, stdout.isTTY === true),
  };
}
