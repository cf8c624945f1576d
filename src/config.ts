/**
 * The configuration as the rest of the program sees it: complete, with all defaults filled in, in base units
 * (seconds, bytes, shares between 0 and 1). Reading and checking the file is `config-file.ts`.
 */

/**
 * What a row of a comparison measures. `self` is the mean self time; `error-logs` and `warn-logs` are the records of
 * that severity a request, of one service; `metric` is a metric that the configuration names.
 */
export type Quantity =
  | 'p50'
  | 'p90'
  | 'p95'
  | 'p99'
  | 'self'
  | 'error-rate'
  | 'calls'
  | 'throughput'
  | 'error-logs'
  | 'warn-logs'
  | 'metric';

/** `off`: shown where asked for, never flagged. `warn`: flagged, never fails. `fail`: can fail the gate. */
export type Level = 'off' | 'warn' | 'fail';

/** A limit of one quantity: all its parts are needed to flag a row. */
export interface Limit {
  readonly level: Level;
  /** Smallest effect that warns, as a share of the baseline: 0.03 is 3 %. */
  readonly warn: number;
  /** Smallest effect that fails. */
  readonly fail: number;
  /** Smallest absolute shift that is flagged, in the base unit of the quantity (seconds, share, calls a request). */
  readonly atLeast: number;
}

/** How data points of a metric become one number an instance. `auto`: as is usual for its kind. */
export type MetricValueOf =
  | 'auto'
  | 'mean'
  | 'max'
  | 'per-request'
  | 'per-second'
  | 'p50'
  | 'p90'
  | 'p95'
  | 'p99';

