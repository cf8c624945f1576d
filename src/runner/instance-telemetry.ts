/** How the spans of one instance come to spangate: the preload's files, and a receiver for what SDKs send by OTLP. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scenario, Service } from '../config.ts';
import type { RecordedFile } from '../telemetry/chunk-reader.ts';
import { readPrintedSpans, type ServiceOutput } from '../telemetry/console/printed-spans-file.ts';
import type { LogVisitor } from '../telemetry/logs/log-record.ts';
import type { DroppedRecords } from '../telemetry/logs/request-logs.ts';
import { otlpEnvironment, wantsGrpc } from '../telemetry/otlp/otlp-environment.ts';
import { OtlpSource } from '../telemetry/otlp/otlp-source.ts';
import type { SharedMetrics } from '../telemetry/otlp/shared-receivers.ts';
import { preloadEnvironment, READY_FILE } from '../telemetry/preload-environment.ts';
import { type Recording, readRecording } from '../telemetry/recording.ts';

export interface TelemetryVariables {
  readonly variables: Readonly<Record<string, string>>;
  /** Goes behind what the user has in NODE_OPTIONS. */
  readonly nodeOptions: string | null;
  /** Variables of the user's shell that got another value. */
  readonly overridden: readonly string[];
}

/** What is received besides spans. */
export interface WantedSignals {
  readonly logs: boolean;
  /** Names. */
  readonly metrics: ReadonlySet<string>;
  /** Attributes of resources that services are split by. */
  readonly splitBy?: readonly string[];
}

/** What came to the receivers at fixed addresses. */
export interface SentToAll {
  readonly files: readonly RecordedFile[];
  /** As in `Recording`. */
  readonly refusals: readonly string[];
  readonly metrics: SharedMetrics;
}

/** What a scenario asks for. */
export function signalsOf({
  logs,
  policy,
  splitBy,
}: Pick<Scenario, 'logs' | 'policy' | 'splitBy'>): WantedSignals {
  return {
    logs: logs !== undefined,
    metrics: new Set(policy.metrics?.map(({ metric }) => metric)),
    ...(splitBy && { splitBy }),
  };
}

const NO_OTHERS: WantedSignals = { logs: false, metrics: new Set() };

export class InstanceTelemetry implements AsyncDisposable {
  /** Of the recorders in the services. */
  readonly directory: string;
  /** Null where no service of the instance sends by OTLP. */
  readonly #source: OtlpSource | null;
  readonly #wanted: WantedSignals;
  readonly #isOnlyService: boolean;
  /** Names of the services whose spans are in their output. */
  readonly #printing: ReadonlySet<string>;
  /** OTEL_SERVICE_NAME of what was told of the receiver, by the name in the configuration. */
  readonly #sentNames = new Map<string, string>();

