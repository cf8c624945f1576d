/** What services and their runtimes reported by metrics: the few that explain a slow service, one line each. */
import { median } from 'simple-statistics';
import type { MetricRecord, Round } from '../measurement.ts';
import { name, type Phrase, phrase } from './phrase.ts';
import { bytes, figure, percent, seconds } from './units.ts';
import type { Fact } from './view-model.ts';

interface RuntimeMetric {
  readonly label: string;
  readonly name: string;
  /** How records that differ in attributes become one: heap spaces are added, states are not. */
  readonly fold: 'sum' | 'max';
}

/** Names of OpenTelemetry's semantic conventions for Node.js and V8. */
const RUNTIME_METRICS: readonly RuntimeMetric[] = [
  { label: 'event-loop delay p99', name: 'nodejs.eventloop.delay.p99', fold: 'max' },
  { label: 'event-loop utilisation', name: 'nodejs.eventloop.utilization', fold: 'max' },
  { label: 'mean GC pause', name: 'v8js.gc.duration', fold: 'max' },
  { label: 'heap used', name: 'v8js.memory.heap.used', fold: 'sum' },
];

/** One fact a metric and service: the median over instances. */
export function runtimeFacts(rounds: readonly Round[]): readonly Fact[] {
  const instances = rounds.flatMap((round) => round.instances);
  const services = [...new Set(instances.flatMap(({ metrics }) => metrics.map(({ service }) => service)))];
  return RUNTIME_METRICS.flatMap((metric) =>
    services.flatMap((service) => {
      const texts = instances.flatMap(({ metrics }) => {
        const records = metrics.filter((record) => record.name === metric.name && record.service === service);
        return records.length === 0
          ? []
          : [{ value: folded(records, metric.fold), unit: records[0]?.unit ?? '' }];
      });
      const [first] = texts;
      if (!first) return [];
      const value = metricValue(median(texts.map((each) => each.value)), first.unit);
      return [{ label: metric.label, text: serviceText(value, service, services.length > 1) }];
    }),
  );
}

function folded(records: readonly MetricRecord[], fold: RuntimeMetric['fold']): number {
  const values = records.map(({ value }) => value);
  return fold === 'sum' ? values.reduce((sum, value) => sum + value, 0) : Math.max(...values);
}

function serviceText(value: string, service: string, several: boolean): Phrase {
  return several ? phrase`${value} (${name(service)})` : [value];
}

function metricValue(value: number, unit: string): string {
  if (unit === 's') return seconds(value);
  if (unit === 'By') return bytes(value);
  return unit === '1' || unit === '' ? percent(value) : `${figure(value)} ${unit}`;
}
