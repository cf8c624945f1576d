/** Whether a round saw enough of what happened to be judged, and what every report has to say about it. */
import type { Scenario } from '../config.ts';
import { EXIT, UserError } from '../errors.ts';
import { type InstanceQuality, parseSpanKeyId, type Warning } from '../measurement.ts';
import type { OperationLoad } from './load/load-result.ts';
import { nothingReceived } from './load-command/load-command-errors.ts';
import type { RoundResult } from './round.ts';
import { logWarnings, metricWarnings } from './signal-quality.ts';

/** Requests in flight when the load ends are seen by one side only: they are some of these, never more. */
const RECONCILED_SHARE = 0.99;

/** Above this an operation is broken rather than flawed. */
const BROKEN_SHARE = 0.5;

const MAKE_ROOM = 'Make room there (df -h), or name a folder on another disk by the variable TMPDIR.';

/** As for spans that went missing: half a percent can already hide the slow ones. */
const DROPPED_SHARE = 0.005;

/** Whether spans are known to be lost: refused by a recorder, or missing to requests that were answered. */
export function losesSpans(finished: RoundResult): boolean {
  return droppedSpans(finished).length > 0 || missingSpans(finished).length > 0;
}

/**
 * Stops a run that has nothing to measure, after its first round and not after its last.
 *
 * @param fullFolder the folder of the recordings where its disk is full
 * @throws UserError `no-answers`, `disk-full`, `no-spans`, `spans-without-request`
 */
export function assertMeasurable(
  scenario: Scenario,
  finished: RoundResult,
  fullFolder: string | null = null,
): void {
  const quality = total(finished);
  if (quality.requestsCompleted === 0) {
    throw new UserError({
      code: 'no-answers',
      what: `The service ${scenario.load.service} answered none of the requests.`,
      where: finished.load.instances.map((instance) => errorsOf(instance.operations)).join('; '),
      hint: 'Try `npx spangate doctor`, which sends each request once and shows what comes back.',
      exitCode: EXIT.couldNotMeasure,
    });
  }
  if (quality.rootSpans === 0 && finished.load.driver === 'command' && fullFolder === null) {
    const spans = quality.spans + quality.outsideSpans;
    throw nothingReceived(scenario.load.service, quality.requestsCompleted, spans);
  }
  if (quality.rootSpans === 0 && fullFolder !== null) {
    throw new UserError({
      code: 'disk-full',
      what: 'The disk is full, so the spans of the service could not be recorded.',
      where: { file: fullFolder },
      hint: MAKE_ROOM,
      exitCode: EXIT.couldNotMeasure,
    });
  }
  const running = scenario.services.find(({ name }) => name === scenario.load.service)?.url;
  if (quality.spans + quality.outsideSpans === 0 && running !== undefined) {
    throw new UserError({
      code: 'no-spans',
      what: `The service ${scenario.load.service} answered ${quality.requestsCompleted} requests at ${running}, but none of its spans reached spangate.`,
      where: 'receivers',
      detail: refusalsOf(finished).map(refused),
      hint: `It runs already, so it has to be told where to send them: ${sendTo(scenario)}, with all of them sampled. Where it sends later than that, raise "settle".`,
      exitCode: EXIT.couldNotMeasure,
    });
  }
  if (quality.rootSpans === 0 && quality.outsideSpans > quality.requestsCompleted / 2) {
    throw new UserError({
      code: 'spans-without-request',
      what: `The service ${scenario.load.service} answered ${quality.requestsCompleted} requests and sent ${quality.outsideSpans} spans, but none of them belongs to a request.`,
      hint: 'It does not read the header `traceparent`: its propagator must be W3C trace context, and in Go it must be set in the code (otel.SetTextMapPropagator(propagation.TraceContext{})).',
      exitCode: EXIT.couldNotMeasure,
    });
  }
  if (quality.rootSpans === 0) {
    throw new UserError({
      code: 'no-spans',
      what: `The service ${scenario.load.service} answered ${quality.requestsCompleted} requests, but none of its spans reached spangate.`,
      detail: [
        ...refusalsOf(finished).map(refused),
        ...finished.recordings.flatMap((recording) =>
          recording.processes.flatMap((process) => process.details?.notes ?? []),
        ),
      ],
      hint: 'Is the service started by Node through this start command, not bundled, and not in a container? Services in other languages send by OTLP; `instrument: auto` brings that to Python and Java. `npx spangate doctor` looks for the reason.',
      exitCode: EXIT.couldNotMeasure,
    });
  }
}

