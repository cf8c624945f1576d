/** The sections `services` and `dependencies`, complete with defaults. */
import { resolve } from 'node:path';
import type { Dependency, Instrument, Readiness, Service } from '../config.ts';
import type { DataPath } from '../schema.ts';
import { DEFAULT_START_TIMEOUT, DEFAULT_STOP_TIMEOUT } from './defaults.ts';
import type { Report } from './findings.ts';
import type { ScenarioSection } from './grammar/config-file.ts';
import type { DependencySection, ReadyCheck, ServiceSection } from './grammar/services.ts';
import type { EnvMap } from './grammar/words.ts';
import { nearestWord } from './nearest-word.ts';
import { checkRunning, urlOrigin } from './running-service.ts';
import { parseDuration } from './units.ts';

export interface ProcessesContext {
  readonly report: Report;
  /** Folder of the configuration file. */
  readonly directory: string;
  readonly isDirectory: (path: string) => boolean;
}

export function normaliseServices(section: ScenarioSection, context: ProcessesContext): readonly Service[] {
  const entries = Object.entries(section.services ?? {});
  if (entries.length === 0) {
    context.report.mistake(
      ['services'],
      'there is no service; give at least its start command, as in `api: node server.js`',
      'key',
    );
  }
  return entries.map(([name, entry]) => {
    const path = ['services', name];
    const service: ServiceSection = typeof entry === 'string' ? { start: entry } : entry;
    if (service.url !== undefined) checkRunning(section, name, service, context.report);
    else if (service.start === undefined)
      context.report.mistake(
        path,
        'there is no start command (`start`), and no `url` of one that runs already',
        'key',
      );
    checkPlaceholders(section, service, path, context.report);
    return {
      name,
      setup: service.setup ?? null,
      start: service.start ?? '',
      ...(service.url !== undefined && { url: urlOrigin(service.url) }),
      directory: directoryOf(service.directory, path, context),
      env: textMap(service.env),
      ready: readinessOf(service.ready, path, context.report),
      startTimeoutSeconds: positive(
        service['start-timeout'] ?? DEFAULT_START_TIMEOUT,
        [...path, 'start-timeout'],
        context.report,
      ),
      stopTimeoutSeconds: parseDuration(service['stop-timeout'] ?? DEFAULT_STOP_TIMEOUT),
      telemetry: service.telemetry ?? 'auto',
      ...instrumentOf(service, path, context),
    };
  });
}

/** @param hasWrites whether a request of the load writes: then the default scope is `per-instance` */
export function normaliseDependencies(
  section: ScenarioSection,
  hasWrites: boolean,
  context: ProcessesContext,
): readonly Dependency[] {
  return Object.entries(section.dependencies ?? {}).map(([name, entry]) => {
    const path = ['dependencies', name];
    if (section.services && Object.hasOwn(section.services, name)) {
      context.report.mistake(path, `\`${name}\` is already the name of a service`, 'key');
    }
    const dependency: DependencySection = typeof entry === 'string' ? { start: entry } : entry;
    checkPlaceholders(section, dependency, path, context.report);
    const { migrate = null, seed = null, reset = null, state = null } = dependency;
    const changes = migrate !== null || seed !== null || reset !== null || hasWrites;
    return {
      name,
      start: dependency.start ?? null,
      directory: directoryOf(dependency.directory, path, context),
      env: textMap(dependency.env),
      ready: readinessOf(dependency.ready, path, context.report),
      startTimeoutSeconds: positive(
        dependency['start-timeout'] ?? DEFAULT_START_TIMEOUT,
        [...path, 'start-timeout'],
        context.report,
      ),
      scope: dependency.scope ?? (changes ? 'per-instance' : 'shared'),
      migrate,
      seed,
      reset,
      state,
    };
  });
}

/** @returns seconds */
export function positive(duration: string, path: DataPath, report: Report): number {
  const seconds = parseDuration(duration);
  if (seconds <= 0) report.mistake(path, 'must be longer than 0s');
  return seconds;
}

/** Numbers and truth values are taken as the text that they are written with. */
export function textMap(map: EnvMap | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(map ?? {}).map(([name, value]) => [name, String(value)]));
}

function directoryOf(directory: string | undefined, path: DataPath, context: ProcessesContext): string {
  const absolute = resolve(context.directory, directory ?? '.');
  if (directory !== undefined && !context.isDirectory(absolute)) {
    context.report.mistake([...path, 'directory'], `there is no folder ${absolute}`);
  }
  return absolute;
}

function instrumentOf(
  { instrument, telemetry }: ServiceSection,
  path: DataPath,
  { report }: ProcessesContext,
): { readonly instrument?: Instrument } {
  if (instrument === undefined) return {};
  if (telemetry === 'preload') {
    report.mistake(
      [...path, 'instrument'],
      'sends its spans by OTLP, and `telemetry: preload` listens to none; leave one of them out',
    );
  }
  if (instrument === 'auto') return { instrument: { language: 'auto' } };
  const named = typeof instrument === 'string' ? {} : instrument;
  if (named.python !== undefined && named.java !== undefined)
    report.mistake([...path, 'instrument'], 'a service is in one language: leave `python` or `java` out');
  return instrument === 'python' || named.python !== undefined
    ? { instrument: { language: 'python', interpreter: named.python ?? null } }
    : { instrument: { language: 'java', agent: named.java ?? null } };
}

function readinessOf(ready: ReadyCheck | undefined, path: DataPath, report: Report): Readiness {
  if (ready === undefined || ready === 'tcp') return { kind: 'tcp' };
  if (typeof ready === 'string') return { kind: 'http', path: ready };
  try {
    // As the runner reads it: `^` and `$` are those of a line.
    new RegExp(ready.log, 'm');
  } catch (error) {
    const reason =
      error instanceof Error ? error.message.replace(/^Invalid regular expression: \/.*\/m: /s, '') : '';
    report.mistake([...path, 'ready', 'log'], `is no regular expression: ${reason}`);
  }
  return { kind: 'log', pattern: ready.log };
}

/** `${services.inventry.url}` would only be found out when the service starts. */
function checkPlaceholders(
  section: ScenarioSection,
  entry: ServiceSection | DependencySection,
  path: DataPath,
  report: Report,
): void {
  const { env, ...others } = entry;
  checkTexts(section, others, path, report);
  checkTexts(section, env ?? {}, [...path, 'env'], report);
}

function checkTexts(section: ScenarioSection, texts: object, path: DataPath, report: Report): void {
  for (const [key, text] of Object.entries(texts)) {
    if (typeof text !== 'string') continue;
    for (const [reference, kind, name = ''] of text.matchAll(
      /\$\{(services|dependencies)\.([\w-]+)[^}]*\}/g,
    )) {
      const known = Object.keys((kind === 'services' ? section.services : section.dependencies) ?? {});
      if (known.includes(name)) continue;
      const nearest = nearestWord(name, known);
      const what = kind === 'services' ? 'service' : 'dependency';
      const meant = nearest === null ? '' : `; did you mean "${nearest}"?`;
      report.mistake([...path, key], `there is no ${what} \`${name}\` for \`${reference}\`${meant}`);
    }
  }
}
