/**
 * What a user may write in `spangate.yml`: one type for each section, in the words and units of the file.
 * `schemas/config.schema.json` is generated from these types and `docs/configuration.md` from the schema, so the
 * comments here are read by users; `@title` says what is expected where something else was found.
 * `config-normalise.ts` turns this form into the one of `config.ts`.
 */

/**
 * The file `spangate.yml` (or `.yaml`, `.json`). A start command and one request are enough. Text values may hold
 * `${NAME}`, which is replaced by the environment variable of that name (upper case; `${NAME:-text}` gives a
 * default, `$${NAME}` is left as `${NAME}`). Paths are relative to the folder of the file.
 *
 * @title a mapping with services and load
 */
export interface ConfigFile extends ScenarioSection {
  /** The schema of this file, for editors. */
  $schema?: string;
  /**
   * Several scenarios in one file, by name. Each may hold all of the other sections: mappings extend those above
   * key by key, lists and single values replace them, and `limits.rules` and `limits.waivers` are added after those above. Without
   * `scenarios` there is one, named `default`.
   *
   * @propertyNames { "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]*$", "title": "a name of letters, digits, dots, underscores and hyphens" }
   */
  scenarios?: Record<string, ScenarioSection>;
}

/** @title a scenario: a mapping of services, dependencies, load, rounds, limits and baseline */
export interface ScenarioSection {
  /**
   * The services under test, by name. The name becomes OpenTelemetry's `service.name`.
   *
   * @minProperties 1
   * @propertyNames { "pattern": "^[A-Za-z0-9][A-Za-z0-9_-]*$", "title": "a name of letters, digits, underscores and hyphens" }
   * @examples [{ "api": "node server.js" }]
   */
  services?: Record<string, ServiceEntry>;
  /**
   * What the services need and what is not measured: databases, brokers, stubs, by name.
   *
   * @propertyNames { "pattern": "^[A-Za-z0-9][A-Za-z0-9_-]*$", "title": "a name of letters, digits, underscores and hyphens" }
   */
  dependencies?: Record<string, DependencyEntry>;
  /**
   * Fixed addresses at which spans are received by OTLP: for services with a `url`, which spangate cannot tell where to
   * send them. Services that spangate starts need none.
   */
  receivers?: ReceiversSection;
  /** What is sent, and how. */
  load?: LoadSection;
  /** How often and how long is measured. */
  rounds?: RoundsSection;
  /** What is flagged, and what fails. */
  limits?: LimitsSection;
  /** Where the baseline is kept. */
  baseline?: BaselineSection;
  /**
   * Files and folders that the scenario depends on, such as those of its services and of the packages that they use.
   * Against another commit it is measured only where one of them, or this file, differs; else it ends `skipped`.
   * Without `paths`, any file of the repository counts.
   *
   * @minItems 1
   * @examples [["services/orders", "packages/money", "package-lock.json"]]
   */
  paths?: FilePath[];
  /** What is kept of the logs of the services; `false`: logs are not read at all. */
  logs?: LogsEntry;
  /**
   * Metrics that become rows of the gate, by their name in reports.
   *
   * @propertyNames { "pattern": "\\S", "title": "a name" }
   * @examples [{ "queue length": { "metric": "app.queue.length", "attributes": { "queue": "mail" }, "limit": "20%" } }]
   */
  metrics?: Record<string, MetricEntry>;
  /**
   * Spans that have another name than in the baseline: the old name, then the new one. Their rows go on where they were.
   *
   * @propertyNames { "pattern": "\\S", "title": "a name" }
   * @examples [{ "load order": "fetch order", "query": { "to": "select", "service": "inventory" } }]
   */
  renames?: Record<string, RenameEntry>;
  /**
   * What is done where spans, statuses or trace ids that the baseline leads one to expect are not there: a level for all
   * states, or one for each.
   *
   * @default "warn"
   */
  coverage?: CoverageEntry;
}

/** @title a level: off, warn or fail, or a mapping of states to levels */
export type CoverageEntry = LevelWord | CoverageSection;

/**
 * `warn` says it in every report, `fail` makes the gate fail, `off` says nothing. What is not named here is `warn`.
 *
 * @title a mapping of states to levels
 */
export interface CoverageSection {
  /** A service none of whose spans comes any more, or a call whose two spans are apart now. Single spans: `limits.removed`. */
  missing?: LevelWord;
  /** Spans that are compared under a new name, since `renames` says so. */
  renamed?: LevelWord;
  /** Several span names that became one, as where a route template is lost. */
  collapsed?: LevelWord;
  /** Spans of a called service that come of fewer of the calls to it. */
  'under-sampled'?: LevelWord;
  /** An operation without a server span, such as a new route that nobody instrumented. */
  'no-server-span'?: LevelWord;
  /** Answers of 500 and more that no span calls an error. */
  'error-without-status'?: LevelWord;
  /** WARN and ERROR log records that name no trace, where those of the baseline did. */
  'log-without-trace'?: LevelWord;
  /** Twice as many span names of a service, and ten more. */
  'names-multiply'?: LevelWord;
}