  private constructor(
    directory: string,
    {
      wanted,
      source,
      services,
    }: {
      readonly wanted: WantedSignals;
      readonly source: OtlpSource | null;
      readonly services: readonly Service[];
    },
  ) {
    this.directory = directory;
    this.#wanted = wanted;
    this.#source = source;
    this.#isOnlyService = services.length === 1;
    this.#printing = new Set(
      services.filter(({ telemetry }) => telemetry === 'console').map(({ name }) => name),
    );
  }

  /**
   * @param inherited environment of spangate
   * @param wanted what is received besides spans; nothing where it is left out
   */
  static async open(
    directory: string,
    services: readonly Service[],
    inherited: Readonly<Record<string, string | undefined>>,
    wanted: WantedSignals = NO_OTHERS,
  ): Promise<InstanceTelemetry> {
    await mkdir(directory, { recursive: true });
    const senders = services.filter(({ telemetry }) => telemetry !== 'preload');
    if (senders.length === 0) return new InstanceTelemetry(directory, { wanted, source: null, services });
    const grpc = wantsGrpc(inherited, ...senders.map(({ env }) => env));
    const source = await OtlpSource.start({ grpc, ...wanted });
    return new InstanceTelemetry(directory, { wanted, source, services });
  }

  /** @param inherited environment of spangate */
  variablesOf(service: Service, inherited: Readonly<Record<string, string | undefined>>): TelemetryVariables {
    const { NODE_OPTIONS, ...preload } = preloadEnvironment({
      directory: this.directory,
      serviceName: service.name,
      nodeOptions: undefined,
    });
    if (service.telemetry === 'preload' || this.#source === null) {
      return { variables: preload, nodeOptions: NODE_OPTIONS ?? null, overridden: [] };
    }
    const forSpans = otlpEnvironment({
      endpoint: this.#source.endpoint,
      serviceName: service.name,
      isOnly: this.#isOnlyService,
      inherited,
      configured: service.env,
    });
    this.#sentNames.set(service.name, forSpans.variables.OTEL_SERVICE_NAME ?? service.name);
    const variables = { ...forSpans.variables, ...signalVariables(this.#wanted, inherited) };
    const overridden = forSpans.overridden.filter((name) => inherited[name] !== variables[name]);
    if (service.telemetry === 'otlp') return { variables, nodeOptions: null, overridden };
    // Logs and metrics are sent all the same.
    if (service.telemetry === 'console')
      return { variables: { ...variables, OTEL_TRACES_EXPORTER: 'console' }, nodeOptions: null, overridden };
    // The recorder's name is that of the configuration; an SDK of the service may have been given another one.
    return { variables: { ...preload, ...variables }, nodeOptions: NODE_OPTIONS ?? null, overridden };
  }

  /** Tells processes that do not listen that their service has begun. */
  async sayReady(): Promise<void> {
    await writeFile(join(this.directory, READY_FILE), '');
  }

  /** Under which name the service sends; its own where another service sends under the same. */
  sentNameOf(service: string): string {
    const name = this.#sentNames.get(service) ?? service;
    const sharing = [...this.#sentNames.values()].filter((each) => each === name);
    return sharing.length > 1 ? service : name;
  }

  /** Whether the spans of the service are in its output. */
  isPrinting(service: string): boolean {
    return this.#printing.has(service);
  }

  /** Log records that came by OTLP, when the services have ended. */
  visitLogs(visit: LogVisitor): DroppedRecords {
    if (this.#source === null) return { dropped: 0, droppedBelowWarn: 0 };
    this.#source.visitLogs(visit);
    const { refusedLogs, droppedLogs, droppedLogsBelowWarn } = this.#source.quality;
    return { dropped: refusedLogs + droppedLogs, droppedBelowWarn: droppedLogsBelowWarn };
  }

  /**
   * To be read when the services have ended.
   *
   * @param outputs of the services: of those that print their spans they are read
   * @param sent null where there are no such receivers; spans of this instance that came to a receiver of all instances, and metrics that are of all of them
   * @throws the error of the file system where a file cannot be read
   */
  async recording(outputs: readonly ServiceOutput[] = [], sent: SentToAll | null = null): Promise<Recording> {
    const printed = outputs
      .filter(({ name }) => this.isPrinting(name))
      .map((output) => ({ service: output.name, ...readPrintedSpans(output, this.#wanted.splitBy) }));
    const received = [
      ...(this.#source?.files() ?? []),
      ...(sent?.files ?? []),
      ...printed.flatMap(({ files }) => files),
    ];
    const recorded = await readRecording(this.directory, received, this.#wanted.splitBy);
    const refusals = [...(this.#source?.quality.reasons ?? []), ...(sent?.refusals ?? [])];
    const recording: Recording = {
      ...recorded,
      ...(refusals.length > 0 && { refusals }),
      ...(sent && sent.metrics.points.length > 0 && { sharedMetrics: sent.metrics.points }),
      droppedPoints: sent?.metrics.dropped ?? 0,
    };
    if (this.#source === null) return recording;
    const series = this.#source.metrics();
    const unreadable = printed.filter((each) => each.unreadable > 0);
    return {
      ...recording,
      ...(unreadable.length > 0 && {
        unreadablePrints: unreadable.map((each) => ({ service: each.service, prints: each.unreadable })),
      }),
      sentMetrics: series.points(),
      metricServices: new Set([...recording.metricServices, ...series.services]),
      droppedPoints:
        recording.droppedPoints + this.#source.quality.droppedPoints + this.#source.quality.refusedMetrics,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source?.[Symbol.asyncDispose]();
  }
}

/**
 * Switches on the exporters that somebody reads. Differences rather than sums since the start, and buckets that a
 * quantile can be read from; what the user's shell says of these two stays.
 */
function signalVariables(
  { logs, metrics }: WantedSignals,
  inherited: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const preferred = {
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
    OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: 'base2_exponential_bucket_histogram',
  };
  const ofMetrics = Object.entries(preferred).map(([name, value]) => [name, inherited[name] ?? value]);
  return {
    ...(logs && { OTEL_LOGS_EXPORTER: 'otlp' }),
    ...(metrics.size > 0 && { OTEL_METRICS_EXPORTER: 'otlp', ...Object.fromEntries(ofMetrics) }),
  };
}
