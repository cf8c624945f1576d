/** Which error a span ended with, by OpenTelemetry's semantic conventions, old and stable names alike. */
import { API_KIND, type EndedSpan, STATUS_ERROR } from './ended-span.ts';

/**
 * A span is an error when its status is ERROR, when it names an `error.type`, or when it is a server span that
 * answered with 500 or more. An exception event alone is not: it may have been handled.
 *
 * @param httpStatus what `httpStatusOf` says of the span
 * @returns the attribute `error.type`, else the type of the last exception, else the status code of HTTP, gRPC or the
 * database, else `_OTHER`; null for a span without an error
 */
export function errorTypeOf(span: EndedSpan, httpStatus: number): string | null {
  const failed = span.status.code === STATUS_ERROR || (httpStatus >= 500 && span.kind === API_KIND.server);
  // Most spans are of this sort, and looking for an attribute that is not there is slow.
  if (!failed && span.kind === API_KIND.internal) return null;
  const named = span.attributes['error.type'];
  if (typeof named === 'string' && named !== '') return named;
  if (!failed) return null;
  return exceptionTypeOf(span) ?? statusCodeOf(span, httpStatus) ?? '_OTHER';
}

/** 0 for a span without one. */
export function httpStatusOf(span: EndedSpan): number {
  if (span.kind === API_KIND.internal) return 0;
  const status = span.attributes['http.response.status_code'] ?? span.attributes['http.status_code'];
  if (status === undefined) return 0;
  const code = Number(status);
  return code >= 100 && code <= 999 ? Math.trunc(code) : 0;
}

const STATUS_CODES = ['rpc.response.status_code', 'rpc.grpc.status_code', 'db.response.status_code'];

function statusCodeOf(span: EndedSpan, httpStatus: number): string | null {
  if (httpStatus >= 400) return String(httpStatus);
  for (const name of STATUS_CODES) {
    const code = span.attributes[name];
    if (typeof code === 'number' || (typeof code === 'string' && code !== '')) return String(code);
  }
  return null;
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
