import { describe, expect, test } from 'vitest';
import {
  canonicalName,
  hasInstrumentation,
  requirementsFor,
} from '../../../src/runner/instrument/python-packages.ts';

const installed = (packages: Record<string, string>) => new Map(Object.entries(packages));

describe('the packages that bring OpenTelemetry to a Python service', () => {
  test('are those of what it has, all of one release', () => {
    const found = requirementsFor(
      installed({ flask: '3.1.3', 'psycopg2-binary': '2.9.10', jinja2: '3.1.6' }),
    );
    expect(found?.instrumented).toEqual(['flask', 'psycopg2', 'sqlite3', 'threading', 'urllib']);
    expect(found?.packages).toEqual([
      'opentelemetry-distro==0.66b1',
      'opentelemetry-exporter-otlp-proto-http==1.45.1',
      'opentelemetry-instrumentation-flask==0.66b1',
      'opentelemetry-instrumentation-psycopg2==0.66b1',
      'opentelemetry-instrumentation-sqlite3==0.66b1',
      'opentelemetry-instrumentation-threading==0.66b1',
      'opentelemetry-instrumentation-urllib==0.66b1',
    ]);
  });

  test('go with the API that it uses already', () => {
    const found = requirementsFor(installed({ 'opentelemetry-api': '1.30.0' }));
    expect(found?.packages.slice(0, 2)).toEqual([
      'opentelemetry-distro==0.51b0',
      'opentelemetry-exporter-otlp-proto-http==1.30.0',
    ]);
  });

  test('are known from the first release on that has all of them', () => {
    const found = requirementsFor(installed({ 'opentelemetry-api': '1.25.0' }));
    expect(found?.packages).toContain('opentelemetry-instrumentation-threading==0.46b0');
  });

  test('have to work with the versions that it has of what both need', () => {
    const found = requirementsFor(installed({ protobuf: '5.29.3', wrapt: '1.17.2+local', flask: '3.1.3' }));
    expect(found?.constraints).toEqual(['protobuf==5.29.3', 'wrapt==1.17.2']);
  });

  test.each(['1.11.1', '1.24.0', '2.0.0', '1.20.0rc1'])('are not known for the API %s', (version) => {
    expect(requirementsFor(installed({ 'opentelemetry-api': version }))).toBeNull();
  });

  test('are not needed where it has them', () => {
    const own = { 'opentelemetry-distro': '0.66b1', 'opentelemetry-exporter-otlp-proto-http': '1.45.1' };
    expect(hasInstrumentation(installed(own))).toBe(true);
    expect(hasInstrumentation(installed({ 'opentelemetry-api': '1.45.1' }))).toBe(false);
  });
});

test('names of distributions are compared as PEP 503 says', () => {
  expect(canonicalName('Flask_SQLAlchemy.Ext')).toBe('flask-sqlalchemy-ext');
});
