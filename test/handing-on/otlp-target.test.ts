import { describe, expect, it } from 'vitest';
import { otlpTarget } from '../../src/handing-on/otlp-target.ts';

function target(url: string, env: Readonly<Record<string, string>> = {}) {
  return otlpTarget({ url, headers: [] }, env);
}

describe('the target of spans', () => {
  it.each([
    ['http://localhost:4318', 'http://localhost:4318/v1/traces'],
    ['http://localhost:4318/', 'http://localhost:4318/v1/traces'],
    ['https://tempo.example/otlp', 'https://tempo.example/otlp/v1/traces'],
    ['https://api.honeycomb.io/v1/traces', 'https://api.honeycomb.io/v1/traces'],
  ])('of %s is %s', (given, url) => {
    expect(target(given).url).toBe(url);
  });

  it('is shown without a key in its path', () => {
    expect(target('https://in.example/k/0123456789abcdef0123456789').shown).toBe(
      'https://in.example/k/[redacted]/v1/traces',
    );
  });

  it('has the headers of the environment, of which the more specific variable counts', () => {
    const env = {
      OTEL_EXPORTER_OTLP_HEADERS: 'x-other=1',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'X-Team=a%2Cb, authorization=Bearer%20x',
    };
    expect(target('http://a.example', env).headers).toEqual({ 'x-team': 'a,b', authorization: 'Bearer x' });
  });

  it('lets an option take the place of a header of the environment', () => {
    const options = { url: 'http://a.example', headers: [['X-Team', 'mine']] } as const;
    expect(otlpTarget(options, { OTEL_EXPORTER_OTLP_HEADERS: 'x-team=theirs' }).headers).toEqual({
      'x-team': 'mine',
    });
  });

  it('has the time limit of the environment, in seconds', () => {
    expect(target('http://a.example', { OTEL_EXPORTER_OTLP_TIMEOUT: '2500' }).timeoutSeconds).toBe(2.5);
    expect(target('http://a.example').timeoutSeconds).toBeNull();
  });

  it.each(['localhost:4318', 'grpc://localhost:4317', ''])('cannot be %j', (url) => {
    expect(() => target(url)).toThrow(
      expect.objectContaining({
        code: 'otlp-url-invalid',
        where: '--export-otlp',
        hint: 'Give the base of an OTLP/HTTP receiver, such as http://localhost:4318 of a Collector or of Jaeger.',
      }),
    );
  });

  it('says which header of the environment is none, without its text', () => {
    const env = { OTEL_EXPORTER_OTLP_HEADERS: 'x-a=1,s3cret' };
    expect(() => target('http://a.example', env)).toThrow(
      expect.objectContaining({
        code: 'otlp-headers-invalid',
        message: 'The header number 2 of OTEL_EXPORTER_OTLP_HEADERS is not a name and a value.',
        where: 'OTEL_EXPORTER_OTLP_HEADERS',
      }),
    );
  });
});
