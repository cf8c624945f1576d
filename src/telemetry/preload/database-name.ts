/**
 * Names of database spans: `<prefix> <operation> <target>`, such as `pg.query SELECT orders`. Instrumentations name
 * them after the verb or the database alone, which puts all reads of a service into one name.
 */
import type { Attributes, EndedSpan } from './ended-span.ts';
import { summarizeSql } from './sql-summary.ts';

/** Systems whose statements are not SQL, or are said better by operation and target. */
const NOT_SQL: ReadonlySet<string> = new Set(
  'redis valkey memcached mongodb elasticsearch opensearch couchdb dynamodb aws.dynamodb neo4j couchbase'.split(
    ' ',
  ),
);

export function isDatabaseSpan(attributes: Attributes): boolean {
  return attributes['db.system.name'] !== undefined || attributes['db.system'] !== undefined;
}

/**
 * What decides the name beside the span's own name, empty where there is nothing. A comment at the end is cut off:
 * sqlcommenter puts the trace id there, and no two statements would be the same.
 */
export function statementOf(attributes: Attributes): string {
  const text = isNotSql(attributes)
    ? operationOf(attributes)
    : (attributes['db.query.summary'] ?? attributes['db.query.text'] ?? attributes['db.statement']);
  if (typeof text !== 'string') return '';
  if (!text.endsWith('*/')) return text;
  return text.slice(0, text.lastIndexOf('/*'));
}

/** @param statement what `statementOf` says of the span */
export function databaseName(span: EndedSpan, statement: string): string {
  const { attributes, name } = span;
  const system = systemOf(attributes);
  if (isNotSql(attributes)) return commandName(span, system);
  const given = attributes['db.query.summary'];
  const summary = typeof given === 'string' && given !== '' ? given.slice(0, 120) : summarizeSql(statement);
  if (summary === '') return name;
  return `${prefixOf(name, summary, system)} ${summary}`;
}

/**
 * `pg.query:SELECT shop` has the prefix `pg.query`; a name that is one word and not the verb is a prefix itself
 * (`prisma:client:db_query`); all others get the system's.
 */
function prefixOf(name: string, summary: string, system: string): string {
  const dotted = /^[\w-]+\.[\w.-]+(?=:)/.exec(name);
  if (dotted) return dotted[0];
  const verb = summary.split(' ', 1)[0] ?? '';
  const isPrefix = /^[\w.:-]+$/.test(name) && name.toUpperCase() !== verb.toUpperCase();
  return isPrefix ? name : system;
}

/** `redis GET`, `mongodb find orders`. */
function commandName(span: EndedSpan, system: string): string {
  const operation = operationOf(span.attributes);
  const collection = span.attributes['db.collection.name'] ?? span.attributes['db.mongodb.collection'];
  if (typeof operation !== 'string' || operation === '')
    return `${system} ${withoutPrefix(span.name, system)}`;
  if (system === 'redis' || system === 'valkey') return `${system} ${operation.toUpperCase()}`;
  return [system, operation, ...(typeof collection === 'string' ? [collection] : [])].join(' ');
}

function withoutPrefix(name: string, system: string): string {
  return name.toLowerCase().startsWith(`${system}-`) || name.toLowerCase().startsWith(`${system}.`)
    ? name.slice(system.length + 1)
    : name;
}

function operationOf(attributes: Attributes): unknown {
  return attributes['db.operation.name'] ?? attributes['db.operation'];
}

function systemOf(attributes: Attributes): string {
  return String(attributes['db.system.name'] ?? attributes['db.system']);
}

function isNotSql(attributes: Attributes): boolean {
  return NOT_SQL.has(systemOf(attributes));
}
