/** The instrumentations of the preload. Each is optional: one that is absent or fails is a note, never a crash. */
import { createRequire } from 'node:module';
import type { TracerProvider } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import type { InstrumentedModule } from '../process-details.ts';

interface InstrumentationSource {
  readonly package: string;
  readonly className: string;
  readonly config?: Readonly<Record<string, unknown>>;
  /** Modules that it patches where they are imported; those patched in place or seen by channels need none. */
  readonly modules: readonly string[];
  /** Listens to diagnostics channels and patches nothing. */
  readonly channels?: true;
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
    channels: true,
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
  {
    package: '@opentelemetry/instrumentation-undici',
    className: 'UndiciInstrumentation',
    modules: [],
    channels: true,
  },
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

export interface Instrumentations {
  /** What was loaded and patched so far; grows. */
  readonly patched: readonly InstrumentedModule[];
  /** What failed, as whole sentences. */
  readonly notes: readonly string[];
  /** From now on nothing more is patched, and what listens to diagnostics channels listens no more. */
  stop(): void;
}

export function createInstrumentations(provider: TracerProvider): Instrumentations {
  const require = createRequire(import.meta.url);
  const patched: InstrumentedModule[] = [];
  const notes: string[] = [];
  const stops: (() => void)[] = [];
  for (const source of SOURCES) {
    try {
      const exported = require(source.package) as Record<string, InstrumentationClass | undefined>;
      const Constructor = exported[source.className];
      if (Constructor === undefined) throw new Error(`it has no ${source.className}`);
      const instrumentation = new Constructor({ ...source.config });
      instrumentation.setTracerProvider(provider);
      stops.push(() => {
        // Unwrapping would take away the wraps that another instrumentation has put on top in the meantime.
        if (source.channels) instrumentation.disable();
        else instrumentation._enabled = false;
      });
      for (const definition of instrumentation._modules ?? []) {
        notePatches(definition, (version) =>
          patched.push({
            module: definition.name,
            version: version ?? null,
            instrumentation: source.package,
          }),
        );
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
      notes.push(`${source.package} is not used: ${reason}.`);
    }
  }
  return {
    patched,
    notes,
    stop: () => {
      for (const stop of stops) stop();
    },
  };
}

/** With the internals of `InstrumentationBase` that are used here. */
type InstrumentationClass = new (
  config: object,
) => Instrumentation & { readonly _modules?: ModuleDefinition[]; _enabled?: boolean };

/** Of `InstrumentationBase`; internal, so it may be missing. */
interface ModuleDefinition {
  readonly name: string;
  patch?: (exports: unknown, version?: string) => unknown;
  readonly files?: { patch?: (exports: unknown, version?: string) => unknown }[];
}

/** Calls `patched` when the first part of the module is. */
function notePatches(definition: ModuleDefinition, patched: (version: string | undefined) => void): void {
  let noted = false;
  for (const part of [definition, ...(definition.files ?? [])]) {
    const patch = part.patch;
    if (typeof patch !== 'function') continue;
    part.patch = (exports, version) => {
      if (!noted) patched(version);
      noted = true;
      return patch.call(part, exports, version);
    };
  }
}
