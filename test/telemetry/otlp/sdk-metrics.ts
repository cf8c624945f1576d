/** Metrics of the real SDK, and OTLP requests that the SDK's own serialisers make of them. */
import { setImmediate } from 'node:timers/promises';
import type { Meter } from '@opentelemetry/api';
import { JsonMetricsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  type AggregationOption,
  AggregationTemporality,
  AggregationType,
  InstrumentType,
  MeterProvider,
  MetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { MetricSeries } from '../../../src/telemetry/metrics/metric-series.ts';

class TestReader extends MetricReader {
  constructor(temporality: AggregationTemporality, histograms: AggregationOption) {
    super({
      aggregationTemporalitySelector: () => temporality,
      aggregationSelector: (type) =>
        type === InstrumentType.HISTOGRAM ? histograms : { type: AggregationType.DEFAULT },
    });
  }

  protected async onShutdown(): Promise<void> {}

  protected async onForceFlush(): Promise<void> {}
}

export interface SdkMetrics {
  readonly meter: Meter;
  collect(): Promise<ResourceMetrics>;
}

export function sdkMetrics(
  service: string,
  temporality: 'delta' | 'cumulative',
  histograms: 'explicit' | 'exponential' = 'explicit',
): SdkMetrics {
  const reader = new TestReader(
    temporality === 'delta' ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE,
    histograms === 'explicit'
      ? {
          type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM,
          options: { boundaries: [1, 2, 4, 8], recordMinMax: true },
        }
      : { type: AggregationType.EXPONENTIAL_HISTOGRAM },
  );
  const provider = new MeterProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'process.pid': 4711 }),
    readers: [reader],
  });
  return {
    meter: provider.getMeter('test'),
    collect: async () => {
      const { resourceMetrics } = await reader.collect();
      // The SDK's clock has milliseconds here, and two collections of one time are one that was sent twice.
      for (const collected = Date.now(); Date.now() === collected; ) await setImmediate();
      return resourceMetrics;
    },
  };
}

export function protobufMetrics(metrics: ResourceMetrics): Uint8Array {
  return ProtobufMetricsSerializer.serializeRequest(metrics) as Uint8Array;
}

export function jsonMetrics(metrics: ResourceMetrics): string {
  return new TextDecoder().decode(JsonMetricsSerializer.serializeRequest(metrics) as Uint8Array);
}

export function seriesOf(...names: readonly string[]): MetricSeries {
  return new MetricSeries(new Set(names));
}
