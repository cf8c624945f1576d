import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const EXAMPLE = resolve(import.meta.dirname, '../../examples/express-orders');

const read = (file: string) => parse(readFileSync(resolve(EXAMPLE, file), 'utf8'));

test('the example that the workflow measures differs from the one in the README by its setup alone', () => {
  const { services, ...rest } = read('spangate.ci.yml');
  const { setup, ...orders } = services.orders;
  expect(setup).toContain('npm ci');
  expect({ ...rest, services: { ...services, orders } }).toEqual(read('spangate.yml'));
});
