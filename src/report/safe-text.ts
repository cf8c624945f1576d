/** Makes text from outside harmless on a terminal and in a CI log: names, log lines and messages can hold anything. */

/** Shown as they are written in source code, since a reader should see that they are there. */
const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Control characters, format characters (bidirectional overrides, zero width, soft hyphen, tags), line and paragraph
 * separators, and halves of surrogate pairs. The zero-width joiner stays, because emoji need it.
 */
const INVISIBLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]|(?!\u200d)\p{Cf}/gu;

/** One line of text in which every invisible character is written out, such as `\n` or `\u{202e}`. */
export function visibleText(text: string): string {
  return text.replace(INVISIBLE, (character) => {
    const short = SHORT_ESCAPES[character];
    if (short !== undefined) return short;
    if (/\p{Cs}/u.test(character)) return '\ufffd';
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

/**
 * Breaks what a CI runner would take for a command: GitHub obeys `::name::` at the start of a line (after white
 * space) and `##[name]` anywhere in it; Azure Pipelines obeys `##vso[`; TeamCity `##teamcity[`.
 * Source: https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
 */
export function withoutCommands(line: string): string {
  return line.replace(/^(\s*)::/, '$1\\::').replace(/##(?=(?:vso|teamcity)?\[)/gi, '#\\#');
}

/** Escape sequences that colour or move: a log line keeps its words and loses these. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to find
const ESCAPE_SEQUENCES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;

export function logLine(line: string): string {
  return withoutCommands(visibleText(line.replace(ESCAPE_SEQUENCES, '').replaceAll('\t', '  ').trimEnd()));
}
