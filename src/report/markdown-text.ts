/** Makes text harmless in GitHub's Markdown: nothing from outside can format, link, mention or break a table. */
import { shortenMiddle } from './fit-text.ts';
import { LONGEST_COPY, type Name, type Phrase } from './phrase.ts';
import { visibleText, withoutCommands } from './safe-text.ts';

/** Longer names push the figures out of sight. */
const MAX_NAME = 120;

export interface MarkdownPlace {
  /** Inside a cell, where a pipe ends the cell even in a code span. */
  readonly inTable?: boolean;
}

export function markdownText(text: Phrase, place: MarkdownPlace = {}): string {
  const parts = text.map((part, index) => {
    if (typeof part !== 'string') return codeSpanOf(part, place);
    return index === 0 && !place.inTable ? escapeStart(escapeInline(part)) : escapeInline(part);
  });
  return parts.join('');
}

/**
 * A code span: nothing in it is Markdown, HTML or a mention. Its fence is longer than any run of backticks inside.
 * Source: https://github.github.com/gfm/#code-spans, https://github.github.com/gfm/#tables-extension-
 */
export function codeSpan(name: string, place: MarkdownPlace = {}): string {
  return codeSpanOf({ name }, place);
}

function codeSpanOf({ name, whole }: Name, place: MarkdownPlace): string {
  const visible = shortenMiddle(withoutCommands(visibleText(name)), whole ? LONGEST_COPY : MAX_NAME);
  const shown = visible.trim() === '' ? '(no name)' : visible;
  const longest = Math.max(0, ...(shown.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  // One space on each side is taken away again, so a backtick or space at an end needs one.
  const space = /^[` ]|[` ]$/.test(shown) ? ' ' : '';
  const span = `${fence}${space}${shown}${space}${fence}`;
  return place.inTable ? pipesInTable(span) : span;
}

/**
 * `\|` is a pipe in a cell. Parsers disagree about a backslash before it (is it the backslash that is escaped?), so
 * there the pipe becomes the broken bar.
 */
function pipesInTable(text: string): string {
  return text.replaceAll('\\|', '\\¦').replaceAll('|', '\\|');
}

/** Breaks mentions, references to issues and links, which GitHub makes after Markdown, so that `\` does not help. */
const ZERO_WIDTH_SPACE = '\u200b';

/** Plain words, such as a warning with a path or a log line in it. */
export function escapeText(text: string): string {
  return escapeStart(escapeInline(text));
}

function escapeInline(text: string): string {
  return visibleText(text)
    .replace(/[\\`*_~[\]<&|$]/g, '\\$&')
    .replace(/[@#](?=\w)/g, `$&${ZERO_WIDTH_SPACE}`)
    .replace(/\b(gh)-(?=\d)/gi, `$1-${ZERO_WIDTH_SPACE}`)
    .replace(/:\/\//g, `:${ZERO_WIDTH_SPACE}//`)
    .replace(/\b(www)\.(?=\w)/gi, `$1${ZERO_WIDTH_SPACE}.`);
}

/** What makes a quote, a heading, a list, a line or a block of code at the start of a line only. */
function escapeStart(text: string): string {
  return text
    .trimStart()
    .replace(/^(?:>|#+(?=\s|$)|[-+](?=\s|$)|--+\s*$|==+\s*$)/, '\\$&')
    .replace(/^(\d+)([.)])(?=\s|$)/, '$1\\$2');
}
