import { expect, test } from 'vitest';
import { otlpEnvironment } from '../../../src/telemetry/otlp/otlp-environment.ts';

const endpoint = { httpUrl: 'http://127.0.0.1:4318', grpcUrl: 'http://127.0.0.1:4317' };

function environment(
  inherited: Record<string, string> = {},
  configured: Record<string, string> = {},
  isOnly = true,
): ReturnType<typeof otlpEnvironment> {
  return otlpEnvironment({ endpoint, serviceName: 'orders', isOnly, inherited, configured });
}

test('a service sends over HTTP, everything, under the name in the configuration', () => {
  const { variables, overridden } = environment();
  expect(variables).toMatchObject({
    OTEL_SERVICE_NAME: 'orders',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint.httpUrl,
    OTEL_TRACES_SAMPLER: 'parentbased_always_on',
    OTEL_PROPAGATORS: 'tracecontext,baggage',
  });
  expect(Number(variables.OTEL_BSP_MAX_QUEUE_SIZE)).toBeGreaterThan(
    Number(variables.OTEL_BSP_MAX_EXPORT_BATCH_SIZE),
  );
  expect(overridden).toEqual([]);
});

test('a service that speaks gRPC gets that endpoint', () => {
  const { variables } = environment({}, { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' });
  expect(variables.OTEL_EXPORTER_OTLP_ENDPOINT).toBe(endpoint.grpcUrl);
});

test('an endpoint or protocol of traces alone goes before the common one, so it is ours too', () => {
  expect(environment({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://example.com' }).variables).toMatchObject({
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${endpoint.httpUrl}/v1/traces`,
  });
  expect(environment({}, { OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc' }).variables).toMatchObject({
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint.grpcUrl,
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint.httpUrl,
  });
});

test.each([
  ['OTEL_SERVICE_NAME', 'shop-orders', 'shop-orders'],
  ['OTEL_RESOURCE_ATTRIBUTES', 'deployment=ci, service.name=from-attributes', 'from-attributes'],
  ['OTEL_RESOURCE_ATTRIBUTES', 'service.name=', 'orders'],
])('the name of the service is what %s=%s says', (name, value, expected) => {
  expect(environment({ [name]: value }).variables.OTEL_SERVICE_NAME).toBe(expected);
});

test('a name in the shell is not that of each of several services, and one in the configuration is', () => {
  const shell = { OTEL_SERVICE_NAME: 'shop', OTEL_RESOURCE_ATTRIBUTES: 'service.name=shop' };
  const { variables, overridden } = environment(shell, {}, false);
  expect([variables.OTEL_SERVICE_NAME, overridden]).toEqual(['orders', ['OTEL_SERVICE_NAME']]);
  const configured = { OTEL_RESOURCE_ATTRIBUTES: 'service.name=shop-orders' };
  for (const isOnly of [true, false])
    expect(environment(shell, configured, isOnly).variables.OTEL_SERVICE_NAME).toBe('shop-orders');
});

test('what the shell sets and the measurement cannot bear is changed, and named', () => {
  const shell = { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_SDK_DISABLED: 'true', OTEL_PROPAGATORS: 'b3' };
  const { variables, overridden } = environment(shell);
  expect(variables.OTEL_PROPAGATORS).toBe('tracecontext,b3');
  expect(overridden).toEqual(['OTEL_PROPAGATORS', 'OTEL_SDK_DISABLED', 'OTEL_TRACES_SAMPLER']);
});

test('what the configuration sets wins, so it is not among what was changed', () => {
  expect(environment({}, { OTEL_TRACES_SAMPLER: 'always_on' }).overridden).toEqual([]);
});

test('a sender over gRPC is told nothing of compression, since Python refuses the word `none` there', () => {
  expect(environment().variables.OTEL_EXPORTER_OTLP_COMPRESSION).toBe('none');
  for (const name of ['OTEL_EXPORTER_OTLP_PROTOCOL', 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'])
    expect(environment({}, { [name]: 'grpc' }).variables).not.toHaveProperty(
      'OTEL_EXPORTER_OTLP_COMPRESSION',
    );
});
