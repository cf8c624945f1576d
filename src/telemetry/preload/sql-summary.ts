/**
 * A short name for an SQL statement: its verb and the tables it touches, `SELECT orders order_lines`, as the semantic
 * conventions describe `db.query.summary`. Literals, aliases, columns and comments leave no trace in it, so that the
 * number of names stays small.
 */
import { type SqlToken, tokenizeSql } from './sql-tokens.ts';

/** More tables than this tell a reader no more; the rest is an ellipsis. */
const TABLE_LIMIT = 3;

const STATEMENTS = words('SELECT INSERT UPDATE DELETE MERGE REPLACE VALUES WITH');

/** Words after which a table is named. */
const INTRODUCES_TABLE = words(
  'FROM JOIN INTO USING UPDATE TABLE CALL EXEC EXECUTE TRUNCATE LOCK COPY ANALYZE VACUUM',
);

/** Those of them that introduce a table only as the first word of a statement. */
const ONLY_FIRST = words('CALL EXEC EXECUTE TRUNCATE LOCK COPY ANALYZE VACUUM');

/** Words before UPDATE that make it part of a clause: FOR UPDATE, ON CONFLICT DO UPDATE, ON DUPLICATE KEY UPDATE. */
const BEFORE_CLAUSE_UPDATE = words('FOR DO KEY ON');

/** Words that may stand between such a word and the table. */
const BEFORE_TABLE = words('ONLY LATERAL IF NOT EXISTS TABLE LOW_PRIORITY IGNORE QUICK');

/** Words that end a list of tables. */
const ENDS_LIST = words(
  'WHERE SET ON GROUP ORDER LIMIT HAVING UNION RETURNING VALUES SELECT FETCH FOR WINDOW',
);

/** What CREATE, ALTER and DROP are about. */
const OBJECTS = words(
  'TABLE INDEX VIEW SEQUENCE FUNCTION PROCEDURE TRIGGER DATABASE SCHEMA TYPE EXTENSION ROLE USER',
);

/** @returns the empty string where `sql` does not begin like a statement */
export function summarizeSql(sql: string): string {
  const tokens = firstStatement(tokenizeSql(sql));
  const first = tokens[0];
  if (first?.kind !== 'word' || !/^[A-Z]{2,20}$/.test(first.upper)) return '';
  if (['CREATE', 'ALTER', 'DROP'].includes(first.upper)) return definitionSummary(tokens);
  const verb = first.upper === 'WITH' ? verbAfterExpressions(tokens) : first.upper;
  const { tables, calledFunction } = namesIn(tokens);
  const shown = tables.slice(0, TABLE_LIMIT);
  if (tables.length > TABLE_LIMIT) shown.push('…');
  if (tables.length === 0 && calledFunction !== null) shown.push(`${calledFunction}()`);
  return [verb, ...shown].join(' ');
}

/** Up to the first semicolon; a statement in parentheses loses its first one. */
function firstStatement(tokens: readonly SqlToken[]): readonly SqlToken[] {
  const begin = tokens.findIndex((token) => token.kind !== 'sign');
  if (begin === -1) return [];
  const end = tokens.findIndex(
    (token, index) => index > begin && token.text === ';' && token.kind === 'sign',
  );
  return tokens.slice(begin, end === -1 ? undefined : end);
}

/** `CREATE UNIQUE INDEX i ON orders (…)` is `CREATE INDEX orders`. */
function definitionSummary(tokens: readonly SqlToken[]): string {
  const verb = tokens[0]?.upper ?? '';
  const at = tokens.findIndex((token) => OBJECTS.has(token.upper));
  const object = tokens[at]?.upper;
  if (object === undefined) return verb;
  const onTable = tokens.findIndex((token, index) => index > at && token.upper === 'ON');
  const nameAt = (object === 'INDEX' || object === 'TRIGGER') && onTable !== -1 ? onTable + 1 : at + 1;
  const name = tokens
    .slice(nameAt)
    .find((token) => !BEFORE_TABLE.has(token.upper) && token.upper !== 'CONCURRENTLY');
  return name === undefined || !isName(name)
    ? `${verb} ${object}`
    : `${verb} ${object} ${cleanName(name.text)}`;
}

/** The first verb outside parentheses. */
function verbAfterExpressions(tokens: readonly SqlToken[]): string {
  let depth = 0;
  for (const token of tokens.slice(1)) {
    if (token.text === '(') depth += 1;
    else if (token.text === ')') depth -= 1;
    else if (depth === 0 && STATEMENTS.has(token.upper)) return token.upper;
  }
  return 'WITH';
}