/** @title the new name of the span, or a mapping of `to` and `service` */
export type RenameEntry = Name | RenameSection;

/** @title a mapping of `to` and `service` */
export interface RenameSection {
  /** The new name. */
  to: Name;
  /** The service that makes the span; needed where another one goes on to use the old name. */
  service?: Name;
}

/** @title `false`, or a mapping of `keep` and `redact` */
export type LogsEntry = false | LogsSection;

/** @title a mapping of `keep` and `redact` */
export interface LogsSection {
  /**
   * Failed traces, slowest traces, and traces with an ERROR record, so many of each operation and instance, whose log
   * lines are kept for the report. 0: none are, nor what exceptions say; records are counted all the same.
   *
   * @default 2
   */
  keep?: KeptTraces;
  /**
   * Regular expressions (RE2: no look-around and no back references) of what is taken out of the lines that are kept,
   * and out of what exceptions say, besides passwords, tokens, authorization headers, cookies, keys, card numbers and e-mail addresses, which always
   * are.
   *
   * @maxItems 100
   * @examples [["cust-\\d+"]]
   */
  redact?: RegularExpression[];
}

/** @title a metric: a limit, or a mapping of `metric`, `service`, `attributes`, `value` and `limit` */
export type MetricEntry = LevelWord | Percentage | MetricSection;

/**
 * A metric that the service reports by OpenTelemetry: by its own SDK, or by what is brought to every Node service (a
 * measurement of `spangate run -o` lists those). Where its limit is all there is to say, that takes the place of the
 * mapping, and the key is the name of the metric.
 *
 * @title a mapping of `metric`, `service`, `attributes`, `value` and `limit`
 */
export interface MetricSection {
  /** Name of the metric. The default is the key. */
  metric?: Name;
  /** The service that reports it; needed where several report one of that name. */
  service?: Name;
  /** Attributes that its data points must have. All that have them are taken together. */
  attributes?: AttributeMap;
  /**
   * `per-request`: what a counter grew by, or a histogram recorded, for each request; `per-second`: the same in a
   * second; `mean`, `max`, `p50`, `p90`, `p95`, `p99`: of what a gauge read or a histogram recorded. `auto`:
   * `per-request` of a counter, `mean` of all others.
   *
   * @default "auto"
   */
  value?: 'auto' | 'mean' | 'max' | 'per-request' | 'per-second' | 'p50' | 'p90' | 'p95' | 'p99';
  /** How much it may grow. The default is `metric` under `limits`. */
  limit?: MetricLimit;
}

/** @title a start command, or a mapping with `start` */
export type ServiceEntry = Command | ServiceSection;

/** @title a start command, or a mapping with `start` */
export type DependencyEntry = Command | DependencySection;

/**
 * A service. Where its start command is all there is to say, that takes the place of the mapping.
 *
 * @title a mapping with `start`
 */
export interface ServiceSection {
  /** Run once before the first round, for instance a build. */
  setup?: Command;
  /**
   * Starts the service, in a shell. The service gets a free port in `PORT`; `${port}` stands for the same one.
   *
   * @examples ["node dist/server.js", "npm start", "node server.js --port ${port}"]
   */
  start?: Command;
  /**
   * In place of `start`: where a service is that runs already. It is neither started nor stopped; before each round it
   * has to answer (`ready`). All instances, and both of two builds, share it. Its spans arrive where it sends them to
   * one of the `receivers`.
   *
   * @examples ["http://127.0.0.1:8080"]
   */
  url?: ServiceUrl;
  /**
   * When the service counts as started.
   *
   * @default "tcp"
   */
  ready?: ReadyCheck;
  /**
   * How long it may take until then.
   *
   * @default "60s"
   */
  'start-timeout'?: Duration;
  /**
   * How long it may take to end by SIGTERM, before SIGKILL.
   *
   * @default "10s"
   */
  'stop-timeout'?: Duration;
  /**
   * Folder in which the commands run.
   *
   * @default "."
   */
  directory?: FolderPath;
  /** Environment variables for its commands, besides those of the shell that are not secret. */
  env?: EnvMap;
  /**
   * Where spans come from. `preload` loads OpenTelemetry into the Node processes of the service; `otlp` receives what
   * the service's own OpenTelemetry SDK sends, in any language; `auto` takes either, and each span once; `console` reads
   * what a ConsoleSpanExporter (Node, Python) prints.
   *
   * @default "auto"
   */
  telemetry?: 'auto' | 'preload' | 'otlp' | 'console';
  /**
   * Brings OpenTelemetry to a service that has none, without touching it: `python` from a folder of packages beside the
   * service's own, `java` by the OpenTelemetry agent; `auto` finds out which of them, and does nothing where the start
   * command does it already. Node services need no word here: see `telemetry`. The default is to bring nothing.
   *
   * @examples ["auto", "python", "java", { "python": ".venv/bin/python" }, { "java": "tools/opentelemetry-javaagent.jar" }]
   */
  instrument?: 'auto' | 'python' | 'java' | InstrumentSection;
}

