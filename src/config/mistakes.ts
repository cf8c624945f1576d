/** What is wrong with a configuration by its schema, in words: what was expected, what is there, what was meant. */

import { type DataPath, pathText, resolveNode, type SchemaError, type SchemaNode } from '../schema.ts';
import { nearestWord } from './nearest-word.ts';
import type { ConfigSource, Part } from './source.ts';
import { percentageText } from './units.ts';

export interface Mistake {
  readonly path: DataPath;
  /** The end of `key: value` that the message is about. */
  readonly part: Part;
  readonly message: string;
  /** For a mistyped key: the one that was meant. */
  readonly meant?: DataPath;
}

/** At most one for each place. */
export function schemaMistakes(errors: readonly SchemaError[], source: ConfigSource): readonly Mistake[] {
  const unions = new Map<string, SchemaError>();
  for (const error of errors) if (error.keyword === 'anyOf') unions.set(pathText(error.path), error);
  const mistakes = new Map<string, Mistake>();
  for (const error of errors) {
    const union = unions.get(pathText(error.path));
    const mistake = union ? unionMistake(union, error, source) : mistakeOf(error, source);
    if (mistake) mistakes.set(`${mistake.part} ${pathText(mistake.path)}`, mistake);
  }
  const all = [...mistakes.values()];
  const meant = new Set(all.flatMap((mistake) => (mistake.meant ? [pathText(mistake.meant)] : [])));
  return all.filter((mistake) => !meant.has(pathText(mistake.path)));
}

/**
 * Where a value may have one of several forms, every form complains. What counts is the form that the value could
 * have by its type; where there is none, one sentence names them all.
 *
 * @param error one of the errors at the place of `union`
 */
function unionMistake(union: SchemaError, error: SchemaError, source: ConfigSource): Mistake | null {
  const forms = (union.schema.anyOf ?? []).map((form) => resolveNode('config', form));
  const type = typeOf(union.value);
  const isContainer = type === 'object' || type === 'array';
  const possible = forms.some((form) => [form.type].flat().includes(type));
  if (isContainer && possible) {
    // An error of the container as a whole belongs to a form that is no container.
    const isInside = [
      'additionalProperties',
      'propertyNames',
      'required',
      'minItems',
      'maxItems',
      'minProperties',
    ];
    return isInside.includes(error.keyword) ? mistakeOf(error, source) : null;
  }
  const title = union.schema.title ?? joined(forms.map(formText));
  return valueMistake(union, title, forms.flatMap(wordsOf), source);
}

function mistakeOf(error: SchemaError, source: ConfigSource): Mistake | null {
  // The error `propertyNames` itself says it once.
  if (error.propertyName !== undefined) return null;
  const { path, schema, params } = error;
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey(path, String(params.additionalProperty), schema);
    case 'propertyNames': {
      const title = schema.propertyNames?.title ?? 'another name';
      return {
        path: [...path, String(params.propertyName)],
        part: 'key',
        message: `the key must be ${title}`,
      };
    }
    case 'required':
      return { path: [...path, String(params.missingProperty)], part: 'key', message: 'is missing' };
    case 'minItems':
    case 'minProperties':
      return { path, part: 'value', message: 'must have at least one entry' };
    case 'maxItems':
      return { path, part: 'value', message: `must have at most ${String(params.limit)} entries` };
    default:
      return valueMistake(error, schema.title ?? formText(schema), wordsOf(schema), source);
  }
}

/** Keys of other tools, and what they are called here. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  app: 'services',
  apps: 'services',
  service: 'services',
  deps: 'dependencies',
  cmd: 'start',
  command: 'start',
  run: 'start',
  build: 'setup',
  cwd: 'directory',
  dir: 'directory',
  environment: 'env',
  health: 'ready',
  healthcheck: 'ready',
  'wait-for': 'ready',
  vus: 'connections',
  users: 'connections',
  concurrency: 'connections',
  auth: 'login',
  json: 'body',
  payload: 'body',
  status: 'expect',
  capture: 'save',
  extract: 'save',
  iterations: 'count',
  thresholds: 'limits',
  policy: 'limits',
  tests: 'scenarios',
  until: 'expires',
  expiry: 'expires',
  metric: 'quantity',
  because: 'reason',
  log: 'logs',
  logging: 'logs',
  mask: 'redact',
  redaction: 'redact',
  labels: 'attributes',
  tags: 'attributes',
  aggregation: 'value',
};

/** Keys and values that are not there yet; better said than "unknown". */
const PLANNED: Readonly<Record<string, readonly string[]>> = {
  telemetry: ['prometheus'],
};

