/** Which error a span ended with, by OpenTelemetry's semantic conventions, old and stable names alike. */
import { API_KIND, type EndedSpan, STATUS_ERROR } from './ended-span.ts';

/**
 * A span is an error when its status is ERROR, when it names an `error.type`, or when it is a server span that
 * answered with 500 or more. An exception event alone is not: it may have been handled.
 *
 * @returns the attribute `error.type`, else the type of the last exception, else the HTTP status code, else `_OTHER`;
 * null for a span without an error
 */
export function errorTypeOf(span: EndedSpan): string | null {
  const named = span.attributes['error.type'];
  if (typeof named === 'string' && named !== '') return named;
  const status = httpStatusOf(span);
  const failed = span.status.code === STATUS_ERROR || (status >= 500 && span.kind === API_KIND.server);
  if (!failed) return null;
  return exceptionTypeOf(span) ?? (status >= 400 ? String(status) : '_OTHER');
}

/** 0 for a span without one. */
export function httpStatusOf(span: EndedSpan): number {
  const status = span.attributes['http.response.status_code'] ?? span.attributes['http.status_code'];
  const code = typeof status === 'number' ? status : Number(status ?? 0);
  return code >= 100 && code <= 999 ? Math.trunc(code) : 0;
}

function exceptionTypeOf(span: EndedSpan): string | null {
  for (let index = span.events.length - 1; index >= 0; index -= 1) {
    const event = span.events[index];
    if (event?.name !== 'exception') continue;
    const type = event.attributes?.['exception.type'];
    if (typeof type === 'string' && type !== '') return type;
  }
  return null;
}
