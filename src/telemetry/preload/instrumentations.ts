/** The instrumentations of the preload. Each is optional: one that is absent or fails is a note, never a crash. */
import { createRequire } from 'node:module';
import type { TracerProvider } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';

interface InstrumentationSource {
  readonly package: string;
  readonly className: string;
  readonly config?: Readonly<Record<string, unknown>>;
  /** Modules that it patches where they are imported; those patched in place or seen by diagnostics channels need none. */
  readonly modules: readonly string[];
}

const SOURCES: readonly InstrumentationSource[] = [
  { package: '@opentelemetry/instrumentation-http', className: 'HttpInstrumentation', modules: [] },
  {
    package: '@opentelemetry/instrumentation-express',
    className: 'ExpressInstrumentation',
    // A span for each layer says no more than the server span does; the route is set all the same.
    config: { ignoreLayersType: ['middleware', 'router', 'request_handler'] },
    modules: ['express'],
  },
  {
    package: '@fastify/otel',
    className: 'FastifyOtelInstrumentation',
    config: { registerOnInitialization: true, instrumentHooks: false, instrumentHandler: false },
    modules: [],
  },
  {
    package: '@opentelemetry/instrumentation-koa',
    className: 'KoaInstrumentation',
    config: { ignoreLayersType: ['middleware'] },
    modules: ['koa'],
  },
  {
    package: '@opentelemetry/instrumentation-hapi',
    className: 'HapiInstrumentation',
    modules: ['@hapi/hapi'],
  },
  { package: '@opentelemetry/instrumentation-undici', className: 'UndiciInstrumentation', modules: [] },
  {
    package: '@opentelemetry/instrumentation-pg',
    className: 'PgInstrumentation',
    modules: ['pg', 'pg-pool'],
  },
  {
    package: '@opentelemetry/instrumentation-mysql2',
    className: 'MySQL2Instrumentation',
    modules: ['mysql2'],
  },
  {
    package: '@opentelemetry/instrumentation-ioredis',
    className: 'IORedisInstrumentation',
    modules: ['ioredis'],
  },
  {
    package: '@opentelemetry/instrumentation-redis',
    className: 'RedisInstrumentation',
    modules: ['redis', '@redis/client'],
  },
  {
    package: '@opentelemetry/instrumentation-mongodb',
    className: 'MongoDBInstrumentation',
    modules: ['mongodb'],
  },
  {
    package: '@opentelemetry/instrumentation-graphql',
    className: 'GraphQLInstrumentation',
    config: { ignoreTrivialResolveSpans: true, mergeItems: true },
    modules: ['graphql'],
  },
  {
    package: '@opentelemetry/instrumentation-grpc',
    className: 'GrpcInstrumentation',
    modules: ['@grpc/grpc-js'],
  },
];

export const INSTRUMENTED_MODULES: readonly string[] = SOURCES.flatMap((source) => source.modules);

/** @returns what failed, as whole sentences */
export function createInstrumentations(provider: TracerProvider): readonly string[] {
  const require = createRequire(import.meta.url);
  const notes: string[] = [];
  for (const source of SOURCES) {
    try {
      const Constructor = (
        require(source.package) as Record<string, new (config: object) => Instrumentation>
      )[source.className];
      if (Constructor === undefined) throw new Error(`it has no ${source.className}`);
      new Constructor({ ...source.config }).setTracerProvider(provider);
    } catch (error) {
      const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
      notes.push(`${source.package} is not used: ${reason}`);
    }
  }
  return notes;
}
