/** `limits`: what fails, what warns, what is waived. */
import type {
  AttributeMap,
  Day,
  Duration,
  LevelWord,
  Name,
  NonNegativeNumber,
  Percentage,
  QuantityWords,
  Reason,
} from './words.ts';

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
  /** Attributes of the resource that the service is split by (`telemetry.split-by`); rows of spans that have all of them. */
  resource?: AttributeMap;
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
