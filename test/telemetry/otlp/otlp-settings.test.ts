import { expect, test } from 'vitest';
import { harmfulSettings } from '../../../src/telemetry/otlp/otlp-settings.ts';

test.each([
  [{ OTEL_SDK_DISABLED: 'TRUE' }, 'so no span comes'],
  [{ OTEL_TRACES_EXPORTER: 'console' }, 'sends no spans by OTLP'],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://example.com' }, 'sends spans elsewhere'],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://example.com' }, 'sends spans elsewhere'],
  [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' }, 'may leave requests out'],
  [{ OTEL_TRACES_SAMPLER: 'always_off' }, 'may leave requests out'],
  [{ OTEL_PROPAGATORS: 'b3' }, 'spans belong to no request'],
  [{ OTEL_BSP_MAX_QUEUE_SIZE: '2048' }, 'does not fit is dropped'],
])('%j is left as it is, and told of: it %s', (configured, effect) => {
  expect(harmfulSettings(configured)).toEqual([
    expect.objectContaining({ effect: expect.stringContaining(effect) }),
  ]);
});

test.each([
  { OTEL_TRACES_SAMPLER: 'always_on' },
  // The load generator samples all, and these follow it.
  { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' },
  { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '1.0' },
  { OTEL_TRACES_EXPORTER: 'console,otlp', OTEL_PROPAGATORS: 'b3, tracecontext' },
  { OTEL_BSP_MAX_QUEUE_SIZE: '1000000', OTEL_SERVICE_NAME: 'orders', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
  { DATABASE_URL: 'postgres://127.0.0.1' },
])('%j does no harm', (configured) => {
  expect(harmfulSettings(configured as Record<string, string>)).toEqual([]);
});
