import { expect, test } from 'vitest';
import { fillAll, fillPlaceholders, servicePlaceholders } from '../../src/runner/placeholders.ts';

test('what is known is filled in, wherever it stands', () => {
  const values = { port: '10001', database: 'spangate_i0' };
  expect(fillPlaceholders('serve -p ${port} --db=${database}:${port}', values, 'x')).toBe(
    'serve -p 10001 --db=spangate_i0:10001',
  );
});

test('what a shell knows is left to it', () => {
  const text = 'cd "${HOME}" && echo $port ${PORT:-1} ${constructor}';
  expect(fillPlaceholders(text, { port: '1' }, 'x')).toBe(text);
});

test('a value is not read for placeholders again', () => {
  expect(fillPlaceholders('${a}', { a: '${b}$&', b: 'no' }, 'x')).toBe('${b}$&');
});

test('a name that nothing has is a mistake of the configuration, with its place', () => {
  expect(() => fillAll({ URL: '${services.stock.url}/' }, { port: '1' }, 'services.api.env')).toThrow(
    expect.objectContaining({
      code: 'unknown-placeholder',
      message: '${services.stock.url} stands for nothing.',
      where: 'services.api.env.URL',
    }),
  );
});

test('a service finds the others of its instance', () => {
  expect(servicePlaceholders(new Map([['api', 10_001]]))).toEqual({
    'services.api.url': 'http://127.0.0.1:10001',
    'services.api.port': '10001',
  });
});
