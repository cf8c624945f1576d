import { expect, test } from 'vitest';
import { plainText } from '../../src/report/phrase.ts';
import { viewOf } from '../../src/report/view.ts';
import { result } from '../report/comparison-fixture.ts';
import { explained } from '../report/explained-fixture.ts';

const ROOT = 'server:shop:GET /cart';
const CALL = 'client:shop:GET inventory';
const STOCK = 'server:inventory:GET /stock';
const QUERY = 'client:inventory:pg.query SELECT stock';
const LINES = 'client:shop:pg.query SELECT order_lines';

const idOf = (span: string) => `GET /cart | ${span} | error-rate`;

/** Which row explains which, of those that have more errors. @param errors of an instance, of 400 requests */
function causesOf(errors: Readonly<Record<string, number>>): Readonly<Record<string, string | undefined>> {
  const { rows } = explained({ errors });
  const failing = rows.filter(({ quantity, outcome }) => quantity === 'error-rate' && outcome === 'fail');
  return Object.fromEntries(failing.map(({ id, explainedBy }) => [id, explainedBy]));
}

const EVERYWHERE = { client: 20, [ROOT]: 20, [CALL]: 20, [STOCK]: 20 };

test('errors are those of the next span below that fails, down to another service', () => {
  expect(causesOf(EVERYWHERE)).toEqual({
    [idOf('-')]: idOf(ROOT),
    [idOf(ROOT)]: idOf(CALL),
    [idOf(CALL)]: idOf(STOCK),
    [idOf(STOCK)]: undefined,
  });
});

test('errors that are caught on the way explain nothing above', () => {
  expect(causesOf({ [QUERY]: 20, [STOCK]: 20 })).toEqual({
    [idOf(QUERY)]: undefined,
    [idOf(STOCK)]: idOf(QUERY),
  });
});

test('a span below that fails far less often is not the cause', () => {
  expect(causesOf({ client: 40, [ROOT]: 40, [LINES]: 12 })).toEqual({
    [idOf('-')]: idOf(ROOT),
    [idOf(ROOT)]: undefined,
    [idOf(LINES)]: undefined,
  });
});

test('of two spans that fail in turn, the one that fails more often is the cause', () => {
  expect(causesOf({ client: 40, [ROOT]: 40, [LINES]: 15, [QUERY]: 25 })).toMatchObject({
    [idOf('-')]: idOf(ROOT),
    [idOf(ROOT)]: idOf(QUERY),
    [idOf(LINES)]: undefined,
  });
});

test('the first line names the service and the span that fail, and what the error is', () => {
  const { headline } = viewOf(result(explained({ errors: EVERYWHERE })));
  expect(plainText(headline)).toBe(
    'fail: GET /cart error rate 0 % -> 5 % (p < 0.0001): inventory > GET /stock Error',
  );
});
