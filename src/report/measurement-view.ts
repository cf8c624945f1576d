/** What every format says about a bare measurement, such as `spangate run` makes: no comparison, no verdict. */
import type { Measurement, Round } from '../measurement.ts';
import { type Measured, measuredOf } from './measured.ts';
import { name, type Phrase, phrase } from './phrase.ts';
import { runtimeFacts } from './runtime-facts.ts';
import { counted, percent, wallTime } from './units.ts';
import type { Fact } from './view-model.ts';

export interface MeasurementView {
  readonly status: Measurement['status'];
  /** First line: whether it can be used, and how much was measured. */
  readonly headline: Phrase;
  readonly facts: readonly Fact[];
  readonly measured: readonly Measured[];
  /** What the services and their runtimes reported. */
  readonly runtime: readonly Fact[];
  readonly footnotes: readonly Phrase[];
}

export function measurementView(measurement: Measurement): MeasurementView {
  const valid = measurement.rounds.filter((round) => !round.invalid);
  const measured = measuredOf(measurement);
  return {
    status: measurement.status,
    headline: headline(measurement, valid, measured),
    facts: factsOf(measurement, valid),
    measured,
    runtime: runtimeFacts(valid),
    footnotes: [...measurement.warnings, ...measurement.rounds.flatMap((round) => round.invalid ?? [])].map(
      ({ message, code }) => phrase`${message} [${code}]`,
    ),
  };
}

const STATUS_TEXTS: Readonly<Record<Measurement['status'], string>> = {
  complete: 'measured',
  degraded: 'measured, but degraded',
  failed: 'could not measure',
};

function headline(
  { status, scenario, warnings, rounds }: Measurement,
  valid: readonly Round[],
  measured: readonly Measured[],
): Phrase {
  const start = phrase`${STATUS_TEXTS[status]}: ${name(scenario)}`;
  const [reason] = [...warnings, ...rounds.flatMap((round) => round.invalid ?? [])];
  if (valid.length === 0) return reason ? phrase`${start}: ${reason.message}` : start;
  const clients = measured.filter((each) => each.span === null && each.operation !== null);
  const requests = clients.reduce((sum, each) => sum + each.observations, 0);
  const failed = clients.reduce((sum, each) => sum + (each.errorRate ?? 0) * each.observations, 0);
  const errors =
    requests === 0 ? '' : `, ${failed === 0 ? 'no errors' : `${percent(failed / requests)} errors`}`;
  return phrase`${start}: ${counted(requests, 'request')} in ${counted(clients.length, 'operation')}${errors}`;
}

function factsOf(measurement: Measurement, valid: readonly Round[]): readonly Fact[] {
  const { commit, workload, environment } = measurement;
  const branch = commit?.branch ? phrase` on ${name(commit.branch)}` : [];
  const dirty = commit?.dirty ? ' with changes not committed' : '';
  const connections = counted(workload.connections, 'connection');
  const facts: (Fact | null)[] = [
    commit && { label: 'commit', text: phrase`${name(commit.sha.slice(0, 7))}${branch}${dirty}` },
    { label: 'rounds', text: [roundsText(measurement.rounds, valid)] },
    {
      label: 'load',
      text: [
        `${workload.model === 'command' ? 'one run of a command' : `${workload.model} model, ${connections}`} an instance, ${wallTime(workload.durationSeconds)} a round, seed ${workload.seed}`,
      ],
    },
    { label: 'machine', text: [environmentText(environment)] },
    { label: 'generator', text: [conditionsText(valid, workload)] },
    { label: 'seen', text: [qualityText(valid)] },
  ];
  return facts.filter((fact) => fact !== null);
}

function roundsText(rounds: readonly Round[], valid: readonly Round[]): string {
  const instances = valid.reduce((sum, round) => sum + round.instances.length, 0);
  const invalid = rounds.length - valid.length;
  const cold = valid.filter((round) => !round.warm).length;
  return [
    `${counted(valid.length, 'round')}, ${counted(instances, 'instance')}`,
    invalid === 0 ? '' : `${counted(invalid, 'invalid round')} left out`,
    cold === 0 ? '' : `${counted(cold, 'round')} not warm at the time limit`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}

function environmentText(environment: Measurement['environment']): string {
  return [
    environment.cpuModel,
    counted(environment.cores, 'core'),
    environment.cpuQuota === null ? '' : `quota ${environment.cpuQuota}`,
    `${environment.platform} ${environment.architecture}`,
    environment.image ?? '',
    environment.serviceRuntime ?? '',
    environment.openTelemetry === null ? '' : `OpenTelemetry ${environment.openTelemetry}`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}

/** The worst of the rounds: one bad round is what a reader has to know of. */
function conditionsText(rounds: readonly Round[], { driver }: Measurement['workload']): string {
  const highest = (values: readonly (number | null)[]) =>
    values.reduce<number | null>((high, value) => (value === null ? high : Math.max(high ?? 0, value)), null);
  const saturated = rounds.filter(({ conditions }) => conditions.generatorSaturated).length;
  const cpu = highest(rounds.map(({ conditions }) => conditions.generatorCpu));
  const steal = highest(rounds.map(({ conditions }) => conditions.steal));
  const pressure = highest(rounds.map(({ conditions }) => conditions.pressure));
  return [
    cpu === null || driver === 'command' ? 'not known' : `at most ${percent(cpu)} of a core`,
    saturated === 0 ? '' : `saturated in ${counted(saturated, 'round')}`,
    steal === null ? '' : `CPU steal ${percent(steal)}`,
    pressure === null ? '' : `CPU pressure ${percent(pressure)}`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}

function qualityText(rounds: readonly Round[]): string {
  const qualities = rounds.flatMap((round) => round.instances.map((instance) => instance.quality));
  const sum = (pick: (quality: (typeof qualities)[number]) => number) =>
    qualities.reduce((total, quality) => total + pick(quality), 0);
  const completed = sum((quality) => quality.requestsCompleted);
  const roots = sum((quality) => quality.rootSpans);
  // Rounded down: a gap must not read as 100 %.
  const share =
    completed === 0 ? '' : ` (${percent(Math.floor((1000 * roots) / completed) / 1000)} of requests)`;
  const losses: readonly (readonly [number, string])[] = [
    [sum((quality) => quality.orphanSpans), 'without their parent'],
    [sum((quality) => quality.droppedSpans), 'dropped'],
    [sum((quality) => quality.overflowSpans), 'folded for too many names'],
    [sum((quality) => quality.outsideSpans), 'outside requests'],
  ];
  return [
    counted(
      sum((quality) => quality.spans),
      'span',
    ),
    `${counted(roots, 'root span')}${share}`,
    ...losses.flatMap(([number, text]) => (number === 0 ? [] : [`${counted(number, 'span')} ${text}`])),
  ].join(', ');
}