/** @returns the variables of OpenTelemetry that name the receivers */
function sendTo({ receivers }: Scenario): string {
  const { host = '127.0.0.1', httpPort = null, grpcPort = null } = receivers ?? {};
  const at = [
    ...(httpPort === null ? [] : [`OTEL_EXPORTER_OTLP_ENDPOINT=http://${host}:${httpPort} (http/protobuf)`]),
    ...(grpcPort === null ? [] : [`OTEL_EXPORTER_OTLP_ENDPOINT=http://${host}:${grpcPort} (grpc)`]),
  ];
  return at.join(' or ');
}

/** @param fullFolder as for `assertMeasurable` */
export function qualityWarnings(
  scenario: Scenario,
  finished: RoundResult,
  fullFolder: string | null = null,
): readonly Warning[] {
  const quality = total(finished);
  return [
    ...(finished.round.invalid ? [{ ...finished.round.invalid, code: 'round-invalid' }] : []),
    ...fullDisk(fullFolder),
    ...missingSpans(finished),
    ...droppedSpans(finished),
    ...overflowSpans(quality),
    ...unexpectedAnswers(scenario, finished),
    ...generatorWarning(finished),
    ...routelessSpans(scenario, finished),
    ...applicationSdk(finished),
    ...logWarnings(scenario, finished),
    ...metricWarnings(scenario, finished),
  ];
}

function fullDisk(folder: string | null): Warning[] {
  if (folder === null) return [];
  return [
    {
      code: 'disk-full',
      message: `Spans were lost because the disk with the recordings is full (${folder}). ${MAKE_ROOM}`,
    },
  ];
}

function total({ round }: RoundResult): Omit<InstanceQuality, 'logs'> {
  const sum = (pick: (quality: InstanceQuality) => number) =>
    round.instances.reduce((all, instance) => all + pick(instance.quality), 0);
  return {
    requestsCompleted: sum((quality) => quality.requestsCompleted),
    rootSpans: sum((quality) => quality.rootSpans),
    spans: sum((quality) => quality.spans),
    orphanSpans: sum((quality) => quality.orphanSpans),
    droppedSpans: sum((quality) => quality.droppedSpans),
    overflowSpans: sum((quality) => quality.overflowSpans),
    outsideSpans: sum((quality) => quality.outsideSpans),
  };
}

function missingSpans({ round }: RoundResult): Warning[] {
  const missing = round.instances.filter(
    ({ quality }) => quality.rootSpans < RECONCILED_SHARE * quality.requestsCompleted,
  );
  if (missing.length === 0) return [];
  const shown = missing.map(
    ({ id, quality }) => `${id}: root spans of ${quality.rootSpans} of ${quality.requestsCompleted} requests`,
  );
  return [
    {
      code: 'spans-missing',
      message: `Spans of more than 1 % of the requests never arrived (${shown.join('; ')}). What is missing is not missing at random, so quantiles and counts of this run can be wrong. Does the service answer some requests from another process, or end before its spans are written?`,
    },
  ];
}

function droppedSpans(finished: RoundResult): Warning[] {
  const quality = total(finished);
  const refusals = refusalsOf(finished);
  if (refusals.length > 0) {
    return [
      {
        code: 'spans-dropped',
        message: `Requests that bring spans by OTLP were refused or could not be read, and nobody knows how many spans they had: ${refusals.join('; ')}. docs/telemetry.md says what is received; what the preload records of a Node service needs no exporter (\`telemetry: preload\`).`,
      },
    ];
  }
  if (quality.droppedSpans <= DROPPED_SHARE * quality.spans) return [];
  return [
    {
      code: 'spans-dropped',
      message: `${quality.droppedSpans} spans beside ${quality.spans} that were kept were lost: the recorder was full, or its process was killed while it wrote.`,
    },
  ];
}

