/** Cuts an SQL statement into the tokens that tell which tables it names. Knows no dialect; never throws. */

export interface SqlToken {
  /**
   * `word`: a bare word, perhaps a keyword, in upper case in `upper`. `name`: a quoted or qualified identifier.
   * `sign`: one of `( ) , ;`. `value`: a literal, parameter or operator.
   */
  readonly kind: 'word' | 'name' | 'sign' | 'value';
  readonly text: string;
  readonly upper: string;
}

/** Statements of programs are shorter; a bulk insert is longer but names its table in the first line. */
const LENGTH_LIMIT = 8_192;
const TOKEN_LIMIT = 2_000;

/** In the order in which they are tried. Letters beyond ASCII count as parts of a name. */
const PARTS = [
  /** 1: identifiers, bare or quoted, with dots between them. Not the letter of E'…'. */
  /((?![EeNnXxBb]')(?:[A-Za-z_#@\u0080-\uffff][\w$#@\u0080-\uffff]*|"(?:[^"]|"")*"|`[^`]*`|\[[A-Za-z_][^\]]*\])(?:\s*\.\s*(?:[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|\*))*)/,
  /** 2: white space and comments. */
  /((?:\s+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))+)/,
  /** 3: signs. */
  /([(),;])/,
  /** 4: strings, 'it''s', E'it\'s', $tag$ … $tag$; numbers, parameters, operators. */
  /[EeNnXxBb]?'(?:[^'\\]|''|\\[\s\S])*(?:'|$)|\$(?<tag>[A-Za-z_]*)\$[\s\S]*?(?:\$\k<tag>\$|$)|[$:?]?[\d.]+|[\s\S]/,
];

const TOKEN = new RegExp(PARTS.map((part) => part.source).join('|'), 'y');

const BARE_WORD = /^[A-Za-z_#@\u0080-\uffff][\w$#@\u0080-\uffff]*$/;

export function tokenizeSql(sql: string): SqlToken[] {
  const text = sql.length > LENGTH_LIMIT ? sql.slice(0, LENGTH_LIMIT) : sql;
  const tokens: SqlToken[] = [];
  TOKEN.lastIndex = 0;
  while (tokens.length < TOKEN_LIMIT) {
    const match = TOKEN.exec(text);
    if (match === null) break;
    const [all, identifier, space, sign] = match;
    if (identifier !== undefined) tokens.push(identifierToken(identifier));
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign, upper: sign });
    else if (space === undefined) tokens.push({ kind: 'value', text: all, upper: all });
  }
  return tokens;
}

function identifierToken(text: string): SqlToken {
  if (BARE_WORD.test(text)) return { kind: 'word', text, upper: text.toUpperCase() };
  return { kind: 'name', text, upper: '' };
}