function unknownKey(parent: DataPath, key: string, schema: SchemaNode): Mistake {
  const known = Object.keys(schema.properties ?? {});
  const path = [...parent, key];
  const other = OTHER_WORDS[key.toLowerCase()];
  const explained = explanation(key, known);
  if (explained !== null) return { path, part: 'key', message: `unknown key; ${explained}` };
  const nearest = nearestWord(key, known) ?? (other !== undefined && known.includes(other) ? other : null);
  const message = unknownKeyText(known, nearest);
  return { path, part: 'key', message, ...(nearest !== null && { meant: [...parent, nearest] }) };
}

function unknownKeyText(known: readonly string[], nearest: string | null): string {
  if (nearest !== null) return `unknown key, did you mean "${nearest}"?`;
  return `unknown key; known are ${known.join(', ')}`;
}

/** What is said in another way here. */
function explanation(key: string, known: readonly string[]): string | null {
  const word = key.toLowerCase();
  if (known.includes('GET') && ['method', 'path', 'url', 'uri'].includes(word)) {
    return 'the method is the key of the path, as in `GET: /orders`';
  }
  if (known.includes('start') && word === 'port') {
    return `the service gets a free port in PORT, and "\${port}" stands for it in "start" and "env"`;
  }
  return null;
}

function valueMistake(
  error: SchemaError,
  title: string,
  words: readonly unknown[],
  source: ConfigSource,
): Mistake {
  const { path, value } = error;
  const key = String(path.at(-1));
  const texts = words.map(String);
  if (typeof value === 'string' && PLANNED[key]?.includes(value)) {
    const message = `\`${value}\` is planned, but not supported yet; supported: ${texts.join(', ')}`;
    return { path, part: 'value', message };
  }
  const meant = typeof value === 'string' ? nearestWord(value, texts) : withUnit(value, title);
  const suggestion = meant === null ? '' : `; did you mean "${meant}"?`;
  return { path, part: 'value', message: `must be ${title}, not ${found(error, source)}${suggestion}` };
}

function wordsOf(form: SchemaNode): readonly unknown[] {
  return form.enum ?? (form.const === undefined ? [] : [form.const]);
}

/** A number where a unit is missing. */
function withUnit(value: unknown, title: string): string | null {
  if (typeof value !== 'number' || value < 0) return null;
  if (title.includes('duration')) return `${value}s`;
  if (!title.includes('percentage') && !title.includes('points')) return null;
  return value < 1 ? percentageText(value) : `${value}%`;
}

/** Longer texts say no more about the mistake. */
const LONGEST_QUOTE = 60;

/** As it is written in the file, so that no secret from the environment gets into a log. */
function found({ path, value }: SchemaError, source: ConfigSource): string {
  const type = typeOf(value);
  if (type === 'object') return 'a mapping';
  if (type === 'array') return 'a list';
  if (type === 'null') return 'nothing';
  const written = source.written(path) ?? String(value);
  if (written.includes(`\${`) && written !== value) return `the value of ${JSON.stringify(written)}`;
  const short = written.length > LONGEST_QUOTE ? `${written.slice(0, LONGEST_QUOTE)}…` : written;
  return type === 'string' ? JSON.stringify(short) : short;
}

/** What a form without a title of its own looks like. */
function formText(form: SchemaNode): string {
  if (form.title !== undefined) return form.title;
  if (form.const !== undefined) return `\`${String(form.const)}\``;
  if (form.enum) return joined(form.enum.map((word) => `\`${String(word)}\``));
  return joined([form.type ?? 'something else'].flat().map((type) => TYPE_TEXTS[type] ?? type));
}

const TYPE_TEXTS: Readonly<Record<string, string>> = {
  object: 'a mapping',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
};

function joined(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} or ${parts.at(-1)}`;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
