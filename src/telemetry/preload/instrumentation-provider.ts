/** The tracer provider that our instrumentations get: ours, less the spans nobody wants to see. */
import {
  type Context,
  context,
  INVALID_SPAN_CONTEXT,
  type Span,
  SpanKind,
  type SpanOptions,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import { SharedSpan } from './shared-span.ts';

/**
 * Frameworks whose internal spans are layers of one request: hooks, handlers, routers. They end where the server span
 * ends, cost as much as a query's span, and their names change with every refactoring.
 */
const LAYERED: ReadonlySet<string> = new Set([
  '@opentelemetry/instrumentation-koa',
  '@opentelemetry/instrumentation-hapi',
  '@fastify/otel',
]);

export class InstrumentationProvider implements TracerProvider {
  readonly #provider: TracerProvider;
  readonly #state: ProviderState = { passThrough: false, active: new Set() };

  constructor(provider: TracerProvider) {
    this.#provider = provider;
  }

  /** Instrumentations that have made a span. */
  get active(): ReadonlySet<string> {
    return this.#state.active;
  }

  /** From now on no spans are made here: the application has an SDK of its own, and each span must be seen once. */
  passThrough(): void {
    this.#state.passThrough = true;
  }

  getTracer(name: string, version?: string, options?: { schemaUrl?: string }): Tracer {
    return new InstrumentationTracer(this.#provider.getTracer(name, version, options), name, this.#state);
  }
}

interface ProviderState {
  passThrough: boolean;
  readonly active: Set<string>;
}

class InstrumentationTracer implements Tracer {
  readonly #tracer: Tracer;
  readonly #name: string;
  readonly #layered: boolean;
  readonly #state: ProviderState;
  #used = false;

  constructor(tracer: Tracer, name: string, state: ProviderState) {
    this.#tracer = tracer;
    this.#name = name;
    this.#layered = LAYERED.has(name);
    this.#state = state;
  }

  startSpan(name: string, options: SpanOptions = {}, parentContext: Context = context.active()): Span {
    if (this.#state.passThrough) {
      return trace.wrapSpanContext(trace.getSpanContext(parentContext) ?? INVALID_SPAN_CONTEXT);
    }
    if (!this.#used) {
      this.#used = true;
      this.#state.active.add(this.#name);
    }
    if (this.#layered && (options.kind ?? SpanKind.INTERNAL) === SpanKind.INTERNAL) {
      const parent = trace.getSpan(parentContext);
      if (parent !== undefined) return new SharedSpan(parent);
    }
    return this.#tracer.startSpan(name, options, parentContext);
  }

  startActiveSpan<F extends (span: Span) => unknown>(name: string, ...rest: unknown[]): ReturnType<F> {
    const work = rest.at(-1) as F;
    const options = rest.length > 1 ? (rest[0] as SpanOptions) : {};
    const parentContext = rest.length > 2 ? (rest[1] as Context) : context.active();
    const span = this.startSpan(name, options, parentContext);
    return context.with(trace.setSpan(parentContext, span), () => work(span)) as ReturnType<F>;
  }
}
