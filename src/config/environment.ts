/**
 * Fills in `${NAME}` from the environment, in the values of a configuration. Only names in upper case are
 * environment variables: `${port}`, `${int(1,50)}` or `${token}` are filled in later, by whoever knows them.
 */
import type { Scalar } from 'yaml';
import { type DataPath, pathText } from '../schema.ts';
import type { ConfigSource } from './source.ts';

export interface UnsetVariable {
  readonly path: DataPath;
  readonly name: string;
}

export interface FilledIn {
  readonly unset: readonly UnsetVariable[];
  /**
   * By `pathText`: the number or truth value that a filled-in text spells, for where the schema wants one
   * (`connections: ${CONNECTIONS}`).
   */
  readonly retyped: ReadonlyMap<string, number | boolean>;
}

const REFERENCE = /\$\$\{|\$\{([A-Z][A-Z0-9_]*)(?::-([^}]*))?\}/g;

/** These are run by a shell, which fills in what the command's own environment will hold. */
const COMMANDS: ReadonlySet<string> = new Set(['setup', 'start', 'migrate', 'seed', 'reset', 'state']);

/** Changes the scalars of `source`. */
export function fillInEnvironment(
  source: ConfigSource,
  env: Readonly<Record<string, string | undefined>>,
): FilledIn {
  const unset: UnsetVariable[] = [];
  const retyped = new Map<string, number | boolean>();
  const shellNames = namesInEnvSections(source);
  source.forEachScalar((scalar, path) => {
    if (isTextMap(path) && typeof scalar.value !== 'string' && scalar.value !== null) {
      // `VERSION: 1.10` means the text 1.10, not the number 1.1.
      scalar.value = scalar.source ?? String(scalar.value);
    }
    if (typeof scalar.value !== 'string' || !scalar.value.includes('${')) return;
    const before = scalar.value;
    const own = namesFor(path.slice(0, -1), shellNames);
    scalar.value = before.replaceAll(REFERENCE, (reference, name?: string, fallback?: string) => {
      if (name === undefined) return isTemplate(path) ? reference : '${';
      if (isCommand(path) && leftToShell(name, own)) return reference;
      const value = env[name] === '' && fallback !== undefined ? fallback : (env[name] ?? fallback);
      if (value !== undefined) return value;
      unset.push({ path, name });
      return reference;
    });
    const plain = scalar.value === before ? null : plainValue(scalar);
    if (plain === null) return;
    if (!isInBody(path)) retyped.set(pathText(path), plain);
    // A body may hold anything, so the quotes decide, as everywhere in YAML.
    else if (scalar.type === 'PLAIN') scalar.value = plain;
  });
  return { unset, retyped };
}

/** A key of an `env:` section. */
interface EnvName {
  readonly name: string;
  /** Of the service or dependency that has it, wherever its section stands. */
  readonly owner: string;
  /** Null at the top, where it is for all scenarios. */
  readonly scenario: string | null;
}

function namesInEnvSections(source: ConfigSource): readonly EnvName[] {
  const names: EnvName[] = [];
  source.forEachScalar((_, path) => {
    if (path.at(-2) === 'env') names.push({ name: String(path.at(-1)), ...placeOf(path.slice(0, -2)) });
  });
  return names;
}

/** Sections at the top and in a scenario become one: what either names is there when the command runs. */
function namesFor(owner: DataPath, names: readonly EnvName[]): ReadonlySet<string> {
  const place = placeOf(owner);
  const own = names.filter(
    (each) =>
      each.owner === place.owner &&
      (each.scenario === null || place.scenario === null || each.scenario === place.scenario),
  );
  return new Set(own.map(({ name }) => name));
}

function placeOf(owner: DataPath): Pick<EnvName, 'owner' | 'scenario'> {
  return {
    owner: pathText(sectionPath(owner)),
    scenario: owner[0] === 'scenarios' ? String(owner[1]) : null,
  };
}

function leftToShell(name: string, own: ReadonlySet<string>): boolean {
  return name === 'PORT' || /^(OTEL|SPANGATE)_/.test(name) || own.has(name);
}

function isCommand(path: DataPath): boolean {
  const [section, name, key, ...rest] = sectionPath(path);
  if (section === 'load') return name === 'command' && key === undefined;
  if ((section !== 'services' && section !== 'dependencies') || rest.length > 0) return false;
  return key === undefined || COMMANDS.has(String(key));
}

/** In requests, `$${` is undone when variables such as `${uuid}` are filled in. */
function isTemplate(path: DataPath): boolean {
  return sectionPath(path)[0] === 'load' && !isCommand(path);
}

function isTextMap(path: DataPath): boolean {
  const parent = path.at(-2);
  const [section, part] = sectionPath(path);
  if (parent === 'env') return !isTemplate(path);
  if (parent === 'headers') return !isInBody(path);
  if (parent === 'metadata') return section === 'load' && part === 'grpc';
  return (
    (parent === 'attributes' && section === 'metrics') || (parent === 'resource' && section === 'limits')
  );
}

function isInBody(path: DataPath): boolean {
  return isTemplate(path) && path.includes('body');
}

/** The same section may stand at the top or in a scenario. */
function sectionPath(path: DataPath): DataPath {
  return path[0] === 'scenarios' ? path.slice(2) : path;
}

function plainValue({ value }: Scalar): number | boolean | null {
  if (typeof value !== 'string') return null;
  if (/^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  return value === 'true' ? true : value === 'false' ? false : null;
}