function refused(reason: string): string {
  return `A request that brings spans was refused: ${reason}.`;
}

function refusalsOf({ recordings }: RoundResult): readonly string[] {
  return [...new Set(recordings.flatMap(({ refusals = [] }) => refusals))];
}

function overflowSpans(quality: Pick<InstanceQuality, 'overflowSpans'>): Warning[] {
  if (quality.overflowSpans === 0) return [];
  return [
    {
      code: 'too-many-span-names',
      message: `${quality.overflowSpans} spans were put under one name, "(other spans)", since the service makes too many span names; most often a name holds an id. Give such spans a name with placeholders.`,
    },
  ];
}

function unexpectedAnswers(scenario: Scenario, { load }: RoundResult): Warning[] {
  const names = load.operations ?? scenario.load.requests.map(({ name }) => name);
  const broken = names.flatMap((name, index) => {
    const operations = load.instances.flatMap((instance) => instance.operations[index] ?? []);
    const requests = operations.reduce((sum, operation) => sum + operation.requests, 0);
    const errors = operations.reduce((sum, operation) => sum + failures(operation), 0);
    if (requests === 0 || errors <= BROKEN_SHARE * requests) return [];
    const answer = operations.find((operation) => operation.unexpected)?.unexpected;
    const seen = answer ? `, first answer: ${answer.status} ${answer.body}` : '';
    return [`${name}: ${errors} of ${requests} failed (${errorsOf(operations)}${seen})`];
  });
  if (broken.length === 0) return [];
  return [
    {
      code: 'unexpected-answers',
      message: `Most answers were not the expected ones. ${broken.join('. ')}. Set "expect" if that status is right, or look at the request.`,
    },
  ];
}

function failures(operation: OperationLoad): number {
  return Object.values(operation.errors).reduce((sum, count) => sum + count, 0);
}

function errorsOf(operations: readonly OperationLoad[]): string {
  const counts = new Map<string, number>();
  for (const operation of operations) {
    for (const [type, count] of Object.entries(operation.errors))
      counts.set(type, (counts.get(type) ?? 0) + count);
  }
  return [...counts].map(([type, count]) => `${count} × ${type}`).join(', ') || 'no answer at all';
}

function generatorWarning({ round }: RoundResult): Warning[] {
  if (!round.conditions.generatorSaturated) return [];
  return [
    {
      code: 'generator-saturated',
      message:
        'The load generator was busy all the time, so latencies seen by the client and throughput say more about it than about the service. Durations of spans are not touched. Fewer connections help.',
    },
  ];
}

/** A root that is a bare method puts all routes under one name. */
function routelessSpans(scenario: Scenario, { round }: RoundResult): Warning[] {
  const names = new Set(
    round.instances
      .flatMap((instance) => Object.values(instance.operations))
      .flatMap((operation) => Object.keys(operation.spans))
      .map(parseSpanKeyId)
      .filter((key) => key.kind === 'server' && /^[A-Z]+$/.test(key.name))
      .map((key) => key.name),
  );
  if (names.size === 0) return [];
  return [
    {
      code: 'spans-without-route',
      message: `Server spans of ${scenario.name} are named ${[...names].join(', ')}, without a route, so requests of different routes share a name. \`npx spangate doctor\` says what to do.`,
    },
  ];
}

/** Its sampler and its own processors are part of what is measured; a recorder that found no place sees nothing. */
function applicationSdk({ recordings }: RoundResult): Warning[] {
  const sdk = recordings
    .flatMap((recording) => recording.processes)
    .find((process) => process.details?.applicationSdk)?.details?.applicationSdk;
  if (!sdk) return [];
  const version = sdk.version === undefined ? '' : ` ${sdk.version}`;
  return [
    {
      code: 'application-sdk',
      message: sdk.attached
        ? `The service registers an OpenTelemetry SDK of its own (${sdk.name}${version}); its spans are recorded from there.`
        : `The service registers an OpenTelemetry SDK of its own (${sdk.name}${version}), and its spans cannot be recorded from there yet. Start it without that SDK for the gate, for example by an environment variable.`,
    },
  ];
}