/**
 * Spans that arrive here belong to the instance, and the build, whose request their trace began with.
 *
 * @title a mapping of `http-port`, `grpc-port`, `host` and `settle`
 */
export interface ReceiversSection {
  /**
   * Port of OTLP/HTTP.
   *
   * @examples [4318]
   */
  'http-port'?: Port;
  /**
   * Port of OTLP/gRPC.
   *
   * @examples [4317]
   */
  'grpc-port'?: Port;
  /**
   * Address that is listened on. `0.0.0.0` lets containers send, and everybody who reaches the machine.
   *
   * @default "127.0.0.1"
   */
  host?: HostName;
  /**
   * How long spans are waited for behind the load of each round. SDKs send every 5 s unless OTEL_BSP_SCHEDULE_DELAY
   * says otherwise.
   *
   * @default "6s"
   */
  settle?: Duration;
}

/**
 * @title a mapping with `python` or `java`
 * @minProperties 1
 */
export interface InstrumentSection {
  /** The interpreter that runs the service, where the start command does not show it; relative to its folder. */
  python?: InstrumentPath;
  /** The agent's jar, where it is not to be fetched; relative to the folder of the service. */
  java?: InstrumentPath;
}

/**
 * Relative to the folder of the service, or absolute.
 *
 * @title the path of a file
 * @pattern \S
 */
export type InstrumentPath = string;

/**
 * Something that a service needs. Its commands get `PORT` and the names of the instance and of its database in
 * `SPANGATE_INSTANCE` and `SPANGATE_DATABASE`; `${port}`, `${instance}` and `${database}` stand for the same.
 *
 * @title a mapping with `start`
 */
export interface DependencySection {
  /** Serves until it is stopped. Leave it out where the dependency runs already. */
  start?: Command;
  /**
   * When it counts as started.
   *
   * @default "tcp"
   */
  ready?: ReadyCheck;
  /**
   * How long it may take until then.
   *
   * @default "60s"
   */
  'start-timeout'?: Duration;
  /**
   * Folder in which the commands run.
   *
   * @default "."
   */
  directory?: FolderPath;
  /** Environment variables for its commands. */
  env?: EnvMap;
  /**
   * `per-instance`: one server with one database an instance; `shared`: one database for all instances; `per-arm`:
   * where two builds are measured together, one server for each of them, else as `shared`. The default is
   * `per-instance` as soon as there is a `migrate`, `seed` or `reset`, or a request with `writes: true`, and `shared`
   * otherwise.
   */
  scope?: 'shared' | 'per-instance' | 'per-arm';
  /** Makes the schema, once before the first round; with `per-instance`, in the template of the databases. */
  migrate?: Command;
  /** Fills in data, once before the first round, behind `migrate`. */
  seed?: Command;
  /** Restores the starting state, before every round and for every instance. */
  reset?: Command;
  /** Prints a fingerprint of the starting state; a round that starts from another one is invalid. */
  state?: Command;
}

/**
 * `tcp`: the port accepts a connection; a path such as `/healthz`: it answers with a status from 200 to 399;
 * `{ log: pattern }`: a line of its output matches the regular expression.
 *
 * @title `tcp`, a path such as /healthz, or a mapping with `log`
 */
export type ReadyCheck = 'tcp' | UrlPath | LogCheck;

/** @title a mapping with `log` */
export interface LogCheck {
  /** Regular expression, in JavaScript's syntax. */
  log: RegularExpression;
}

