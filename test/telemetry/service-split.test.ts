import { expect, test } from 'vitest';
import {
  isOfService,
  parseSpanKeyId,
  serviceParts,
  spanKeyId,
  splitServiceName,
} from '../../src/measurement.ts';
import { MOST_SPLITS, resourceOfName, splitServices } from '../../src/telemetry/service-split.ts';

const sender = (resource: Record<string, string>, service = 'orders') => ({ service, resource });

test('a service is split by the attributes that are asked for, in their order', () => {
  const senders = [
    sender({ tenant: 'a', 'cloud.region': 'eu', 'process.pid': '7' }),
    sender({ 'cloud.region': 'us' }),
    sender({}),
  ];
  const { names, problems } = splitServices(senders, ['cloud.region', 'tenant']);
  expect(names).toEqual(['orders{cloud.region=eu,tenant=a}', 'orders{cloud.region=us}', 'orders']);
  expect(problems).toEqual({ withIds: [], overflowing: [], missing: [] });
});

test('whatever a value holds, the name and the span key say it again', () => {
  const value = 'a=b,c{d}:%7B';
  const name = splitServiceName('orders', [['team', value]]);
  expect(serviceParts(name)).toEqual({ service: 'orders', resource: { team: value } });
  const key = { service: name, kind: 'server', name: 'GET /' } as const;
  expect(parseSpanKeyId(spanKeyId(key))).toEqual(key);
  expect(resourceOfName(name)).toEqual([
    ['service.name', 'orders'],
    ['team', value],
  ]);
});

test.each(['orders', 'a{b}', '{}', 'orders{}', 'orders{a=%ZZ}', 'x{a=b}y', 'a{b=c}{d=e}'])(
  'the service %s is not split',
  (name) => {
    expect(serviceParts(name)).toEqual({ service: name, resource: {} });
  },
);

test('a service with braces in its name stays as it is', () => {
  expect(splitServiceName('a{b}', [['cloud.region', 'eu']])).toBe('a{b}');
});

test('what is said of a service is said of all that it is split into', () => {
  expect(isOfService('orders{cloud.region=eu}', 'orders')).toBe(true);
  expect(isOfService('orders{cloud.region=eu}', 'orders{cloud.region=eu}')).toBe(true);
  expect(isOfService('orders{cloud.region=us}', 'orders{cloud.region=eu}')).toBe(false);
  expect(isOfService('orders-2{cloud.region=eu}', 'orders')).toBe(false);
});

test.each([
  'web-7d9f8b6c5d-x2x4z',
  '3f2a9c1b7d4e',
  'ip-10-0-12-7',
  'b5b7a4b2-6a53-4c7c-9d2a-2d6d3a3c7b11',
  'worker-4711023',
])('the value %s would be another one in every instance', (value) => {
  const { names, problems } = splitServices([sender({ 'host.name': value })], ['host.name']);
  expect(names).toEqual(['orders{host.name=(id)}']);
  expect(problems.withIds).toEqual([{ service: 'orders', attribute: 'host.name' }]);
});

test.each(['web-1', 'eu-central-1a', 'build-host.example.org', 'orders-0'])('the value %s stays', (value) => {
  expect(splitServices([sender({ 'host.name': value })], ['host.name']).names).toEqual([
    `orders{host.name=${value}}`,
  ]);
});

test('of too many values the same ones are taken together, in whatever order they come', () => {
  const values = Array.from(
    { length: MOST_SPLITS + 3 },
    (_, index) => `tenant ${String.fromCharCode(97 + index)}`,
  );
  const split = (order: readonly string[]) =>
    splitServices(
      [...order.map((tenant) => sender({ tenant })), sender({ tenant: 'z' }, 'stock')],
      ['tenant'],
    );
  const { names, problems } = split(values);
  expect(new Set(names.filter((name) => name.startsWith('orders'))).size).toBe(MOST_SPLITS + 1);
  expect(names.filter((name) => name === 'orders{tenant=(other)}')).toHaveLength(3);
  expect(names.at(-1)).toBe('stock{tenant=z}');
  expect(problems.overflowing).toEqual(['orders']);
  expect(new Set(split(values.toReversed()).names)).toEqual(new Set(names));
});

test('an attribute that nobody has is missing', () => {
  const { problems } = splitServices([sender({ 'cloud.region': 'eu' })], ['cloud.region', 'cloud.regoin']);
  expect(problems.missing).toEqual(['cloud.regoin']);
});