interface Names {
  readonly tables: readonly string[];
  /** The first function that is called, for a statement without tables. */
  readonly calledFunction: string | null;
}

/** One open parenthesis, or the statement itself. */
interface Level {
  /** Whether FROM names a table here; it does not in `extract(year FROM created_at)`. */
  readonly statement: boolean;
  /** Whether a comma is followed by another table. */
  list: boolean;
  /** Index of the token before the parenthesis. */
  readonly before: number;
}

function namesIn(tokens: readonly SqlToken[]): Names {
  const tables: string[] = [];
  const expressions = new Set<string>();
  let calledFunction: string | null = null;
  let levels: Level[] = [{ statement: true, list: false, before: -1 }];
  let closed: Level | null = null;
  const takeTable = (at: number, introducer: string): void => {
    const name = tokens.slice(at, at + 4).find((token) => !BEFORE_TABLE.has(token.upper));
    if (name === undefined || !isName(name) || ENDS_LIST.has(name.upper)) return;
    const called = tokens[tokens.indexOf(name, at) + 1]?.text === '(';
    const cleaned = cleanName(name.text);
    if (called && (introducer === 'FROM' || introducer === 'JOIN')) calledFunction ??= cleaned;
    else if (!tables.includes(cleaned)) tables.push(cleaned);
  };
  tokens.forEach((token, index) => {
    const level = levels.at(-1);
    if (level === undefined) return;
    if (token.text === '(') {
      const statement = STATEMENTS.has(tokens[index + 1]?.upper ?? '') || tokens[index + 1]?.text === '(';
      levels.push({ statement, list: false, before: index - 1 });
    } else if (token.text === ')') {
      if (levels.length > 1) closed = level;
      levels = levels.slice(0, Math.max(1, levels.length - 1));
    } else if (token.text === ',' && level.list) {
      takeTable(index + 1, 'FROM');
    } else if (token.kind === 'word' && introducesTable(tokens, index, level)) {
      level.list = token.upper === 'FROM';
      takeTable(index + 1, token.upper);
    } else if (ENDS_LIST.has(token.upper)) {
      level.list = false;
    } else if (token.upper === 'AS' && beginsExpression(tokens, index)) {
      const name = tokens[tokens[index - 1]?.text === ')' ? (closed?.before ?? -1) : index - 1];
      if (name) expressions.add(cleanName(name.text));
    }
    if (calledFunction === null && isName(token) && index > 0 && tokens[index + 1]?.text === '(') {
      calledFunction = cleanName(token.text);
    }
  });
  return { tables: tables.filter((table) => !expressions.has(table)), calledFunction };
}

function introducesTable(tokens: readonly SqlToken[], index: number, level: Level): boolean {
  const word = tokens[index]?.upper ?? '';
  if (!INTRODUCES_TABLE.has(word) || !level.statement) return false;
  if (ONLY_FIRST.has(word)) return index === 0;
  const previous = tokens[index - 1]?.upper ?? '';
  if (word === 'UPDATE') return !BEFORE_CLAUSE_UPDATE.has(previous);
  if (word === 'FROM' && tokens[0]?.upper === 'COPY') return false;
  if (word === 'FROM') return previous !== 'DISTINCT' || tokens[index - 2]?.upper === 'SELECT';
  return word !== 'USING' || tokens[index + 1]?.text !== '(';
}

/** Whether this AS is that of `name AS (SELECT …)`. */
function beginsExpression(tokens: readonly SqlToken[], index: number): boolean {
  if (tokens[0]?.upper !== 'WITH') return false;
  let at = index + 1;
  while (tokens[at]?.upper === 'NOT' || tokens[at]?.upper === 'MATERIALIZED') at += 1;
  return tokens[at]?.text === '(' && STATEMENTS.has(tokens[at + 1]?.upper ?? '');
}

function isName(token: SqlToken): boolean {
  return token.kind === 'word' || token.kind === 'name';
}

/**
 * The last part of a qualified name, without quotes. Schema and database are left out: databases of instances have
 * different names.
 */
function cleanName(text: string): string {
  const part = /(?:"[^"]*"|`[^`]*`|\[[^\]]*\]|[^."`[\]\s]+)\s*$/.exec(text)?.[0] ?? text;
  return part
    .replace(/["`[\]]/g, '')
    .trim()
    .slice(0, 80);
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(' '));
}