/** A metric that becomes a row of the gate. */
export interface MetricDefinition {
  /** In reports; unique. */
  readonly name: string;
  /** As OpenTelemetry calls it. */
  readonly metric: string;
  /** Null for any. */
  readonly service: string | null;
  /** All of these; others do not matter. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly value: MetricValueOf;
  readonly limit: Limit;
}

/** What is kept of the logs of the services. */
export interface Logs {
  /** Failed traces, and slowest ones, of an operation and instance whose lines are kept. */
  readonly keep: number;
  /** Regular expressions of what is taken out of the lines that are kept, besides what always is. */
  readonly redact: readonly string[];
}

export type Limits = Readonly<Record<Quantity, Limit>>;

/**
 * Overrides for the rows it matches. Globs know `*` only, which matches any characters. All rules that match a row
 * are applied in the order of the file, so that a later rule wins, quantity by quantity and part by part.
 */
export interface Rule {
  readonly operation?: string;
  readonly span?: string;
  readonly service?: string;
  readonly kind?: string;
  /** Globs of the attributes that the service of the span is split by. */
  readonly resource?: Readonly<Record<string, string>>;
  readonly quantities: Readonly<Partial<Record<Quantity, Partial<Limit>>>>;
  /** Line of the rule in the file, for messages and annotations. */
  readonly line?: number;
}

/** A regression that was accepted: the row is judged and shown, and does not fail the gate. */
export interface Waiver {
  /** Exact, no globs: the name of the request, or null for every operation and for spans outside any. */
  readonly operation: string | null;
  /**
   * Exact name of the span, or of the metric where that is the quantity; null for the rows of the operation itself:
   * those of the client, and of log records.
   */
  readonly span: string | null;
  /** Null for any. */
  readonly service: string | null;
  readonly quantity: Quantity;
  /** `concurrency`: the row of the concurrency probe. Absent: the row under the load itself. */
  readonly under?: 'concurrency';
  readonly reason: string;
  /** Last day on which it counts, `2026-12-31`, in UTC. */
  readonly expires: string;
  /**
   * Where it was written: the configuration, or the trailer of a commit. `isNew`: the configuration of base does not
   * have it, so that the change under test accepts its own regression. `person`: somebody with write permission to the
   * repository accepts it for the commit under test alone.
   */
  readonly source:
    | { readonly kind: 'config'; readonly line: number; readonly isNew?: true }
    | { readonly kind: 'commit'; readonly sha: string }
    | { readonly kind: 'person'; readonly login: string; readonly through: 'label' | 'review' };
}

export interface Policy {
  readonly profile: 'standard' | 'strict' | 'relaxed';
  readonly limits: Limits;
  readonly rules: readonly Rule[];
  /** The metrics that are rows; absent: none. */
  readonly metrics?: readonly MetricDefinition[];
  /** Accepted chance of a false alarm over a whole comparison, screening and confirming stage. */
  readonly alpha: { readonly screen: number; readonly confirm: number };
  /** Level of a span name that is new, that is gone, or whose calls fell to less than a tenth. */
  readonly added: Level;
  readonly removed: Level;
  readonly collapsed: Level;
  /** Level of the rows of the concurrency probe; absent: `fail`. */
  readonly concurrency?: Level;
  /** Inconclusive exits 4 instead of 0. */
  readonly strict: boolean;
  /** No baseline exits 4 instead of 0. */
  readonly requireBaseline: boolean;
  /** Lines of what the file itself gives under `limits`, by key, such as `p50` or `strict`. */
  readonly lines?: Readonly<Record<string, number>>;
  /** Absent: none. */
  readonly waivers?: readonly Waiver[];
  /** Policy of the base commit, where it is another one: the limit of a row is the stricter of both. */
  readonly base?: Policy;
}

export type Readiness =
  | { readonly kind: 'http'; readonly path: string }
  | { readonly kind: 'tcp' }
  | { readonly kind: 'log'; readonly pattern: string };

export interface Service {
  readonly name: string;
  /** Run once before the first round, in the service's folder; null where there is nothing to set up. */
  readonly setup: string | null;
  /** Shell command. `${port}` and environment variables are replaced. Empty where there is a `url`. */
  readonly start: string;
  /** Where it runs already, without a slash at its end: it is neither started nor stopped. Absent: it is started. */
  readonly url?: string;
  /** Absolute. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly ready: Readiness;
  readonly startTimeoutSeconds: number;
  readonly stopTimeoutSeconds: number;
  /**
   * `preload`: recorded in the Node processes; `otlp`: sent by the service's own SDK; `auto`: by either; `console`:
   * printed by the service.
   */
  readonly telemetry: 'auto' | 'preload' | 'otlp' | 'console';
  /** How OpenTelemetry comes into a service that has none; absent where nothing is to be brought. */
  readonly instrument?: Instrument;
}

/** Where services that spangate does not start, or whose address is fixed, send their spans by OTLP. */
export interface Receivers {
  /** Address that is listened on. */
  readonly host: string;
  /** Of OTLP/HTTP and OTLP/gRPC; null where there is none. */
  readonly httpPort: number | null;
  readonly grpcPort: number | null;
  /** How long spans are waited for behind the load. */
  readonly settleSeconds: number;
}

/** Paths are as the user wrote them, relative to the folder of the service: of two builds each has its own. */
export type Instrument =
  | { readonly language: 'auto' }
  /** `interpreter`: null where the start command shows it. */
  | { readonly language: 'python'; readonly interpreter: string | null }
  /** `agent`: the jar; null where it is fetched. */
  | { readonly language: 'java'; readonly agent: string | null };

export interface Dependency {
  readonly name: string;
  /** Shell command that serves until it is stopped; null where the dependency runs already. Gets `PORT`. */
  readonly start: string | null;
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly ready: Readiness;
  readonly startTimeoutSeconds: number;
  /**
   * `per-instance`: one server, one database an instance, named by `${instance}`; `shared`: one database for all;
   * `per-arm`: where two builds are measured together, one server an arm, as `shared` where there is one build.
   */
  readonly scope: 'shared' | 'per-instance' | 'per-arm';
  /** Shell commands. migrate and seed run once before the first round; reset runs before every round and instance. */
  readonly migrate: string | null;
  readonly seed: string | null;
  readonly reset: string | null;
  /** Prints a fingerprint of the starting state; a round that starts from another one is invalid. */
  readonly state: string | null;
}

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';

/** Where the methods of a gRPC load are described. */
export interface Grpc {
  /** Absolute. */
  readonly proto: string;
  /** Absolute folders that its imports are looked for in. */
  readonly include: readonly string[];
}

/** A request of the load; strings may hold variables such as `${int(1,50)}`. */
export interface RequestTemplate {
  readonly name: string;
  readonly method: Method;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Text of the body, JSON already written as text; null for none. */
  readonly body: string | null;
  /** Absolute path of a file whose content is the body (its variables are filled in too). */
  readonly bodyFile: string | null;
  /** Statuses that are not an error; empty means 200 to 399. */
  readonly expect: readonly number[];
  /** Fields of the JSON answer kept as variables of the connection: variable name to path such as `$.items[0].id`. */
  readonly save: Readonly<Record<string, string>>;
  readonly weight: number;
  readonly writes: boolean;
  /**
   * `grpc`: a unary call. The path is that of its method, the body its message as JSON, the headers its metadata, and
   * statuses are those of gRPC. Absent: HTTP.
   */
  readonly protocol?: 'grpc';
}

/**
 * `interleaved`: a fixed number of requests in flight over all instances together, each to the instance whose turn it
 * is; `closed`: every connection of every instance sends when its last request was answered; `open`: requests are
 * due at times of their own; `command`: the user's own command sends them. `auto`: `interleaved` where two builds are
 * measured together, else `closed`.
 */
export type LoadModel = 'auto' | 'interleaved' | 'closed' | 'open' | 'command';

export interface Load {
  readonly model: LoadModel;
  /** Of `interleaved`: requests in flight in all; absent: one less than cores, at least one. */
  readonly inFlight?: number;
  /** Of `open`. */
  readonly open?: {
    /** Requests a second over all instances together. */
    readonly rate: number;
    readonly arrivals: 'poisson' | 'uniform';
  };
  /** Of `command`: shell command that sends the load, instead of `requests`. */
  readonly command?: string;
  /** Where the requests are calls of gRPC. */
  readonly grpc?: Grpc;
  /** Which service gets the load: the name of a service. */
  readonly service: string;
  /** Connections an instance, each with one request in flight. */
  readonly connections: number;
  readonly timeoutSeconds: number;
  /** Sent once a connection before the load; null for none. Its spans are thrown away. */
  readonly login: RequestTemplate | null;
  readonly requests: readonly RequestTemplate[];
  /** Requests with `writes: true` are sent at most so often an instance in the measured stretch. */
  readonly maxWrites: number;
  readonly seed: number;
  /** Folder that file names in variables and bodies are relative to. */
  readonly directory: string;
}

export interface Rounds {
  readonly count: number;
  /** Instances a round. */
  readonly instances: number;
  readonly durationSeconds: number;
  readonly warmUp:
    | { readonly kind: 'auto'; readonly atMostSeconds: number }
    | { readonly kind: 'fixed'; readonly seconds: number };
  /** Wall time of the whole run; no further round is begun once it is used up. */
  readonly budgetSeconds: number;
  /** Where two builds are measured together. */
  readonly together: TogetherRounds;
}

/** How two builds are measured together: a screening stage, and a confirming stage where something looks worse. */
export interface TogetherRounds {
  /** Instances a round of each build; `auto`: as many as memory and start-up time allow, at most the default. */
  readonly instances: number | 'auto';
  /** Rounds of the screening stage, and of the confirming one. */
  readonly screen: number;
  readonly confirm: number;
  /** Rounds in all at most, where rows stay open. */
  readonly atMost: number;
  readonly durationSeconds: number;
  /** Absent: that of the rounds of one build. */
  readonly warmUp?: Rounds['warmUp'];
  /** Wall time of both stages; set-up of the builds is not counted. No further round is begun once it is used up. */
  readonly budgetSeconds: number;
  /** The concurrency probe that ends a stage; null: none. */
  readonly probe: { readonly connections: number; readonly slotSeconds: number } | null;
}

export interface BaselineStore {
  readonly kind: 'file' | 'git-ref';
  /** Absolute. Of `git-ref`: where its runs are put while a command works with them. */
  readonly path: string;
  /** Of `git-ref`: whole names, such as `refs/spangate/baselines` and `origin`. */
  readonly gitRef?: { readonly ref: string; readonly remote: string };
  /** A baseline older than this is reported as old. */
  readonly maxAgeSeconds: number;
  /** Runs that are kept of each kind of machine, in a folder beside the file; 0: none are. */
  readonly history: number;
  /** A commit, a tag or a date that every measurement is compared with as well. */
  readonly anchor?: string;
}

export interface Scenario {
  readonly name: string;
  /**
   * Absolute files and folders: side by side, the scenario is measured only where one of them differs from base.
   * Absent: wherever anything differs.
   */
  readonly paths?: readonly string[];
  readonly services: readonly Service[];
  readonly dependencies: readonly Dependency[];
  /** Absent: none. */
  readonly receivers?: Receivers;
  /** Resource attributes that services are split by; absent: none. */
  readonly splitBy?: readonly string[];
  readonly load: Load;
  readonly rounds: Rounds;
  readonly policy: Policy;
  readonly baseline: BaselineStore;
  /** Absent: logs are not read. */
  readonly logs?: Logs;
  /** Absent: none. */
  readonly renames?: readonly SpanRename[];
  /** What the configuration says; absent: nothing. */
  readonly coverage?: Coverage;
}

/**
 * What the baseline leads one to expect of spans, and is not there.
 * - `missing`: a service without any span, or a call whose two ends are apart now
 * - `renamed`: by an entry of `renames`
 * - `collapsed`: several span names became one
 * - `under-sampled`: spans of a called service come of fewer of its calls
 * - `no-server-span`: an operation that only its clients see
 * - `error-without-status`: failed answers that no span calls an error
 * - `log-without-trace`: log lines that lost their trace ids
 * - `names-multiply`: far more span names of a service
 */
export type CoverageState =
  | 'missing'
  | 'renamed'
  | 'collapsed'
  | 'under-sampled'
  | 'no-server-span'
  | 'error-without-status'
  | 'log-without-trace'
  | 'names-multiply';

export type Coverage = Readonly<Partial<Record<CoverageState, Level>>>;

/** A span that the baseline has under another name. */
export interface SpanRename {
  readonly from: string;
  readonly to: string;
  /** Null: of any service. */
  readonly service: string | null;
}

export interface Config {
  /** Absolute path of the file; null where the configuration was made in code. */
  readonly file: string | null;
  readonly scenarios: readonly Scenario[];
  /** True but not decisive: what the file allows and the user may not have meant. */
  readonly warnings?: readonly ConfigWarning[];
}

export interface ConfigWarning {
  /** Stable, in kebab case. */
  readonly code: string;
  /** Whole sentences, with the place in the file. */
  readonly message: string;
}
