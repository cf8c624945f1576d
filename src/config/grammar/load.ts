/** `load`: requests, calls and commands. */
import type {
  Body,
  Command,
  Connections,
  Duration,
  ExpectedStatus,
  FilePath,
  FolderPath,
  GrpcMethod,
  HeaderMap,
  JsonPath,
  Name,
  PositiveInteger,
  Rate,
  Seed,
  UrlPath,
  Weight,
} from './words.ts';

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
