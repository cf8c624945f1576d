/**
 * Data of a configuration file that conforms to the schema: what does not is taken out, so that the rest can be
 * checked further and a user sees all mistakes at once.
 */

import { type DataPath, pathText, type SchemaError, validate } from '../schema.ts';
import type { ConfigFile } from './grammar/config-file.ts';

export interface CheckedData {
  readonly data: ConfigFile;
  /** Why something was taken out. */
  readonly errors: readonly SchemaError[];
}

/** No key is required, so that a value can always be taken out; each pass goes at least one level up. */
const MAX_PASSES = 20;

/** @param retyped numbers and truth values for texts from the environment, by `pathText`; used where they fit better */
export function checkedData(raw: unknown, retyped: ReadonlyMap<string, number | boolean>): CheckedData {
  const data = withoutEmpty(raw);
  for (const { path } of validate('config', data)) {
    const value = retyped.get(pathText(path));
    if (value !== undefined) replaceAt(data, path, value);
  }
  const errors = validate('config', data);
  let left = errors;
  for (let pass = 0; left.length > 0 && pass < MAX_PASSES; pass += 1) {
    for (const path of deepest(left.flatMap(refusedPath))) takeOut(data, path);
    left = validate('config', data);
  }
  return { data: left.length === 0 ? (data as ConfigFile) : {}, errors };
}

/** An empty value (`dependencies:` with its lines commented out) counts as not given; a body is left as it is. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (!isContainer(value)) return value;
  const entries = Object.entries(value).filter(([, child]) => child !== null);
  return Object.fromEntries(
    entries.map(([key, child]) => [key, key === 'body' ? child : withoutEmpty(child)]),
  );
}

function refusedPath({ keyword, path, params, propertyName }: SchemaError): readonly DataPath[] {
  if (keyword === 'additionalProperties') return [[...path, String(params.additionalProperty)]];
  if (keyword === 'propertyNames') return [[...path, String(params.propertyName)]];
  return propertyName === undefined ? [path] : [];
}

/** Where a value may have several forms, the place of the value is refused as well as what is wrong inside it. */
function deepest(paths: readonly DataPath[]): readonly DataPath[] {
  return paths.filter((path) => !paths.some((other) => other.length > path.length && isPrefix(path, other)));
}

function isPrefix(prefix: DataPath, path: DataPath): boolean {
  return prefix.every((key, index) => key === path[index]);
}

function takeOut(data: unknown, path: DataPath): void {
  const key = path.at(-1);
  const parent = valueAt(data, path.slice(0, -1));
  if (key === undefined || !isContainer(parent)) return;
  if (!Array.isArray(parent)) delete parent[key];
  // The others keep their positions; a list that cannot hold the stand-in goes as a whole.
  else if (isContainer(parent[Number(key)]) && Object.keys(parent[Number(key)] ?? {}).length === 0) {
    takeOut(data, path.slice(0, -1));
  } else parent[Number(key)] = {};
}

function replaceAt(data: unknown, path: DataPath, value: unknown): void {
  const parent = valueAt(data, path.slice(0, -1));
  const key = path.at(-1);
  if (isContainer(parent) && key !== undefined) parent[key] = value;
}

function valueAt(data: unknown, path: DataPath): unknown {
  return path.reduce<unknown>((value, key) => (isContainer(value) ? value[key] : undefined), data);
}

function isContainer(value: unknown): value is Record<string | number, unknown> {
  return typeof value === 'object' && value !== null;
}
