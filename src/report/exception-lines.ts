/** What the exceptions of an example trace say. */
import type { ErrorChange } from '../compare/explanation.ts';
import type { Exemplar, SpanException } from '../measurement.ts';
import { name, type Phrase, phrase } from './phrase.ts';
import { idOfSpanKey, spanKeyOf } from './span-key.ts';

/** One error has seldom more causes than these. */
const MOST_LINES = 5;

/**
 * `pg.query SELECT orders in orders-api: Error: connect ECONNREFUSED`; an exception that went up through several spans
 * is told once, of the last that began.
 */
export function exceptionLines({ spans }: Pick<Exemplar, 'spans'>): readonly Phrase[] {
  const lines = new Map<string, Phrase>();
  for (const { span, exception } of spans) {
    if (exception === undefined) continue;
    const key = spanKeyOf(span);
    const text = exceptionText(exception);
    lines.delete(text);
    lines.set(text, phrase`${name(key.name)} in ${name(key.service)}: ${name(text)}`);
  }
  return [...lines.values()].slice(0, MOST_LINES);
}

/** What an error said in one of the traces that are kept; null where none has it. */
export function messageOf(
  { span, errorType }: Pick<ErrorChange, 'span' | 'errorType'>,
  exemplars: readonly Exemplar[],
): string | null {
  if (span === null) return null;
  const id = idOfSpanKey(span);
  for (const { spans } of exemplars) {
    const found = spans.find((each) => each.span === id && each.errorType === errorType && each.exception);
    if (found?.exception) return found.exception.message;
  }
  return null;
}

function exceptionText({ type, message }: SpanException): string {
  return type === '' ? message : `${type}: ${message}`;
}
