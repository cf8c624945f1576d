/**
 * Copies of `@opentelemetry/api` that the service loads. A tracer that was got before a provider is registered asks
 * the proxy of its own copy for ever, and a meter got too early stays without effect, so the copies themselves have to
 * be told about our providers.
 */
import { type MeterProvider, metrics, type TracerProvider, trace } from '@opentelemetry/api';
import { InstrumentationBase, InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation';

interface ApiCopy {
  readonly trace: { getTracerProvider(): TracerProvider };
  readonly metrics: { getMeterProvider(): MeterProvider };
}

export const API_MODULE = '@opentelemetry/api';

export class ApiCopies {
  readonly #proxies = new Set<TracerProvider>();
  readonly #seen = new WeakSet<object>();
  /** Given to meters that are asked for before the application registers a provider of its own. */
  readonly #earlyMeters: MeterProvider | null;
  #delegate: TracerProvider | null = null;

  constructor(earlyMeters: MeterProvider | null) {
    this.#earlyMeters = earlyMeters;
    this.#add({ trace, metrics });
  }

  /** Sees the copies that are loaded from now on. */
  watch(): void {
    const add = (copy: ApiCopy): void => this.#add(copy);
    class ApiWatcher extends InstrumentationBase {
      protected init(): InstrumentationNodeModuleDefinition {
        return new InstrumentationNodeModuleDefinition(API_MODULE, ['*'], (copy: ApiCopy) => {
          add(copy);
          return copy;
        });
      }
    }
    new ApiWatcher('spangate', '1', {});
  }

  /** Gives tracers that were got too early a provider. Not to be called when the application has one. */
  delegateTo(provider: TracerProvider): void {
    this.#delegate = provider;
    for (const proxy of this.#proxies) setDelegate(proxy, provider);
  }

  #add(copy: ApiCopy): void {
    if (typeof copy.trace?.getTracerProvider !== 'function' || this.#seen.has(copy.trace)) return;
    this.#seen.add(copy.trace);
    // Without a registered provider this is the proxy.
    const proxy = copy.trace.getTracerProvider();
    this.#proxies.add(proxy);
    if (this.#delegate) setDelegate(proxy, this.#delegate);
    this.#provideEarlyMeters(copy.metrics);
  }

  #provideEarlyMeters(api: ApiCopy['metrics'] | undefined): void {
    const early = this.#earlyMeters;
    if (early === null || typeof api?.getMeterProvider !== 'function') return;
    const registered = api.getMeterProvider.bind(api);
    const noop = registered();
    api.getMeterProvider = () => {
      const provider = registered();
      return provider === noop ? early : provider;
    };
  }
}

function setDelegate(proxy: TracerProvider, provider: TracerProvider): void {
  if ('setDelegate' in proxy && typeof proxy.setDelegate === 'function') proxy.setDelegate(provider);
}