export interface LoadSection {
  /** The service that gets the load. The default is the first one. */
  service?: string;
  /**
   * A command of yours that sends the load in place of `requests`, run in a shell for each instance;
   * docs/load-command.md says what it gets and how it reports what it sent. Within `timeout` behind its duration it has
   * to end, and within `timeout` behind that its messages have to be done.
   *
   * @examples ["node load/send-orders.js"]
   */
  command?: Command;
  /** Calls of gRPC in place of `requests`: closed, each connection with one call in flight. */
  grpc?: GrpcSection;
  /**
   * `interleaved`: a fixed number of requests in flight over all instances together; `closed`: each connection of
   * each instance sends its next request when the last one was answered; `open`: requests are due at times of their
   * own. `auto`: `interleaved` where two builds are measured together, else `closed`.
   *
   * @default "auto"
   */
  model?: 'auto' | 'interleaved' | 'closed' | 'open';
  /**
   * Of `interleaved`: requests in flight over all instances together. `auto`: one less than
   * cores, at least one, so that the load generator has a core of its own.
   *
   * @default "auto"
   */
  'in-flight'?: 'auto' | Connections;
  /**
   * Of `open`: requests a second over all instances together.
   *
   * @examples ["200/s"]
   */
  rate?: Rate;
  /**
   * Of `open`: `poisson` as of strangers who know nothing of one another, `uniform` at equal distances.
   *
   * @default "poisson"
   */
  arrivals?: 'poisson' | 'uniform';
  /**
   * Connections an instance, each with one request in flight. Few are best: the more, the more the noise.
   *
   * @default 2
   */
  connections?: Connections;
  /**
   * A request that takes longer has failed.
   *
   * @default "10s"
   */
  timeout?: Duration;
  /** Sent once a connection, before the load. What it saves can be used by all requests. */
  login?: LoginSection;
  /**
   * The requests. Each is sent in proportion to its weight.
   *
   * @minItems 1
   * @maxItems 1000
   * @examples [[{ "name": "list orders", "GET": "/orders?page=${int(1,50)}", "weight": 8 }, { "POST": "/orders", "body": { "sku": "${csv(skus.csv).sku}", "key": "${uuid}" }, "expect": 201, "writes": true }]]
   */
  requests?: RequestSection[];
  /**
   * Requests with `writes: true` are sent at most so often an instance in the measured stretch, so that every
   * instance ends with as much data.
   *
   * @default 200
   */
  'max-writes'?: PositiveInteger;
  /**
   * Seed of the values of variables and of the order of requests.
   *
   * @default 1
   */
  seed?: Seed;
}

/** @title a mapping of `proto`, `calls` and `include` */
export interface GrpcSection {
  /** The file that describes the methods. */
  proto?: FilePath;
  /** Folders in which its imports are looked for, besides its own. */
  include?: FolderPath[];
  /**
   * Unary calls. Each is sent in proportion to its weight.
   *
   * @minItems 1
   * @maxItems 1000
   * @examples [[{ "method": "shop.Orders/Get", "message": { "id": "${int(1,50)}" } }]]
   */
  calls?: GrpcCallSection[];
}

/** @title a mapping of `method` and `message` */
export interface GrpcCallSection {
  /** Package, service and method. */
  method?: GrpcMethod;
  /** Name in reports and rules; unique. The default is the method. */
  name?: Name;
  /**
   * The message, fields as in the proto file. Text may hold variables as in requests; a value that is `${int(1,9)}` and
   * nothing else becomes a number.
   */
  message?: Record<string, unknown>;
  /** Metadata, besides `traceparent`. */
  metadata?: HeaderMap;
  /**
   * How often it is sent, in proportion to the others; 0 leaves it out.
   *
   * @default 1
   */
  weight?: Weight;
  /**
   * Whether it changes data; see `requests`.
   *
   * @default false
   */
  writes?: boolean;
}

/**
 * What is sent. Exactly one method is given, with its path. Text may hold variables: `${int(1,50)}`, `${uuid}`,
 * `${choice(a,b)}`, `${csv(file.csv).column}`, and names of fields that were saved before, such as `${token}`.
 *
 * @title a mapping with one method and its path, such as `GET: /orders`
 */
export interface LoginSection {
  /** Name in messages. The default is method and path. */
  name?: Name;
  GET?: UrlPath;
  HEAD?: UrlPath;
  POST?: UrlPath;
  PUT?: UrlPath;
  PATCH?: UrlPath;
  DELETE?: UrlPath;
  OPTIONS?: UrlPath;
  /** Headers, besides those that every request has. */
  headers?: HeaderMap;
  /**
   * A mapping or a list is sent as JSON, with a content-type to match unless `headers` has one; in it, a value that is
   * `${int(1,9)}` and nothing else becomes a number. Text is sent as it is.
   */
  body?: Body;
  /** File with the body. Its variables are filled in too. */
  'body-file'?: FilePath;
  /** Statuses that are right; any other counts as an error. The default is 200 to 399. */
  expect?: ExpectedStatus;
  /**
   * Fields of the JSON answer that are kept for later requests of the same connection.
   *
   * @propertyNames { "pattern": "^(?![A-Z0-9_]+$)[A-Za-z_][A-Za-z0-9_]*$", "title": "the name of a variable: letters, digits and underscores, not all in upper case" }
   * @examples [{ "token": "$.access_token" }]
   */
  save?: Record<string, JsonPath>;
}

