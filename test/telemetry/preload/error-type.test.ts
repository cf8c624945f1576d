import { expect, test } from 'vitest';
import { API_KIND, type EndedSpan } from '../../../src/telemetry/preload/ended-span.ts';
import { errorTypeOf, httpStatusOf } from '../../../src/telemetry/preload/error-type.ts';

const OK = 1;
const ERROR = 2;

interface Parts {
  readonly kind?: keyof typeof API_KIND;
  readonly code?: number;
  readonly attributes?: EndedSpan['attributes'];
  readonly exceptions?: readonly string[];
}

function errorOf({ kind = 'internal', code = 0, attributes = {}, exceptions = [] }: Parts): string | null {
  const span: EndedSpan = {
    name: 'x',
    kind: API_KIND[kind],
    status: { code },
    attributes,
    events: exceptions.map((type) => ({ name: 'exception', attributes: { 'exception.type': type } })),
    startTime: [0, 0],
    duration: [0, 0],
    spanContext: () => ({ traceId: '', spanId: '' }),
  };
  return errorTypeOf(span, httpStatusOf(span));
}

test.each<[string, Parts, string | null]>([
  ['a span that went well', { code: OK }, null],
  ['a span with a handled exception', { exceptions: ['TypeError'] }, null],
  [
    'an error with error.type',
    { code: ERROR, attributes: { 'error.type': 'Timeout' }, exceptions: ['A'] },
    'Timeout',
  ],
  ['an error with two exceptions', { code: ERROR, exceptions: ['First', 'Last'] }, 'Last'],
  ['an error without anything', { code: ERROR }, '_OTHER'],
  ['a server span with 500', { kind: 'server', attributes: { 'http.response.status_code': 500 } }, '500'],
  ['a server span with 503, old name', { kind: 'server', attributes: { 'http.status_code': '503' } }, '503'],
  ['a server span with 404', { kind: 'server', attributes: { 'http.response.status_code': 404 } }, null],
  [
    'a client span with 404',
    { kind: 'client', code: ERROR, attributes: { 'http.response.status_code': 404 } },
    '404',
  ],
  [
    'a client span that names an error',
    { kind: 'client', attributes: { 'error.type': 'ECONNREFUSED' } },
    'ECONNREFUSED',
  ],
  ['a gRPC error', { kind: 'client', code: ERROR, attributes: { 'rpc.grpc.status_code': 5 } }, '5'],
  [
    'a database error',
    { kind: 'client', code: ERROR, attributes: { 'db.response.status_code': '23505' } },
    '23505',
  ],
])('%s', (_what, parts, expected) => {
  expect(errorOf(parts)).toBe(expected);
});
