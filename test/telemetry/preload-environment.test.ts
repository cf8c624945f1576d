import { expect, test } from 'vitest';
import { preloadEnvironment } from '../../src/telemetry/preload-environment.ts';

const OPTIONS = { directory: '/run/a b', serviceName: 'shop', nodeOptions: undefined };

test('names the recording directory and the service, and imports the preload by URL', () => {
  expect(preloadEnvironment(OPTIONS)).toEqual({
    NODE_OPTIONS: expect.stringMatching(/^--import file:\/\/\/\S+\/build\/telemetry\/preload\/register\.js$/),
    SPANGATE_RECORDING_DIR: '/run/a b',
    OTEL_SERVICE_NAME: 'shop',
  });
});

test('keeps the NODE_OPTIONS of the service', () => {
  const { NODE_OPTIONS } = preloadEnvironment({ ...OPTIONS, nodeOptions: '--max-old-space-size=512' });
  expect(NODE_OPTIONS).toMatch(/^--max-old-space-size=512 --import file:/);
});
