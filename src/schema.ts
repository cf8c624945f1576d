/** Checks data against the JSON schemas of this package, which are generated from the types (`npm run schemas`). */
import { readFileSync } from 'node:fs';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';

/** `gate-result` is what `spangate gate` writes; `comparison` a single comparison of it. */
export type SchemaName =
  | 'config'
  | 'measurement'
  | 'gate-result'
  | 'comparison'
  | 'calibration'
  | 'selftest'
  | 'ledger-run'
  | 'ledger-summary';

/** A place inside data: keys of mappings and positions in lists. */
export type DataPath = readonly (string | number)[];

/** What this module's callers read of a JSON schema. */
export interface SchemaNode {
  readonly $ref?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly SchemaNode[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly propertyNames?: SchemaNode;
}

export interface SchemaError {
  readonly path: DataPath;
  /** The keyword of JSON Schema that is not met, such as `type`. */
  readonly keyword: string;
  /** Terse and technical, such as `must be string`. */
  readonly message: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Set where the error is about the name of a key, not about a value. */
  readonly propertyName?: string;
  /** The value that was found. */
  readonly value: unknown;
  /** The schema that holds the keyword. */
  readonly schema: SchemaNode;
}

const SOURCES: Readonly<Record<SchemaName, { readonly file: string; readonly pointer: string }>> = {
  config: { file: 'config.schema.json', pointer: '' },
  measurement: { file: 'measurement.schema.json', pointer: '' },
  'gate-result': { file: 'comparison.schema.json', pointer: '' },
  comparison: { file: 'comparison.schema.json', pointer: '#/$defs/Comparison' },
  calibration: { file: 'calibration.schema.json', pointer: '' },
  selftest: { file: 'selftest.schema.json', pointer: '' },
  'ledger-run': { file: 'ledger-run.schema.json', pointer: '' },
  'ledger-summary': { file: 'ledger-summary.schema.json', pointer: '' },
};

const ajv = new Ajv({ allErrors: true, verbose: true, allowUnionTypes: true });
const validators = new Map<SchemaName, ValidateFunction>();

/** @returns every error, in no particular order; none where the data is right */
export function validate(name: SchemaName, data: unknown): readonly SchemaError[] {
  const validator = validatorOf(name);
  if (validator(data)) return [];
  return (validator.errors ?? []).map((error) => schemaError(error, data));
}

/** Whether data has the shape that a schema describes. */
export function conforms(name: SchemaName, data: unknown): boolean {
  return validatorOf(name)(data) === true;
}

/** The part of a schema that a `$ref` such as `#/$defs/Duration` names; any other node is returned as it is. */
export function resolveNode(name: SchemaName, node: SchemaNode): SchemaNode {
  if (node.$ref === undefined) return node;
  const found = ajv.getSchema(`${loaded(name)}${node.$ref}`)?.schema;
  return typeof found === 'object' ? resolveNode(name, found as SchemaNode) : node;
}

/** `load.requests[0].weight`; keys with other characters are quoted. */
export function pathText(path: DataPath): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[\w$-]+$/.test(part)) text += text === '' ? part : `.${part}`;
    else text += `[${JSON.stringify(part)}]`;
  }
  return text;
}

function validatorOf(name: SchemaName): ValidateFunction {
  const known = validators.get(name);
  if (known) return known;
  const validator = ajv.getSchema(`${loaded(name)}${SOURCES[name].pointer}`);
  if (!validator) throw new TypeError(`no schema ${name}`);
  validators.set(name, validator);
  return validator;
}

/** @returns the key under which ajv knows the file, loaded on first use */
function loaded(name: SchemaName): string {
  const { file } = SOURCES[name];
  if (!ajv.schemas[file]) {
    ajv.addSchema(JSON.parse(readFileSync(new URL(`../schemas/${file}`, import.meta.url), 'utf8')), file);
  }
  return file;
}

function schemaError(error: ErrorObject, data: unknown): SchemaError {
  return {
    path: dataPath(error.instancePath, data),
    keyword: error.keyword,
    message: error.message ?? error.keyword,
    params: error.params,
    ...(error.propertyName === undefined ? {} : { propertyName: error.propertyName }),
    value: error.data,
    schema: (error.parentSchema ?? {}) as SchemaNode,
  };
}

/** A JSON pointer does not say whether `0` is a key or a position; the data does. */
function dataPath(pointer: string, data: unknown): DataPath {
  const path: (string | number)[] = [];
  let node = data;
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(Array.isArray(node) ? Number(key) : key);
    node = (node as Record<string, unknown> | null | undefined)?.[key];
  }
  return path;
}
