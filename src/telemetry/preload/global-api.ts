/**
 * The global that all copies of `@opentelemetry/api` 1.x share. Registering first would silently disable an SDK of the
 * application's own, so its registration is trapped instead and the recorder is added to its provider; ours goes in
 * only if there is none by the time the service listens.
 */
import type { ContextManager, MeterProvider, TextMapPropagator, TracerProvider } from '@opentelemetry/api';
import type { ApplicationSdk } from '../process-details.ts';
import { attachRecorder, resourceOfProvider } from './application-sdk.ts';
import type { Recorder } from './recorder.ts';

const KEY = Symbol.for('opentelemetry.js.api.1');

/** Each 1.x copy of the API reads a global whose minor version is not below its own, and overwrites only its own. */
const UNIVERSAL_VERSION = '1.999.0';

export interface ApiSlots {
  trace?: TracerProvider;
  context?: ContextManager;
  propagation?: TextMapPropagator;
  metrics?: MeterProvider;
}

interface GlobalObject extends ApiSlots {
  version: string;
}

export interface GlobalApiOptions {
  readonly recorder: Recorder;
  /** Called when the application registers a tracer provider of its own. */
  readonly onApplicationSdk: (sdk: ApplicationSdk) => void;
}

/** What copies of the API have that nobody could reach after the fact: see `ApiCopies`. */
export class GlobalApi {
  readonly #options: GlobalApiOptions;
  #object: GlobalObject | undefined;
  readonly #trapped = new WeakSet<object>();
  readonly #seen = new WeakSet<object>();
  #applicationSdk: ApplicationSdk | null = null;
  #applicationProvider: TracerProvider | null = null;

  constructor(options: GlobalApiOptions) {
    this.#options = options;
  }

  get applicationSdk(): ApplicationSdk | null {
    return this.#applicationSdk;
  }

  /** Of the application's own provider; empty where there is none. */
  get applicationResource(): Readonly<Record<string, string>> {
    return this.#applicationProvider === null ? {} : resourceOfProvider(this.#applicationProvider);
  }

  /** Watches for registrations from now on. */
  trap(): void {
    this.#object = globals()[KEY];
    if (this.#object) this.#trapProvider(this.#object);
    Object.defineProperty(globalThis, KEY, {
      configurable: true,
      get: () => this.#object,
      // The API assigns the object on every registration, also when it is the one it has just read.
      set: (object: GlobalObject | undefined) => {
        this.#object = object;
        if (object) this.#trapProvider(object);
      },
    });
  }

  /**
   * Fills what the application has left empty, if it has no tracer provider by now.
   *
   * @returns whether our provider is the global one
   */
  installUnlessRegistered(slots: ApiSlots): boolean {
    if (this.#applicationSdk !== null) return false;
    const { version: _version, ...registered } = this.#object ?? { version: '' };
    const defined = Object.fromEntries(Object.entries(registered).filter(([, slot]) => slot !== undefined));
    // A plain property again: it is read for every span.
    Object.defineProperty(globalThis, KEY, {
      configurable: true,
      writable: true,
      value: { ...slots, ...defined, version: UNIVERSAL_VERSION },
    });
    return true;
  }

  #trapProvider(object: GlobalObject): void {
    if (this.#trapped.has(object)) return;
    this.#trapped.add(object);
    let provider = object.trace;
    if (provider) this.#see(provider);
    Object.defineProperty(object, 'trace', {
      configurable: true,
      enumerable: true,
      get: () => provider,
      set: (value: TracerProvider | undefined) => {
        provider = value;
        if (value) this.#see(value);
      },
    });
  }

  /** A registration puts the proxy of the application's API copy in the slot and then gives it the real provider. */
  #see(provider: TracerProvider): void {
    if (this.#seen.has(provider)) return;
    this.#seen.add(provider);
    if (!isProxy(provider)) {
      this.#applicationProvider = provider;
      this.#applicationSdk = attachRecorder(provider, this.#options.recorder);
      this.#options.onApplicationSdk(this.#applicationSdk);
      return;
    }
    // Node runs what is given by `--require` before what is given by `--import`, as the preload is.
    const early = provider.getDelegate();
    if (isReal(early)) this.#see(early);
    const setDelegate = provider.setDelegate;
    provider.setDelegate = (delegate: TracerProvider) => {
      setDelegate.call(provider, delegate);
      this.#see(delegate);
    };
  }
}

interface ProxyProvider extends TracerProvider {
  getDelegate(): TracerProvider;
  setDelegate(delegate: TracerProvider): void;
}

/** The one that stands for "none yet" has a method to get tracers, and nothing else. */
function isReal(provider: TracerProvider): boolean {
  return Object.keys(provider).length > 0 || 'forceFlush' in provider;
}

function isProxy(provider: TracerProvider): provider is ProxyProvider {
  return 'setDelegate' in provider && 'getDelegate' in provider;
}

function globals(): Record<symbol, GlobalObject | undefined> {
  return globalThis as unknown as Record<symbol, GlobalObject | undefined>;
}
