/** Brings OpenTelemetry into services that have none, by variables that are added to their environment. */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Scenario, Service } from '../../config.ts';
import { EXIT, UserError } from '../../errors.ts';
import { cacheFolder } from '../cache-folder.ts';
import { childEnvironment } from '../child-environment.ts';
import type { ProcessRegistry } from '../process-registry.ts';
import type { RunProgress } from '../run-progress.ts';
import { binFolders } from '../service-process.ts';
import { fetchedJavaAgent } from './java-agent.ts';
import { findPython } from './python-interpreter.ts';
import { pythonOverlay } from './python-overlay.ts';
import { hasInstrumentation, requirementsFor } from './python-packages.ts';
import { bringsOpenTelemetry, languageOf } from './service-language.ts';

export interface InstrumentOptions {
  /** Set up already: its environments are looked at. */
  readonly scenario: Scenario;
  readonly registry: ProcessRegistry;
  readonly inherited: Readonly<Record<string, string | undefined>>;
  readonly logDirectory: string;
  readonly progress: RunProgress;
}

/**
 * The scenario with what has to be added to `env:` of its services. Nothing of the services' own folders is changed.
 *
 * @throws UserError `instrument-unknown-language`, `python-not-found`, `python-packages-missing`,
 *   `java-agent-not-fetched` and others: a service without its spans would measure nothing
 */
export async function instrumented(options: InstrumentOptions): Promise<Scenario> {
  const services: Service[] = [];
  for (const service of options.scenario.services) {
    const added = await variablesFor(service, options);
    services.push(added === null ? service : { ...service, env: { ...service.env, ...added } });
  }
  return { ...options.scenario, services };
}

async function variablesFor(
  service: Service,
  options: InstrumentOptions,
): Promise<Readonly<Record<string, string>> | null> {
  const { instrument } = service;
  if (instrument === undefined) return null;
  const given = { ...options.inherited, ...service.env };
  if (bringsOpenTelemetry(service.start, given)) return null;
  const language = instrument.language === 'auto' ? detected(service) : instrument.language;
  if (language === 'node') return null;
  if (language === 'java') {
    const named = instrument.language === 'java' ? instrument.agent : null;
    return javaVariables({ service, options, named, given });
  }
  const interpreter = instrument.language === 'python' ? instrument.interpreter : null;
  return pythonVariables({ service, options, interpreter, given });
}

type Given = Readonly<Record<string, string | undefined>>;

async function pythonVariables(parts: {
  readonly service: Service;
  readonly options: InstrumentOptions;
  readonly interpreter: string | null;
  readonly given: Given;
}): Promise<Readonly<Record<string, string>>> {
  const { service, options, given } = parts;
  const { name, start, directory } = service;
  const { registry, progress } = options;
  const logPath = join(options.logDirectory, `${name}-instrument.log`);
  const env = environmentOf(service, options);
  const { interpreter } = parts;
  const python = await findPython({ service: name, start, directory, env, interpreter, registry, logPath });
  const requirements = requirementsFor(python.installed);
  if (requirements === null) throw oldOpenTelemetry(name, python.installed.get('opentelemetry-api'));
  const own = hasInstrumentation(python.installed);
  progress.step(
    own
      ? `${name}: instrumented by the OpenTelemetry of its own environment`
      : `${name}: OpenTelemetry for Python ${python.version}: ${requirements.instrumented.join(', ')}`,
  );
  const cache = cacheFolder('instrument', options.inherited);
  const wanted = own ? { ...requirements, packages: [], constraints: [] } : requirements;
  const overlay = await pythonOverlay({
    ...{ service: name, python, requirements: wanted, directory, env, cache, registry, logPath },
  });
  return {
    // The folder of the service, since some frameworks are instrumented by importing its settings.
    PYTHONPATH: [overlay, directory, given.PYTHONPATH].filter(Boolean).join(':'),
    // The packages have the exporter of this protocol alone.
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
  };
}

async function javaVariables(parts: {
  readonly service: Service;
  readonly options: InstrumentOptions;
  readonly named: string | null;
  readonly given: Given;
}): Promise<Readonly<Record<string, string>>> {
  const { service, options, named, given } = parts;
  const jar = named === null ? null : resolve(service.directory, named);
  if (jar !== null && !existsSync(jar)) throw noAgent(service.name, jar);
  if (jar === null) options.progress.step(`${service.name}: the OpenTelemetry agent for Java`);
  const cache = cacheFolder('instrument', options.inherited);
  const agent = jar ?? (await fetchedJavaAgent(cache, undefined, options.registry.signal));
  const option = /\s/.test(agent) ? `"-javaagent:${agent}"` : `-javaagent:${agent}`;
  return { JAVA_TOOL_OPTIONS: [given.JAVA_TOOL_OPTIONS, option].filter(Boolean).join(' ') };
}

function environmentOf(service: Service, { inherited }: InstrumentOptions): Readonly<Record<string, string>> {
  const path = binFolders(service.directory);
  return childEnvironment({ inherited, configured: service.env, path, packageRegistries: true }).env;
}

function detected({ name, start, directory }: Service): 'python' | 'java' | 'node' {
  const names = new Set(existsSync(directory) ? readdirSync(directory) : []);
  const language = languageOf({ command: start, names });
  if (language !== null && language !== 'go') return language;
  throw new UserError({
    code: 'instrument-unknown-language',
    what:
      language === 'go'
        ? `${name} is a Go service, and Go has no instrumentation that could be brought to a program from outside.`
        : `Neither the start command of ${name} nor its folder says which language it is in.`,
    where: `services.${name}.instrument`,
    hint:
      language === 'go'
        ? 'Put the OpenTelemetry SDK into the code (an OTLP exporter, otelhttp, and propagation.TraceContext as the propagator), and leave `instrument` out: spangate receives what it sends.'
        : 'Say `instrument: python` or `instrument: java`; for other languages start the service with its own OpenTelemetry, and leave `instrument` out.',
    exitCode: EXIT.usage,
  });
}

function oldOpenTelemetry(service: string, version: string | undefined): UserError {
  return new UserError({
    code: 'python-opentelemetry-too-old',
    what: `${service} has opentelemetry-api ${version}, and there are instrumentations for releases from 1.25 on.`,
    where: `services.${service}.instrument`,
    hint: 'Raise it in the service, or install opentelemetry-distro there and start it by opentelemetry-instrument.',
    exitCode: EXIT.couldNotMeasure,
  });
}

function noAgent(service: string, jar: string): UserError {
  return new UserError({
    code: 'java-agent-missing',
    what: `There is no agent for Java at ${jar}.`,
    where: `services.${service}.instrument.java`,
    hint: 'Paths are relative to the folder of the service. Without one, as in `instrument: java`, spangate fetches it.',
    exitCode: EXIT.usage,
  });
}
