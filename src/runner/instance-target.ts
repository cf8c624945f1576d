/** The names that instances, their databases and the ports of dependencies go by. Pure. */
import type { Dependency } from '../config.ts';
import type { Placeholders } from './placeholders.ts';

/** Whose data a command or a service works on. */
export interface Target {
  /** `i0`, `i1`, …; `shared` where all instances share it; `template` while that is filled. */
  readonly instance: string;
  readonly database: string;
}

/** A dependency and where it listens; null where it runs already and `env` names no PORT. */
export interface DependencyPort {
  readonly name: string;
  readonly scope: Dependency['scope'];
  readonly port: number | null;
}

export const TEMPLATE: Target = named('template');
export const SHARED: Target = named('shared');

/** Names of equal length, so that nothing but the content tells the instances apart. */
export function instanceTargets(count: number): readonly Target[] {
  const digits = String(Math.max(0, count - 1)).length;
  return Array.from({ length: count }, (_, index) => named(`i${String(index).padStart(digits, '0')}`));
}

/** Where migrate and seed work. */
export function seededTarget(scope: Dependency['scope']): Target {
  return scope === 'per-instance' ? TEMPLATE : SHARED;
}

/** Whose data a round works on: every instance's own, or the one of all. */
export function roundTargets(scope: Dependency['scope'], instances: readonly Target[]): readonly Target[] {
  return scope === 'per-instance' ? instances : [SHARED];
}

export function variablesOf(target: Target, dependencies: readonly DependencyPort[]): Record<string, string> {
  const ports = dependencies.flatMap(({ name, port }) =>
    port === null ? [] : [[`SPANGATE_DEPENDENCY_${variableName(name)}_PORT`, String(port)]],
  );
  return {
    ...Object.fromEntries(ports),
    SPANGATE_DATABASE: target.database,
    SPANGATE_INSTANCE: target.instance,
  };
}

export function placeholdersOf(target: Target, dependencies: readonly DependencyPort[]): Placeholders {
  const entries = dependencies.flatMap(({ name, scope, port }) => [
    ...(port === null ? [] : [[`dependencies.${name}.port`, String(port)]]),
    [`dependencies.${name}.database`, (scope === 'shared' ? SHARED : target).database],
  ]);
  return { ...Object.fromEntries(entries), instance: target.instance, database: target.database };
}

/** What a service of the instance sees: its own data, but for dependencies that are all shared. */
export function serviceTarget(instance: Target, dependencies: readonly DependencyPort[]): Target {
  const isShared = dependencies.length > 0 && dependencies.every(({ scope }) => scope === 'shared');
  return isShared ? { ...instance, database: SHARED.database } : instance;
}

function named(instance: string): Target {
  // Underscores: a name that no SQL dialect wants quoted.
  return { instance, database: `spangate_${instance}` };
}

function variableName(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9]/g, '_');
}
