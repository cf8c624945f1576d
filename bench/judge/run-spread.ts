/**
 * How much runs of the same code differ: the spread between recordings, each taken as a run, and between the
 * instances of one recording. Standard deviations of logs, by quantity, over all spans.
 *
 *   npm run bench:run-spread
 */
import { mean, quantileSorted, standardDeviation } from 'simple-statistics';
import { placedInstances, seriesOf } from '../../src/compare/series.ts';
import { measurementOf, type Recording, readRecordings } from './recordings.ts';

const QUANTITIES = ['p50', 'p90', 'p95', 'p99'] as const;
const folder = new URL('../../../judge/recordings/', import.meta.url);
const recordings = readRecordings(folder, 'k8_');

for (const quantity of QUANTITIES) {
  const between: number[] = [];
  const within: number[] = [];
  const ratios: number[] = [];
  for (const [operation, spanId] of sourcesOf(recordings[0] as Recording)) {
    const runs = recordings.map(({ file, instances }) =>
      seriesOf(placedInstances(measurementOf(file, { [file]: instances })), {
        operation,
        spanId,
        quantity,
      }).map((observation) => Math.log(observation.value)),
    );
    const means = runs.map((values) => mean(values));
    between.push(standardDeviation(means));
    within.push(...runs.map((values) => standardDeviation(values)));
    for (const [index, before] of means.entries()) {
      for (const after of means.slice(index + 1)) ratios.push(Math.abs(after - before));
    }
  }
  ratios.sort((left, right) => left - right);
  const percent = (value: number): string => `${(100 * Math.expm1(value)).toFixed(1)} %`;
  const list = (values: number[]): string => {
    const sorted = [...values].sort((left, right) => left - right);
    return `median ${percent(quantileSorted(sorted, 0.5))}, largest ${percent(sorted.at(-1) ?? 0)}`;
  };
  console.log(`${quantity}: between runs ${list(between)}; between instances ${list(within)}`);
  console.log(
    `     two runs of the same code: 95 of 100 within ${percent(quantileSorted(ratios, 0.95))}, ` +
      `999 of 1,000 within ${percent(quantileSorted(ratios, 0.999))}, largest ${percent(ratios.at(-1) ?? 0)}`,
  );
}

function sourcesOf({ instances }: Recording): [string, string][] {
  return Object.entries(instances[0]?.operations ?? {}).flatMap(([operation, record]) =>
    Object.keys(record.spans).map((spanId): [string, string] => [operation, spanId]),
  );
}
