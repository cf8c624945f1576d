/** One scenario out of a file with several: what stands at the top, extended or replaced by what the scenario says. */

import type { DataPath } from '../schema.ts';
import type { ConfigFile, ScenarioSection } from './grammar/config-file.ts';

/** The name of the scenario in a file without `scenarios`. */
export const DEFAULT_SCENARIO = 'default';

export interface ScenarioSource {
  readonly name: string;
  readonly section: ScenarioSection;
  /** Where a path of `section` is in the file. */
  readonly locate: (path: DataPath) => DataPath;
}

export function scenarioSources(file: ConfigFile): readonly ScenarioSource[] {
  const { scenarios, ...top } = file;
  if (!scenarios) return [{ name: DEFAULT_SCENARIO, section: top, locate: (path) => path }];
  const base = withoutShorthand(top);
  return Object.entries(scenarios).map(([name, own]) => {
    const section = merge(base, withoutShorthand(own), []) as ScenarioSection;
    return { name, section, locate: (path) => locate(path, { base, own, name }) };
  });
}

/** A service that is only a command becomes a mapping, so that a scenario can add to it. */
function withoutShorthand(section: ScenarioSection): ScenarioSection {
  const { services, dependencies } = section;
  return {
    ...section,
    ...(services && { services: expanded(services) }),
    ...(dependencies && { dependencies: expanded(dependencies) }),
  };
}

function expanded<T extends object>(entries: Record<string, string | T>): Record<string, T> {
  const mappings = Object.entries(entries).map(([name, entry]) => [
    name,
    typeof entry === 'string' ? { start: entry } : entry,
  ]);
  return Object.fromEntries(mappings);
}

/** Free-form values and choices between forms: taken whole. */
const WHOLE: readonly string[] = ['body', 'ready', 'login'];

function merge(base: unknown, own: unknown, path: DataPath): unknown {
  if (isAdded(path) && Array.isArray(base) && Array.isArray(own)) return [...base, ...own];
  if (!isMapping(base) || !isMapping(own) || WHOLE.includes(String(path.at(-1)))) return own;
  const keys = [...new Set([...Object.keys(base), ...Object.keys(own)])];
  return Object.fromEntries(
    keys.map((key) => {
      if (!Object.hasOwn(own, key)) return [key, base[key]];
      if (!Object.hasOwn(base, key)) return [key, own[key]];
      return [key, merge(base[key], own[key], [...path, key])];
    }),
  );
}

interface Sources {
  readonly base: ScenarioSection;
  readonly own: ScenarioSection;
  readonly name: string;
}

function locate(path: DataPath, { base, own, name }: Sources): DataPath {
  const inScenario = ['scenarios', name, ...path];
  let below: unknown = base;
  let above: unknown = own;
  for (const [depth, key] of path.entries()) {
    if (isAdded(path.slice(0, depth)) && Array.isArray(below)) {
      const index = Number(key);
      if (index < below.length) return path;
      return ['scenarios', name, ...path.slice(0, depth), index - below.length, ...path.slice(depth + 1)];
    }
    if (!isMapping(above)) return inScenario;
    const isBelow = isMapping(below) && Object.hasOwn(below, key);
    if (!Object.hasOwn(above, key)) return isBelow ? path : inScenario;
    if (WHOLE.includes(String(key))) return inScenario;
    below = isMapping(below) ? below[key] : undefined;
    above = above[key];
  }
  return inScenario;
}

/** Lists that a scenario adds to rather than replaces. */
function isAdded(path: DataPath): boolean {
  return path.length === 2 && path[0] === 'limits' && (path[1] === 'rules' || path[1] === 'waivers');
}

function isMapping(value: unknown): value is Record<string | number, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