/**
 * A request of the load. Exactly one method is given, with its path. Text may hold variables: `${int(1,50)}`,
 * `${uuid}`, `${choice(a,b)}`, `${csv(file.csv).column}`, and names of fields that were saved before, such as `${token}`.
 *
 * @title a mapping with one method and its path, such as `GET: /orders`
 */
export interface RequestSection extends LoginSection {
  /** Name in reports and rules; unique. The default is method and path, such as `GET /orders`. */
  name?: Name;
  /**
   * How often it is sent, in proportion to the others; 0 leaves it out.
   *
   * @default 1
   */
  weight?: Weight;
  /**
   * Whether it changes data. Such requests are sent equally often to every instance, and not without end
   * (`max-writes`).
   *
   * @default false
   */
  writes?: boolean;
}

export interface RoundsSection {
  /**
   * Rounds. Each starts fresh instances.
   *
   * @default 4
   */
  count?: RoundCount;
  /**
   * Instances a round. With one, only counts and errors can fail the gate, since nothing then says how much one
   * start differs from the next. `auto` is 2.
   *
   * @default "auto"
   */
  instances?: 'auto' | InstanceCount;
  /**
   * Measured stretch of a round.
   *
   * @default "8s"
   */
  duration?: Duration;
  /**
   * Load that is thrown away before it. `auto` goes on until every instance had 500 requests and the median latency
   * stands still, or `max-warm-up` is reached.
   *
   * @default "auto"
   */
  'warm-up'?: 'auto' | Duration;
  /**
   * Longest warm-up where `warm-up` is `auto`.
   *
   * @default "20s"
   */
  'max-warm-up'?: Duration;
  /**
   * Wall time of the whole run; no further round is begun once it is used up. The default is what the rounds need at
   * most: count × (duration + longest warm-up + 10s), rounded up to whole minutes, at least 2m.
   */
  budget?: Duration;
  /** Where two builds are measured side by side (`gate --against`, `ab`). */
  together?: TogetherSection;
}

/** Rounds in which instances of two builds run side by side. Their warm-up is that of `rounds`. */
export interface TogetherSection {
  /**
   * Instances of each build in a round. `auto`: 4, fewer where memory or the time that starts take does not allow it.
   *
   * @default "auto"
   */
  instances?: 'auto' | SideInstances;
  /**
   * Rounds after which a build that looks no worse may pass.
   *
   * @default 1
   */
  screen?: RoundCount;
  /**
   * Further rounds that confirm what looks worse.
   *
   * @default 2
   */
  confirm?: RoundCount;
  /**
   * Rounds at most, where something stays undecided; at least `screen` and `confirm` together.
   *
   * @default 5
   */
  'at-most'?: RoundCount;
  /**
   * Measured stretch of a round.
   *
   * @default "24s"
   */
  duration?: Duration;
  /**
   * Wall time of all rounds; none is begun once it is used up. Set-up is not counted. Longer rounds have a longer
   * default: at-most × (duration + 10s), rounded up to whole minutes.
   *
   * @default "4m"
   */
  budget?: Duration;
  /**
   * The concurrency probe, which loads one instance after the other by several connections at the end of a round;
   * `false` for none.
   */
  probe?: false | ProbeSection;
}

/** @title a mapping of `connections` and `slot` */
export interface ProbeSection {
  /**
   * Connections to the instance that is loaded, each with one request in flight.
   *
   * @default 8
   */
  connections?: Connections;
  /**
   * How long each instance is loaded.
   *
   * @default "1s"
   */
  slot?: Duration;
}

/** One limit for each quantity. */
export interface QuantityLimits {
  /** Median duration of a span, and latency of a request. */
  p50?: TimeLimit;
  /** 90 % take no longer. */
  p90?: TimeLimit;
  /** 95 % take no longer. */
  p95?: TimeLimit;
  /** 99 % take no longer. Far noisier than the others. */
  p99?: TimeLimit;
  /** Mean self time of a span: its duration less what its children cover. */
  self?: TimeLimit;
  /** Share of spans, or of requests, that fail. */
  'error-rate'?: ErrorRateLimit;
  /** Calls of a span in a request. */
  calls?: CallsLimit;
  /** Requests a second that a service answered. */
  throughput?: ThroughputLimit;
  /** ERROR and FATAL log records of a service in a request. */
  'error-logs'?: LogLimit;
  /** WARN log records of a service in a request. */
  'warn-logs'?: LogLimit;
}

export interface ProfileChoice {
  /**
   * Where the limits begin; the table of profiles is in docs/configuration.md.
   *
   * @default "standard"
   */
  profile?: 'standard' | 'strict' | 'relaxed';
}

