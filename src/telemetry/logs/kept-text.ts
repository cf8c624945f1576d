/** What is kept of a text that a service wrote: without secrets, without what steers a terminal, and not for long. */
import type { Redactor } from './redaction.ts';

/** Characters of one line that are kept. */
const LONGEST_TEXT = 500;

export function keptText(text: string, redact: Redactor): string {
  const clean = redact(text).replace(/(?![\n\t])\p{Cc}/gu, '');
  return clean.length > LONGEST_TEXT ? `${clean.slice(0, LONGEST_TEXT - 1)}…` : clean;
}
