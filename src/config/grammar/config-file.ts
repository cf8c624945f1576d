/**
 * What a user may write in `spangate.yml`: one type for each section, in the words and units of the file, a file for each
 * part of it. `schemas/config.schema.json` is generated from these types and `docs/configuration.md` from the schema, so
 * the comments here are read by users; `@title` says what is expected where something else was found. `normalise.ts`
 * turns this form into the one of `config.ts`.
 */
import type { BaselineSection } from './baseline.ts';
import type { LimitsSection, MetricLimit } from './limits.ts';
import type { LoadSection } from './load.ts';
import type { RoundsSection } from './rounds.ts';
import type { DependencyEntry, ReceiversSection, ServiceEntry } from './services.ts';
import type {
  AttributeMap,
  AttributeName,
  FilePath,
  KeptTraces,
  LevelWord,
  Name,
  Percentage,
  RegularExpression,
} from './words.ts';

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
   * Fixed addresses at which spans, logs and metrics are received by OTLP: for services with a `url`, which spangate cannot tell where to
   * send them. Services that spangate starts need none.
   */
  receivers?: ReceiversSection;
  /** How spans are told apart. */
  telemetry?: TelemetrySection;
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

/** @title a mapping with `split-by` */
export interface TelemetrySection {
  /**
   * Attributes of OpenTelemetry resources whose value becomes part of the name of the service: spans of
   * `orders{cloud.region=eu}` are rows of their own beside those of `orders{cloud.region=us}`. Rules, waivers and
   * renames for `orders` are for all of them. What differs from start to start, or from build to build, is refused.
   *
   * @minItems 1
   * @maxItems 3
   * @uniqueItems true
   * @examples [["cloud.region"]]
   */
  'split-by'?: AttributeName[];
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
