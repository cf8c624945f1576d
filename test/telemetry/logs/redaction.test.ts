import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redactorOf } from '../../../src/telemetry/logs/redaction.ts';

const table = readFileSync(new URL('secrets/table.txt', import.meta.url), 'utf8')
  .split(/\n{2,}/)
  .map((block) => block.split('\n').filter((line) => line !== '' && !line.startsWith('#')))
  .filter((lines) => lines.length === 2)
  .map(([before = '', after = '']): [string, string] => [before, after === '=' ? before : after]);

test('the table of secrets is read', () => {
  expect(table.length).toBeGreaterThan(30);
});

test.each(table)('%s', (marked, after) => {
  const secrets = [...marked.matchAll(/«(.*?)»/g)].map(([, secret]) => secret);
  const redacted = redactorOf()(marked.replace(/[«»]/g, ''));
  expect(redacted).toBe(after);
  for (const secret of secrets) expect(redacted).not.toContain(secret);
});

test('what was redacted stays as it is', () => {
  const redact = redactorOf();
  for (const [, after] of table) expect(redact(after)).toBe(after);
});

test('patterns of the user are taken out as well', () => {
  const redact = redactorOf(['cust-\\d+', '(?i)project [a-z]+']);
  expect(redact('Project Apollo of cust-4711, password=x')).toBe(
    '[redacted] of [redacted], password=[redacted]',
  );
});

test('a pattern that is catastrophic where it backtracks takes no longer than any other', () => {
  const redact = redactorOf(['(a+)+$', '(a|aa)+b', '(.*)*x']);
  expect(redact(`${'a'.repeat(4000)}!`)).toBe(`${'a'.repeat(4000)}!`);
});

/** What the patterns look for, so that random text comes near to all of them. */
const PIECES = [
  ...['password', '=', ': ', '"', "'", '\\"', 'Bearer ', 'Cookie', 'eyJ', '.', '@', '-', ' ', '4111', '1111'],
  ...['-----BEGIN PRIVATE KEY-----', '://', 'is ', 'token', '[redacted]', '\n', 'ü', '\ud800', '𝒳', 'a', '0'],
];

test('any text is redacted, without an error, to the same text every time', () => {
  const redact = redactorOf(['c[^ ]*t', 'ü']);
  const texts = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary' })), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(texts, (pieces) => {
      const text = pieces.join('');
      expect(redact(text)).toBe(redact(text));
    }),
    { seed: 20_261_128, numRuns: 5000 },
  );
});

test('the longest texts that are nearly secrets are done at once', () => {
  const redact = redactorOf();
  for (const piece of PIECES) redact(piece.repeat(Math.ceil(4096 / piece.length)));
  for (const piece of [
    'password=',
    'a@',
    'eyJa.',
    'x://a:',
    '-----BEGIN PRIVATE KEY-----a',
    '4 ',
    'cookie: [',
  ])
    redact(piece.repeat(1000));
  expect(redact('done')).toBe('done');
});
