/** What the preload found out about a process; written as JSON beside its spans. */

export interface InstrumentedModule {
  readonly module: string;
  readonly version: string | null;
  readonly instrumentation: string;
}

export interface ApplicationSdk {
  /** Class of its tracer provider, e.g. `NodeTracerProvider`. */
  readonly name: string;
  /** `telemetry.sdk.version` of its resource, where it tells. */
  readonly version?: string;
  /** Whether its spans are recorded. */
  readonly attached: boolean;
}

export interface ProcessDetails {
  readonly service: string;
  readonly pid: number;
  /** 0 for the main thread. */
  readonly threadId: number;
  /** `cluster-worker` and `child`: started by `cluster` and `child_process.fork`. */
  readonly role: 'main' | 'thread' | 'cluster-worker' | 'child';
  /** Version of Node, e.g. `v20.20.2`. */
  readonly runtime: string;
  /** Version of the OpenTelemetry SDK that records, e.g. `2.12.0`. */
  readonly openTelemetry: string;
  /** `process.argv[1]` */
  readonly script: string | null;
  /** How `import` is seen; `require` always is. */
  readonly moduleHooks: 'synchronous' | 'off-thread' | 'none';
  /** Modules that were loaded and patched. */
  readonly instrumented: readonly InstrumentedModule[];
  /** Instrumentations that have made a span. */
  readonly active: readonly string[];
  /** Whose tracer provider is in use: `undecided` until the service listens. */
  readonly provider: 'ours' | 'application' | 'undecided';
  readonly applicationSdk: ApplicationSdk | null;
  /** Attributes of its resource that are texts or numbers: of OTEL_RESOURCE_ATTRIBUTES, and of the SDK of its own. */
  readonly resource?: Readonly<Record<string, string>>;
  /** Whether the script looks as if packages were bundled into it, where no hook can see them. */
  readonly bundled: boolean;
  /** Whole sentences on what does not work. */
  readonly notes: readonly string[];
}

/** Null where `text` is not what a preload writes. */
export function parseProcessDetails(text: string): ProcessDetails | null {
  try {
    const parsed: unknown = JSON.parse(text);
    const { service, runtime, instrumented, active, notes } = (parsed ?? {}) as Record<string, unknown>;
    const fits =
      [service, runtime].every((field) => typeof field === 'string') &&
      [instrumented, active, notes].every((field) => Array.isArray(field));
    return fits ? (parsed as ProcessDetails) : null;
  } catch {
    return null;
  }
}
