/** The text of the comment: marker, report, and where it comes from. Pure. */
import { MOST_CHARACTERS, markerOf } from '../github/sticky-comment.ts';

export interface CommentFacts {
  readonly key: string;
  /** Of the commit that was measured. */
  readonly sha: string;
  readonly runUrl: string;
  /** Sentences below the report, in Markdown. */
  readonly notes: readonly string[];
}

/** @param report makes Markdown of at most so many characters */
export function commentBody(report: (maxCharacters: number) => string, facts: CommentFacts): string {
  const head = `${markerOf(facts.key)}\n`;
  const foot = footer(facts);
  const room = MOST_CHARACTERS - head.length - foot.length;
  // The headline is never left out of a report, and in a result from a stranger it may have any length.
  return `${head}${report(room).slice(0, room)}${foot}`;
}

function footer({ sha, runUrl, notes }: CommentFacts): string {
  const run = runUrl === '' ? '' : ` · [run](${runUrl})`;
  const lines = [...notes, `<sub>spangate · ${sha.slice(0, 10)}${run}</sub>`];
  return `\n${lines.join('\n\n')}\n`;
}
