/** Which packages of OpenTelemetry fit to a Python environment. Pure. */

/** Versions by name of the distribution, names in the form of `canonicalName`. */
export type InstalledPackages = ReadonlyMap<string, string>;

/** The newest that were tried here; `examples/python-orders` has the same. */
const API_VERSION = '1.45.1';

/**
 * What brings spans for what, by the name of the distribution that is instrumented: those of `opentelemetry-bootstrap`.
 * Left out are templates, logging and metrics, whose spans or records nobody compares, and clients of AI services.
 */
const INSTRUMENTATIONS: Readonly<Record<string, string>> = {
  'aio-pika': 'aio-pika',
  aiohttp: 'aiohttp-client aiohttp-server',
  aiokafka: 'aiokafka',
  aiopg: 'aiopg',
  asyncpg: 'asyncpg',
  boto3: 'boto3sqs',
  botocore: 'botocore',
  'cassandra-driver': 'cassandra',
  celery: 'celery',
  'confluent-kafka': 'confluent-kafka',
  django: 'django',
  elasticsearch: 'elasticsearch',
  falcon: 'falcon',
  fastapi: 'fastapi',
  flask: 'flask',
  grpcio: 'grpc',
  httpx: 'httpx',
  'kafka-python': 'kafka-python',
  'mysql-connector-python': 'mysql',
  mysqlclient: 'mysqlclient',
  pika: 'pika',
  psycopg: 'psycopg',
  psycopg2: 'psycopg2',
  'psycopg2-binary': 'psycopg2',
  pymemcache: 'pymemcache',
  pymongo: 'pymongo',
  pymssql: 'pymssql',
  pymysql: 'pymysql',
  pyramid: 'pyramid',
  redis: 'redis',
  requests: 'requests',
  sqlalchemy: 'sqlalchemy',
  starlette: 'starlette',
  tornado: 'tornado',
  'tortoise-orm': 'tortoiseorm',
  urllib3: 'urllib3',
};

/** Of the standard library. */
const ALWAYS: readonly string[] = ['sqlite3', 'threading', 'urllib'];

/**
 * Packages that the overlay needs and that a service may have too. The service's own are found first, so what is
 * installed has to work with them.
 */
const SHARED: readonly string[] = [
  ...['protobuf', 'googleapis-common-protos', 'requests', 'urllib3', 'certifi', 'idna', 'charset-normalizer'],
  ...['wrapt', 'packaging', 'typing-extensions', 'importlib-metadata', 'zipp', 'asgiref'],
];

export interface PythonRequirements {
  /** `name==version`, sorted. */
  readonly packages: readonly string[];
  /** Lines of a constraints file, sorted. */
  readonly constraints: readonly string[];
  /** What is instrumented, for people: `flask`, `psycopg`. */
  readonly instrumented: readonly string[];
}

/** Whether the environment can be instrumented by what it has: nothing is to be added then. */
export function hasInstrumentation(installed: InstalledPackages): boolean {
  return installed.has('opentelemetry-distro') && installed.has('opentelemetry-exporter-otlp-proto-http');
}

/** @returns null where the service has an OpenTelemetry that no known instrumentation belongs to */
export function requirementsFor(installed: InstalledPackages): PythonRequirements | null {
  const api = installed.get('opentelemetry-api') ?? installed.get('opentelemetry-sdk') ?? API_VERSION;
  const contrib = contribVersion(api);
  if (contrib === null) return null;
  const instrumented = [...installed.keys()].flatMap((name) => INSTRUMENTATIONS[name]?.split(' ') ?? []);
  const names = [...new Set([...instrumented, ...ALWAYS])].sort();
  return {
    packages: [
      `opentelemetry-distro==${contrib}`,
      `opentelemetry-exporter-otlp-proto-http==${api}`,
      ...names.map((name) => `opentelemetry-instrumentation-${name}==${contrib}`),
    ],
    constraints: SHARED.flatMap((name) => {
      const version = installed.get(name);
      // What stands behind a plus sign says who built it, and no index has it.
      return version === undefined ? [] : [`${name}==${version.replace(/\+.*$/, '')}`];
    }).sort(),
    instrumented: names,
  };
}

/** 1.45.1 is released with 0.66b1, 1.25.0 with 0.46b0: both count up together. */
function contribVersion(api: string): string | null {
  const parts = /^1\.(\d+)\.(\d+)$/.exec(api);
  const minor = Number(parts?.[1]);
  // There is no instrumentation of `threading` before 0.46b0.
  if (parts === null || minor < 25) return null;
  return `0.${minor + 21}b${parts[2]}`;
}

/** As PEP 503 has it: `Flask_SQLAlchemy` is `flask-sqlalchemy`. */
export function canonicalName(name: string): string {
  return name.replace(/[-_.]+/g, '-').toLowerCase();
}
