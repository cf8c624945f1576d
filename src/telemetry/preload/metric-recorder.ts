/** Writes down once a second what the service and its runtime report by OpenTelemetry metrics, and the CPU time used. */
import { appendFile } from 'node:fs';
import { createRequire } from 'node:module';
import type { MeterProvider as ApiMeterProvider, Attributes } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { emptyResource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  DataPointType,
  type ExponentialHistogram,
  type Histogram,
  InstrumentType,
  MeterProvider,
  type MetricData,
  MetricReader,
} from '@opentelemetry/sdk-metrics';
import type { MetricLine, MetricValue } from '../metric-point.ts';
import type { MetricBuckets } from '../metrics/metric-buckets.ts';

export const COLLECTION_INTERVAL_SECONDS = 1;

/** A service with more series than this reports per user or per id; the rest is left out. */
const SERIES_LIMIT = 500;

/** Decides what one number of a data point means; up-down counters are readings like gauges. */
class PullReader extends MetricReader {
  constructor() {
    super({
      aggregationTemporalitySelector: (type) =>
        type === InstrumentType.UP_DOWN_COUNTER || type === InstrumentType.OBSERVABLE_UP_DOWN_COUNTER
          ? AggregationTemporality.CUMULATIVE
          : AggregationTemporality.DELTA,
    });
  }

  protected async onShutdown(): Promise<void> {}

  protected async onForceFlush(): Promise<void> {}
}

export interface MetricRecorderOptions {
  readonly path: string;
  /** CPU time and memory are those of the whole process, so only its main thread writes them down. */
  readonly mainThread: boolean;
}

export class MetricRecorder {
  readonly provider: ApiMeterProvider;
  readonly #options: MetricRecorderOptions;
  readonly #reader = new PullReader();
  #from = Date.now() / 1e3;
  #cpu = process.cpuUsage();
  #collecting = false;

  constructor(options: MetricRecorderOptions) {
    this.#options = options;
    this.provider = new MeterProvider({ resource: emptyResource(), readers: [this.#reader] });
  }

  /** @throws what the instrumentation of the runtime throws when it does not load */
  start(): void {
    const require = createRequire(import.meta.url);
    const { RuntimeNodeInstrumentation } = require('@opentelemetry/instrumentation-runtime-node') as {
      RuntimeNodeInstrumentation: new (config: object) => Instrumentation;
    };
    // Every 20 ms, for half the wake-ups of the default; a stall that matters is longer.
    new RuntimeNodeInstrumentation({ monitoringPrecision: 20 }).setMeterProvider(this.provider);
  }

  /** Appends a line. Does nothing while the previous one is still being collected. */
  async collect(): Promise<void> {
    if (this.#collecting) return;
    this.#collecting = true;
    try {
      const { resourceMetrics } = await this.#reader.collect({
        timeoutMillis: COLLECTION_INTERVAL_SECONDS * 1e3,
      });
      const points = resourceMetrics.scopeMetrics.flatMap((scope) =>
        scope.metrics.flatMap((metric) => sumHeapSpaces(valuesOf(metric))),
      );
      const to = Date.now() / 1e3;
      const line: MetricLine = {
        from: this.#from,
        to,
        points: [
          ...(this.#options.mainThread ? this.#processValues() : []),
          ...points.slice(0, SERIES_LIMIT),
        ],
      };
      this.#from = to;
      if (line.points.length > 0) appendFile(this.#options.path, `${JSON.stringify(line)}\n`, () => {});
    } catch {
      // An observable callback of the service that fails is the service's own affair.
    } finally {
      this.#collecting = false;
    }
  }

  #processValues(): readonly MetricValue[] {
    const used = process.cpuUsage(this.#cpu);
    this.#cpu = process.cpuUsage();
    const cpu = { name: 'process.cpu.time', unit: 's', kind: 'sum' } as const;
    return [
      { ...cpu, attributes: { 'cpu.mode': 'user' }, value: used.user / 1e6 },
      { ...cpu, attributes: { 'cpu.mode': 'system' }, value: used.system / 1e6 },
      { name: 'process.memory.usage', unit: 'By', kind: 'gauge', value: process.memoryUsage.rss() },
    ];
  }
}

function valuesOf(metric: MetricData): readonly MetricValue[] {
  const { name, unit } = metric.descriptor;
  switch (metric.dataPointType) {
    case DataPointType.HISTOGRAM:
    case DataPointType.EXPONENTIAL_HISTOGRAM:
      return metric.dataPoints.map(({ attributes, value }) => ({
        ...{ name, unit, kind: 'histogram' as const, ...attributesOf(attributes) },
        value: value.sum ?? 0,
        count: value.count,
        ...(value.max !== undefined && { max: value.max }),
        buckets: bucketsOf(value),
      }));
    case DataPointType.SUM: {
      const isReading = metric.aggregationTemporality === AggregationTemporality.CUMULATIVE;
      const kind = isReading ? 'gauge' : 'sum';
      return metric.dataPoints.map(({ attributes, value }) => ({
        ...{ name, unit, kind, ...attributesOf(attributes), value },
      }));
    }
    default:
      return metric.dataPoints.map(({ attributes, value }) => ({
        ...{ name, unit, kind: 'gauge' as const, ...attributesOf(attributes), value },
      }));
  }
}

function bucketsOf(value: Histogram | ExponentialHistogram): MetricBuckets {
  if ('buckets' in value) {
    const { boundaries, counts } = value.buckets;
    return { kind: 'explicit', bounds: boundaries, counts };
  }
  const { scale, zeroCount, positive } = value;
  return { kind: 'exponential', scale, zeroCount, offset: positive.offset, counts: positive.bucketCounts };
}

/** The heap as a whole: V8 reports each of its nine spaces, which would be most of all that is written down. */
function sumHeapSpaces(values: readonly MetricValue[]): readonly MetricValue[] {
  const first = values[0];
  if (first?.attributes?.['v8js.heap.space.name'] === undefined) return values;
  const { attributes: _spaces, ...rest } = first;
  return [{ ...rest, value: values.reduce((sum, { value }) => sum + value, 0) }];
}

function attributesOf(attributes: Attributes): { attributes?: Record<string, string> } {
  const entries = Object.entries(attributes);
  if (entries.length === 0) return {};
  return { attributes: Object.fromEntries(entries.map(([key, value]) => [key, String(value)])) };
}
