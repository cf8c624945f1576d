/** `services`, `dependencies` and `receivers`. */
import type {
  Command,
  Duration,
  EnvMap,
  FolderPath,
  HostName,
  Port,
  RegularExpression,
  ServiceUrl,
  UrlPath,
} from './words.ts';

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
 * Spans and log records that arrive here belong to the instance, and the build, whose request their trace began with.
 * Metrics are of all instances of a round together.
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
