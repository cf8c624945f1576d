/**
 * Where spans are handed on to: a URL, headers and a time limit, as OpenTelemetry's specification has them.
 * Source: https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
import { EXIT, UserError } from '../errors.ts';

export interface OtlpTarget {
  /** Takes POST; without user and password, which `headers` have. */
  readonly url: string;
  /** For messages: without query, and without what may be a key in the path. */
  readonly shown: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Values that no message may have in it. */
  readonly secrets: readonly string[];
  /** For all requests together; null where nobody has set one. */
  readonly timeoutSeconds: number | null;
}

export interface TargetOptions {
  /** Base of the paths, or the whole with `/v1/traces`. */
  readonly url: string;
  /** Win over those of the environment. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const TRACES_PATH = '/v1/traces';

/** @throws UserError `otlp-url-invalid`, `otlp-headers-invalid` */
export function otlpTarget(options: TargetOptions, env: Environment): OtlpTarget {
  const url = parsedUrl(options.url);
  const user = credentialsOf(url);
  const shown = shownUrl(url);
  const given = headersOfEnvironment(env);
  const headers = Object.fromEntries(
    [...(user === null ? [] : [['authorization', user] as const]), ...given, ...options.headers].map(
      ([name, value]) => [name.toLowerCase(), value],
    ),
  );
  return {
    url: url.href,
    shown,
    headers,
    secrets: [...Object.values(headers), ...[...url.searchParams.values()]].filter(
      ({ length }) => length > 3,
    ),
    timeoutSeconds: timeoutOf(env),
  };
}

function parsedUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UserError({
      code: 'otlp-url-invalid',
      what: 'The address to hand spans on to is no URL of http or https.',
      where: '--export-otlp',
      hint: 'Give the base of an OTLP/HTTP receiver, such as http://localhost:4318 of a Collector or of Jaeger.',
      exitCode: EXIT.usage,
    });
  }
  const path = url.pathname.replace(/\/+$/, '');
  url.pathname = path.endsWith(TRACES_PATH) ? path : `${path}${TRACES_PATH}`;
  url.hash = '';
  return url;
}

/** Takes them out of the URL: `fetch` refuses one that has them. */
function credentialsOf(url: URL): string | null {
  const { username, password } = url;
  if (username === '' && password === '') return null;
  url.username = '';
  url.password = '';
  const pair = `${decoded(username)}:${decoded(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/** Some backends take a key as a part of the path; such parts are long. */
const LONG_PART = /[^/]{20,}/g;

function shownUrl(url: URL): string {
  return `${url.origin}${url.pathname.replace(LONG_PART, '[redacted]')}`;
}

/** Whether `fetch` would send it. */
export function isHeader(name: string, value: string): boolean {
  try {
    return new Headers([[name, value]]).has(name);
  } catch {
    return false;
  }
}

/** `name=value,name=value`, percent-encoded; the more specific variable takes the place of the other. */
function headersOfEnvironment(env: Environment): readonly (readonly [string, string])[] {
  const variable = ['OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'OTEL_EXPORTER_OTLP_HEADERS'].find(
    (each) => env[each],
  );
  const text = variable === undefined ? '' : (env[variable] ?? '');
  return text
    .split(',')
    .filter((pair) => pair.trim() !== '')
    .map((pair, index) => {
      const at = pair.indexOf('=');
      const name = decoded(pair.slice(0, at).trim());
      const value = decoded(pair.slice(at + 1).trim());
      if (at > 0 && isHeader(name, value)) return [name, value] as const;
      throw new UserError({
        code: 'otlp-headers-invalid',
        // Never the text itself: it may be a key.
        what: `The header number ${index + 1} of ${variable} is not a name and a value.`,
        where: variable ?? '',
        hint: 'Write name=value, several with commas between them, and %2C for a comma in a value.',
        exitCode: EXIT.usage,
      });
    });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Milliseconds in the environment. */
function timeoutOf(env: Environment): number | null {
  const text = env.OTEL_EXPORTER_OTLP_TRACES_TIMEOUT ?? env.OTEL_EXPORTER_OTLP_TIMEOUT ?? '';
  const milliseconds = Number(text);
  return text.trim() !== '' && milliseconds > 0 && Number.isFinite(milliseconds) ? milliseconds / 1000 : null;
}
