/** The body of a request as text. */
import type { Body } from './grammar/words.ts';

export function bodyText(body: Body | undefined): { body: string | null; contentType: string | null } {
  if (body === undefined) return { body: null, contentType: null };
  if (typeof body === 'string') return { body, contentType: null };
  // A text that is one `${int(…)}` and nothing else means the number: JSON itself cannot say so.
  const marked = JSON.stringify(body, (_key, value: unknown) =>
    typeof value === 'string' && /^\$\{\s*int\([^{}]*\)\s*\}$/.test(value) ? `\0${value}\0` : value,
  );
  return { body: marked.replace(/"\\u0000(.*?)\\u0000"/g, '$1'), contentType: 'application/json' };
}