export interface LimitsSection extends QuantityLimits, ProfileChoice {
  /** Metrics named under `metrics` that have no limit of their own. */
  metric?: MetricLimit;
  /** Other limits for some rows. Every rule that matches a row is applied, in order: a later one wins. */
  rules?: RuleSection[];
  /** Regressions that are accepted: shown in every report, and no reason to fail. */
  waivers?: WaiverSection[];
  /** A span name that the baseline does not have. The default is the profile's. */
  added?: LevelWord;
  /** A span name that only the baseline has. The default is the profile's. */
  removed?: LevelWord;
  /** A span whose calls fell to less than a tenth. The default is the profile's. */
  collapsed?: LevelWord;
  /**
   * What several requests at once show, in the probe that ends a gate against another build: throughput, latency, waits for connections, errors.
   *
   * @default "fail"
   */
  concurrency?: LevelWord;
  /**
   * Exit with 4 instead of 0 where the result is inconclusive.
   *
   * @default false
   */
  strict?: boolean;
  /**
   * Exit with 4 instead of 0 where there is no baseline to compare with.
   *
   * @default false
   */
  'require-baseline'?: boolean;
}

/** Which rows a rule is about. */
export interface RowMatch {
  /** Name of the request. */
  operation?: Name;
  /** Name of the span. */
  span?: Name;
  /** Name of the service that made the span. */
  service?: Name;
  /** `internal`, `server`, `client`, `producer` or `consumer`. */
  kind?: Name;
}

/**
 * Limits for the rows that match all of `operation`, `span`, `service` and `kind`. In these, `*` stands for any
 * characters.
 *
 * @title a rule: a mapping such as `{ span: "pg.*", p50: 10% }`
 * @examples [{ "span": "pg.*", "p50": { "warn": "3%", "fail": "10%", "at-least": "0.2ms" } }]
 */
export interface RuleSection extends QuantityLimits, RowMatch {}

/**
 * An accepted regression: one row, named exactly (`*` stands for itself), or the row of a span in every operation
 * where `operation` is left out. It is measured, judged and shown, and does not fail the gate until `expires` is over.
 *
 * @title a waiver: a mapping of `quantity`, `span` or `operation`, `reason` and `expires`
 * @examples [{ "operation": "list orders", "span": "pg.query SELECT orders", "quantity": "p50", "reason": "the index moved to the replica", "expires": "2026-12-31" }]
 */
export interface WaiverSection {
  /** Exact name of the request. Without a `span`, the rows that the load client measured. */
  operation?: Name;
  /** Exact name of the span; with `quantity: metric` that of the metric. */
  span?: Name;
  /** The service that made the span, or the log records; needed where several do and only one is accepted. */
  service?: Name;
  /** What is accepted, one or a list. */
  quantity?: QuantityWords;
  /** `concurrency` for a row of the concurrency probe; a row under the load itself otherwise. */
  under?: 'concurrency';
  /** Why; every report prints it. */
  reason?: Reason;
  /** Last day on which it counts, in UTC. */
  expires?: Day;
}

/**
 * A level, the smallest slow-down that fails, or a mapping of all parts.
 *
 * @title a level (off, warn, fail), a percentage such as 10%, or a mapping of `warn`, `fail`, `at-least` and `level`
 */
export type TimeLimit = LevelWord | Percentage | TimeLimitParts;

/** @title a mapping of `warn`, `fail`, `at-least` and `level` */
export interface TimeLimitParts extends ShareParts {
  /** Smallest shift that is flagged, whatever its percentage. */
  'at-least'?: Duration;
}

/**
 * A level, the smallest growth that fails, or a mapping of all parts. Where requests of the same content make
 * different numbers of calls, a growth has to be larger, whatever the limit.
 *
 * @title a level (off, warn, fail), a percentage such as 10%, or a mapping of `warn`, `fail`, `at-least` and `level`
 */
export type CallsLimit = LevelWord | Percentage | CallsLimitParts;

/** @title a mapping of `warn`, `fail`, `at-least` and `level` */
export interface CallsLimitParts extends ShareParts {
  /** Smallest shift that is flagged, in calls a request. */
  'at-least'?: NonNegativeNumber;
}

/**
 * A level, the smallest drop that fails, or a mapping of all parts.
 *
 * @title a level (off, warn, fail), a percentage such as 10%, or a mapping of `warn`, `fail`, `at-least` and `level`
 */
export type ThroughputLimit = LevelWord | Percentage | ThroughputLimitParts;

/** @title a mapping of `warn`, `fail`, `at-least` and `level` */
export interface ThroughputLimitParts extends ShareParts {
  /** Smallest shift that is flagged, in requests a second. */
  'at-least'?: NonNegativeNumber;
}

