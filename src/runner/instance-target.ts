/** The names that instances, their databases and the ports of dependencies go by. Pure. */
import type { Dependency } from '../config.ts';
import type { Placeholders } from './placeholders.ts';

/** Whose data a command or a service works on. */
export interface Target {
  /** `i0`, `i1`, …; `shared` where all instances share it; `template` while that is filled. */
  readonly instance: string;
  readonly database: string;
  /** Database that this one is a copy of, or is itself; absent where there is none, and for services. */
  readonly template?: string;
}

/**
 * How names tell two builds apart that are measured together; null where there is one. Which letter is which arm is
 * drawn, so that a name says nothing of the build.
 */
export type ArmLetter = 'a' | 'b' | null;

/** A dependency as a build sees it. */
export interface DependencyPort {
  readonly name: string;
  /** Null where it runs already and `env` names no PORT. */
  readonly port: number | null;
  /** The data that all instances of the build share; null where each has its own. */
  readonly common: Target | null;
}

const SHARED: Target = named('shared');

/** Names of equal length, so that nothing but the content tells the instances apart. */
export function instanceTargets(count: number): readonly Target[] {
  const digits = String(Math.max(0, count - 1)).length;
  return Array.from({ length: count }, (_, index) => named(`i${String(index).padStart(digits, '0')}`));
}

/** What the databases of a build's instances are copied from. */
export function templateTarget(letter: ArmLetter): Target {
  const target = named(letter === null ? 'template' : `template_${letter}`);
  return { ...target, template: target.database };
}

/** The data that a build's instances share; null for the scope in which each has its own. */
export function commonTarget(scope: Dependency['scope'], letter: ArmLetter): Target | null {
  if (scope === 'per-instance') return null;
  return scope === 'per-arm' && letter !== null ? named(`arm_${letter}`) : SHARED;
}

/** Where migrate and seed work. */
export function seededTarget(scope: Dependency['scope'], letter: ArmLetter): Target {
  return commonTarget(scope, letter) ?? templateTarget(letter);
}

export function variablesOf(
  target: Target,
  dependencies: readonly DependencyPort[],
): Readonly<Record<string, string>> {
  const ports = dependencies.flatMap(({ name, port }) =>
    port === null ? [] : [[`SPANGATE_DEPENDENCY_${variableName(name)}_PORT`, String(port)]],
  );
  return {
    ...Object.fromEntries(ports),
    SPANGATE_DATABASE: target.database,
    SPANGATE_INSTANCE: target.instance,
    ...(target.template !== undefined && { SPANGATE_TEMPLATE: target.template }),
  };
}

export function placeholdersOf(target: Target, dependencies: readonly DependencyPort[]): Placeholders {
  const entries = dependencies.flatMap(({ name, common, port }) => [
    ...(port === null ? [] : [[`dependencies.${name}.port`, String(port)]]),
    [`dependencies.${name}.database`, (common ?? target).database],
  ]);
  return {
    ...Object.fromEntries(entries),
    instance: target.instance,
    database: target.database,
    ...(target.template !== undefined && { template: target.template }),
  };
}

/** What a service of the instance sees: its own data, but where none of the dependencies has any for it. */
export function serviceTarget(instance: Target, dependencies: readonly DependencyPort[]): Target {
  const commons = dependencies.flatMap(({ common }) => common ?? []);
  if (commons.length === 0 || commons.length < dependencies.length) return instance;
  // That of its own build rather than the one of both.
  const common = commons.find(({ database }) => database !== SHARED.database) ?? SHARED;
  return { ...instance, database: common.database };
}

function named(instance: string): Target {
  // Underscores: a name that no SQL dialect wants quoted.
  return { instance, database: `spangate_${instance}` };
}

function variableName(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9]/g, '_');
}
