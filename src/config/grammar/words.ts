/** Words, numbers and texts that several sections have. */

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

/**
 * @title the name of a resource attribute, such as cloud.region
 * @pattern ^[A-Za-z][A-Za-z0-9._-]{0,99}$
 */
export type AttributeName = string;