/**
 * A level, or the smallest rise that is flagged, in points: `0.5%` is from 1 % to 1.5 %.
 *
 * @title a level (off, warn, fail), a rise in points such as 0.5%, or a mapping of `at-least` and `level`
 */
export type ErrorRateLimit = LevelWord | Percentage | ErrorRateLimitParts;

/** @title a mapping of `at-least` and `level` */
export interface ErrorRateLimitParts {
  level?: LevelWord;
  /** Smallest rise that is flagged, in points. */
  'at-least'?: Percentage;
}

/**
 * A level, the smallest rise that is flagged, or a mapping of both.
 *
 * @title a level (off, warn, fail), a number of records a request such as 0.01, or a mapping of `at-least` and `level`
 */
export type LogLimit = LevelWord | NonNegativeNumber | LogLimitParts;

/** @title a mapping of `at-least` and `level` */
export interface LogLimitParts {
  level?: LevelWord;
  /** Smallest rise that is flagged, in records a request. */
  'at-least'?: NonNegativeNumber;
}

/**
 * A level, the smallest growth that fails, or a mapping of all parts.
 *
 * @title a level (off, warn, fail), a percentage such as 10%, or a mapping of `warn`, `fail`, `at-least` and `level`
 */
export type MetricLimit = LevelWord | Percentage | MetricLimitParts;

/** @title a mapping of `warn`, `fail`, `at-least` and `level` */
export interface MetricLimitParts extends ShareParts {
  /** Smallest shift that is flagged, in the unit of the metric. */
  'at-least'?: NonNegativeNumber;
}

export interface ShareParts {
  /** A row beyond its limit: `off` is shown only, `warn` is flagged, `fail` fails the gate. */
  level?: LevelWord;
  /** Smallest effect that warns, of the baseline's value. */
  warn?: Percentage;
  /** Smallest effect that fails, of the baseline's value. */
  fail?: Percentage;
}

export interface BaselineSection {
  /**
   * `file`: a file, usually in the repository. `git-ref`: a ref of the remote repository that belongs to no branch;
   * `baseline record` pushes to it, and any clone, however shallow, reads it.
   *
   * @default "file"
   */
  store?: 'file' | 'git-ref';
  /**
   * Of `git-ref`: the whole name of the ref.
   *
   * @default "refs/spangate/baselines"
   * @examples ["refs/spangate/baselines", "refs/heads/spangate-baselines"]
   */
  ref?: RefName;
  /**
   * Of `git-ref`: the remote that has it.
   *
   * @default "origin"
   */
  remote?: RemoteName;
  /**
   * The file. `${scenario}` stands for the scenario's name. The default is `.spangate/baseline.json`, and
   * `.spangate/${scenario}.baseline.json` where there are several scenarios.
   *
   * @default ".spangate/baseline.json"
   */
  path?: FilePath;
  /**
   * A baseline that is older is reported as old.
   *
   * @default "30d"
   */
  'max-age'?: Duration;
  /**
   * Runs that are kept of each kind of machine, in a folder beside the file (`baseline.history`). From ten on, times
   * are judged by them. 0: only the file is kept.
   *
   * @default 50
   */
  history?: RunCount;
  /**
   * A fixed point in the past: a tag, a commit or a date (`2026-10-01`). What has grown since then by steps too small
   * to fail is reported. Its run is never removed.
   */
  anchor?: Anchor;
}

/**
 * `off`: shown only; `warn`: flagged; `fail`: fails the gate.
 *
 * @title a level: off, warn or fail
 */
export type LevelWord = 'off' | 'warn' | 'fail';

/** @title a quantity such as p50, or a list of them */
export type QuantityWords = QuantityWord | QuantityWord[];

/** @title a quantity: p50, p90, p95, p99, self, error-rate, calls, throughput, error-logs, warn-logs or metric */
export type QuantityWord =
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

/**
 * @title a day such as 2026-12-31
 * @pattern ^\d{4}-\d{2}-\d{2}$
 */
export type Day = string;

/**
 * @title a reason in words
 * @pattern \S
 */
export type Reason = string;

/**
 * A number and a unit: `us`, `ms`, `s`, `m` (minutes), `h` or `d`; also several, as in `1m30s`.
 *
 * @title a duration such as 250ms, 8s, 2m or 30d
 * @pattern ^(\d+(\.\d+)?(us|µs|ms|s|m|h|d))+$
 */
export type Duration = string;

/**
 * A number and `%`.
 *
 * @title a percentage such as 3% or 2.5%
 * @pattern ^\d+(\.\d+)? ?%$
 */
export type Percentage = string;

/**
 * A command line for the shell (`sh`, on Windows `cmd`).
 *
 * @title a command, such as `node server.js`
 * @pattern \S
 */
export type Command = string;

/**
 * Path and query of a URL; the address of the service is put before it.
 *
 * @title a path that begins with /
 * @pattern ^(/|\$\{)
 */
