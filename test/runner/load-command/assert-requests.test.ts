import { expect, test } from 'vitest';
import { assertRequests } from '../../../src/runner/load-command/assert-requests.ts';
import { exampleLoad } from '../load/example-load.ts';

test('a load of requests can be sent by anybody, one of a command or of gRPC only by itself', () => {
  const load = exampleLoad({});
  expect(() => assertRequests({ name: 'mail', load }, 'doctor')).not.toThrow();
  expect(() =>
    assertRequests({ name: 'mail', load: { ...load, command: 'node send.js' } }, 'doctor'),
  ).toThrow('The load of mail is a command, and `spangate doctor` sends HTTP requests of its own.');
  const grpc = { proto: '/orders.proto', include: [] };
  expect(() => assertRequests({ name: 'mail', load: { ...load, grpc } }, 'selftest')).toThrow(
    'The load of mail is gRPC, and `spangate selftest` sends HTTP requests of its own.',
  );
});