export type UrlPath = string;

/**
 * Scheme, host and port.
 *
 * @title a URL such as http://127.0.0.1:8080
 * @pattern ^https?://[^\s/]
 */
export type ServiceUrl = string;

/**
 * @title a method such as shop.Orders/Get
 * @pattern ^[A-Za-z_][\w.]*[/][A-Za-z_]\w*$
 */
export type GrpcMethod = string;

/**
 * @title a port from 1 to 65535
 * @asType integer
 * @minimum 1
 * @maximum 65535
 */
export type Port = number;

/**
 * @title an address such as 127.0.0.1
 * @pattern ^[\w.:-]+$
 */
export type HostName = string;

/**
 * Relative to the folder of the configuration file, or absolute.
 *
 * @title the path of a folder
 * @pattern \S
 */
export type FolderPath = string;

/**
 * Relative to the folder of the configuration file, or absolute.
 *
 * @title the path of a file
 * @pattern \S
 */
export type FilePath = string;

/**
 * @title a regular expression
 * @pattern \S
 */
export type RegularExpression = string;

/**
 * @title a name
 * @pattern \S
 */
export type Name = string;

/**
 * Where a field is in a JSON answer: `$`, then names and positions.
 *
 * @title a path such as $.items[0].id
 * @pattern ^\$(\.[A-Za-z_][\w-]*|\[\d+\]|\["[^"]+"\]|\['[^']+'\])+$
 */
export type JsonPath = string;

/**
 * @title a mapping of names to values
 * @propertyNames { "pattern": "^[A-Za-z_][A-Za-z0-9_]*$", "title": "the name of an environment variable" }
 */
export type EnvMap = Record<string, TextValue>;

/** @title a mapping of names to values */
export type AttributeMap = Record<string, TextValue>;

/**
 * @title a whole number from 0 to 20
 * @asType integer
 * @minimum 0
 * @maximum 20
 */
export type KeptTraces = number;

/**
 * @title a mapping of header names to values
 * @propertyNames { "pattern": "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$", "title": "the name of an HTTP header" }
 */
export type HeaderMap = Record<string, TextValue>;

/** @title a text */
export type TextValue = string | number | boolean;

/** @title a text, a mapping or a list */
export type Body = string | Record<string, unknown> | unknown[];

/** @title a status such as 201, or a list of them */
export type ExpectedStatus = Status | Status[];

/**
 * @title a status from 100 to 599
 * @asType integer
 * @minimum 100
 * @maximum 599
 */
export type Status = number;

/**
 * @title a whole number from 1 to 1000
 * @asType integer
 * @minimum 1
 * @maximum 1000
 */
export type Connections = number;

/**
 * Requests a second.
 *
 * @title a rate such as 200/s
 */
export type Rate = RateText | RateNumber;

/**
 * @title a rate such as 200/s
 * @pattern ^\d+(\.\d+)? ?/s$
 */
export type RateText = string;

/**
 * @title a rate such as 200/s
 * @minimum 0
 */
export type RateNumber = number;

/**
 * @title a whole number from 2 to 64
 * @asType integer
 * @minimum 2
 * @maximum 64
 */
export type SideInstances = number;

/**
 * @title a whole number from 1 to 64
 * @asType integer
 * @minimum 1
 * @maximum 64
 */
export type InstanceCount = number;

/**
 * @title a whole number from 1 to 1000
 * @asType integer
 * @minimum 1
 * @maximum 1000
 */
export type RoundCount = number;

/**
 * @title a whole number of at least 1
 * @asType integer
 * @minimum 1
 */
export type PositiveInteger = number;

/**
 * @title a whole number from 0 to 4294967295
 * @asType integer
 * @minimum 0
 * @maximum 4294967295
 */
export type Seed = number;

/**
 * @title a number from 0 to 1000000
 * @minimum 0
 * @maximum 1000000
 */
export type Weight = number;

/**
 * @title a number of at least 0
 * @minimum 0
 */
export type NonNegativeNumber = number;

/**
 * @title the whole name of a ref, such as refs/spangate/baselines
 * @pattern ^refs/[A-Za-z0-9][A-Za-z0-9_-]*(/[A-Za-z0-9][A-Za-z0-9_-]*)+$
 */
export type RefName = string;

/**
 * @title the name of a remote, such as origin
 * @pattern ^[A-Za-z0-9][A-Za-z0-9._-]*$
 */
export type RemoteName = string;

/**
 * @title a whole number from 0 to 500
 * @asType integer
 * @minimum 0
 * @maximum 500
 */
export type RunCount = number;

/**
 * @title a tag, a commit or a date such as `2026-10-01`
 * @pattern \S
 */
export type Anchor = string;
