/** What is wrong with what was seen of a service, and how to mend it. Pure. */
import { relative } from 'node:path';
import type { Language } from '../runner/instrument/service-language.ts';
import type { ProbedRequest } from '../runner/load/request-probe.ts';
import type { RecordedProcess } from '../telemetry/recording.ts';
import type { TraceNode } from '../telemetry/trace-tree.ts';

export interface Finding {
  /** `problem`: the gate would miss something; `note`: worth knowing. */
  readonly level: 'problem' | 'note';
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

export interface ProbedTrace {
  readonly request: ProbedRequest;
  readonly tree: readonly TraceNode[];
}

export interface DiagnosisInput {
  readonly traces: readonly ProbedTrace[];
  readonly processes: readonly RecordedProcess[];
  readonly foldedNames: readonly string[];
  /** Paths are shown relative to this one. */
  readonly folder: string;
  /** Names of the packages that the service depends on; empty where no package.json was found. */
  readonly packages: ReadonlySet<string>;
  /** Languages of the services to which nothing is brought, as far as they can be told. */
  readonly uninstrumented?: ReadonlyMap<string, Language>;
  /** Why requests with spans were refused by a receiver. */
  readonly refusals?: readonly string[];
}

export function diagnose(input: DiagnosisInput): readonly Finding[] {
  return [
    ...input.traces.flatMap(({ request }) => answerFindings(request)),
    ...refusalFindings(input),
    ...recorderFindings(input),
    ...spanFindings(input),
    ...packageFindings(input),
    ...processFindings(input),
    ...nameFindings(input),
  ].filter((finding, index, all) => all.findIndex((other) => other.message === finding.message) === index);
}

function answerFindings({ name, outcome }: ProbedRequest): Finding[] {
  if (outcome.kind === 'not sent') {
    return [
      {
        level: 'problem',
        code: 'request-not-sent',
        message: `${name} was not sent: no answer before it held a value for \${${outcome.needs}}.`,
        fix: `Look at "save" of the request or login that should bring ${outcome.needs}.`,
      },
    ];
  }
  if (outcome.kind === 'failed') {
    return [
      {
        level: 'problem',
        code: 'no-answer',
        message: `${name} got no answer: ${outcome.error}.`,
        fix: 'Look at the log of the service, and at "timeout" under "load" if it needs longer.',
      },
    ];
  }
  const findings: Finding[] = [];
  if (!outcome.expected) {
    findings.push({
      level: 'problem',
      code: 'unexpected-status',
      message: `${name} was answered with status ${outcome.status}: ${outcome.body || '(empty body)'}`,
      fix: `Mend the request, or say "expect: ${outcome.status}" if that is the right answer.`,
    });
  }
  if (outcome.closesConnection) {
    findings.push({
      level: 'note',
      code: 'connection-closed',
      message: 'The service closes the connection after each answer.',
      fix: 'Latency will hold the time of a new connection. Turn keep-alive on in the service if its users have it.',
    });
  }
  return findings;
}

function refusalFindings({ refusals = [] }: DiagnosisInput): Finding[] {
  return refusals.map((reason) => ({
    level: 'problem',
    code: 'spans-refused',
    message: `A request that brings spans by OTLP was refused: ${reason}.`,
    fix: 'Let the exporter send protobuf or JSON over HTTP to /v1/traces, plain or packed by gzip or deflate, or protobuf over gRPC.',
  }));
}

/** Nothing was recorded at all, or not where it should be. */
function recorderFindings(input: DiagnosisInput): Finding[] {
  const { processes, traces, folder } = input;
  const answered = traces.some(({ request }) => request.outcome.kind === 'answered');
  if (processes.length === 0) {
    if (!answered) return [];
    const others = otherLanguages(input);
    if (others.length > 0) return others;
    return [
      {
        level: 'problem',
        code: 'no-recorder',
        message: 'No process of the service loaded the recorder.',
        fix: 'It comes by NODE_OPTIONS: the start command must run Node on this machine (not in a container) and must not clear the environment (env -i, sudo) or set NODE_OPTIONS anew.',
      },
    ];
  }
  return [...otherLanguages(input), ...processes.flatMap((process) => processNotes(process, folder))];
}

function processNotes({ details }: RecordedProcess, folder: string): Finding[] {
  const findings: Finding[] = [];
  if (details?.bundled) {
    findings.push({
      level: 'problem',
      code: 'bundled',
      message: `${details.script === null ? 'The script' : relative(folder, details.script)} looks bundled: packages inside a bundle cannot be instrumented.`,
      fix: 'Keep packages out of the bundle (esbuild --packages=external, externals of webpack or Rollup), or start the unbundled code for the gate.',
    });
  }
  if (details?.applicationSdk) {
    const { name, version, attached } = details.applicationSdk;
    findings.push({
      level: attached ? 'note' : 'problem',
      code: 'application-sdk',
      message: `The service registers an OpenTelemetry SDK of its own: ${name}${version ? ` ${version}` : ''}.`,
      fix: attached
        ? 'Its spans are recorded from there; its exporters run as well and cost CPU: switch them off for the gate.'
        : 'Its spans cannot be recorded from there yet: start the service without its SDK for the gate, for example by an environment variable.',
    });
  }
  for (const note of details?.notes ?? []) {
    findings.push({ level: 'note', code: 'recorder', message: note, fix: '' });
  }
  return findings;
}

const BROUGHT =
  'brings OpenTelemetry to it; with OpenTelemetry of its own, it has to send by OTLP to where OTEL_EXPORTER_OTLP_ENDPOINT says.';

const ADVICE: Readonly<Partial<Record<Language, readonly [name: string, fix: string]>>> = {
  python: ['Python', `\`instrument: auto\` ${BROUGHT}`],
  java: ['Java', `\`instrument: auto\` ${BROUGHT}`],
  go: [
    'Go',
    'Put the OpenTelemetry SDK into its code: an OTLP exporter, otelhttp around the handler, and propagation.TraceContext as the propagator.',
  ],
};

/** What can be done for services that are not Node's and have sent nothing. */
function otherLanguages({ uninstrumented = new Map(), processes }: DiagnosisInput): Finding[] {
  const heard = new Set(processes.map(({ service }) => service));
  return [...uninstrumented].flatMap(([service, language]): Finding[] => {
    const [name, fix] = ADVICE[language] ?? [];
    if (name === undefined || fix === undefined || heard.has(service)) return [];
    const message = `${service} is a ${name} service, and no span came under its name.`;
    // Where others were heard, it may have another name.
    const level = heard.size === 0 ? 'problem' : 'note';
    return [{ level, code: 'language-not-instrumented', message, fix }];
  });
}

function spanFindings({ traces, processes, refusals = [] }: DiagnosisInput): Finding[] {
  if (processes.length === 0) return [];
  // What was refused is why there are none.
  if (refusals.length > 0 && processes.every(({ spans }) => spans === 0)) return [];
  return traces.flatMap(({ request, tree }) => {
    if (request.outcome.kind !== 'answered') return [];
    const findings: Finding[] = [];
    const [root] = tree;
    if (!root) {
      findings.push({
        level: 'problem',
        code: 'no-spans',
        message: `${request.name} was answered, but no span of it was recorded.`,
        fix: 'Is it answered by another process (a proxy, a container), or by a server that is not made by node:http?',
      });
    } else if (request.outcome.expected && (root.derivedName || /^[A-Z]+$/.test(root.name))) {
      findings.push({
        level: root.derivedName ? 'note' : 'problem',
        code: 'no-route',
        message: root.derivedName
          ? `${request.name}: the server span has no route, so its name was made from the URL: ${root.name}.`
          : `${request.name}: the server span is named ${root.name}, without a route.`,
        fix: 'A framework with an instrumentation names the route (Express, Fastify, Koa, hapi). Without one, set http.route on the span, or rename it by span.updateName().',
      });
    }
    return findings;
  });
}

/** Packages whose calls leave the process, and that no instrumentation of ours makes spans for. */
const WITHOUT_SPANS: Readonly<Record<string, string>> = {
  '@prisma/client': 'Add @prisma/instrumentation to the service',
  mysql: 'Use mysql2',
  'better-sqlite3': 'Put a span around the queries that matter, by @opentelemetry/api',
  sqlite3: 'Put a span around the queries that matter, by @opentelemetry/api',
  tedious: 'Put a span around the queries that matter, by @opentelemetry/api',
  oracledb: 'Put a span around the queries that matter, by @opentelemetry/api',
  'cassandra-driver': 'Put a span around the queries that matter, by @opentelemetry/api',
  memcached: 'Put a span around the calls that matter, by @opentelemetry/api',
  kafkajs: 'Put a span around sending and handling, by @opentelemetry/api',
  amqplib: 'Put a span around sending and handling, by @opentelemetry/api',
  postgres: 'Put a span around the queries that matter, by @opentelemetry/api, or use pg',
};

/** Packages that we make spans for when they are loaded through a hook. */
const WITH_SPANS: readonly string[] = [
  ...['express', 'fastify', 'koa', '@hapi/hapi', 'pg', 'mysql2', 'ioredis', 'redis', 'mongodb', 'graphql'],
  '@grpc/grpc-js',
];

function packageFindings({ packages, processes, traces }: DiagnosisInput): Finding[] {
  if (processes.length === 0 || traces.every(({ tree }) => tree.length === 0)) return [];
  const findings: Finding[] = [];
  for (const [name, fix] of Object.entries(WITHOUT_SPANS)) {
    if (!packages.has(name)) continue;
    findings.push({
      level: 'note',
      code: 'no-instrumentation',
      message: `There is no instrumentation for ${name}, so its calls are not counted; their time is in the span around them.`,
      fix: `${fix}.`,
    });
  }
  const loaded = new Set(
    processes.flatMap(({ details }) => details?.instrumented.map(({ module }) => module) ?? []),
  );
  // Where no Node process recorded, packages of Node say nothing about the service.
  const isNode = processes.some(({ details }) => details !== null);
  const unseen = WITH_SPANS.filter((name) => isNode && packages.has(name) && !isLoaded(name, loaded));
  if (unseen.length > 0) {
    findings.push({
      level: 'note',
      code: 'not-instrumented',
      message: `${unseen.join(', ')} ${unseen.length === 1 ? 'is a dependency, and was' : 'are dependencies, and were'} not seen to be loaded.`,
      fix: 'Fine where the requests do not use it; otherwise it is bundled, or loaded from a copy that the hooks do not see.',
    });
  }
  return findings;
}

/** `redis` is patched as `@redis/client`; Fastify and undici are seen without a patch. */
function isLoaded(name: string, loaded: ReadonlySet<string>): boolean {
  if (name === 'fastify') return true;
  return loaded.has(name) || (name === 'redis' && loaded.has('@redis/client'));
}

function processFindings({ processes }: DiagnosisInput): Finding[] {
  const workers = processes.filter(({ details, spans }) => details?.role === 'cluster-worker' && spans > 0);
  const threads = processes.filter(({ details, spans }) => details?.role === 'thread' && spans > 0);
  const findings: Finding[] = [];
  if (workers.length > 0) {
    findings.push({
      level: 'note',
      code: 'cluster',
      message: `The service is a cluster: ${workers.length} of its workers made spans.`,
      fix: 'Spans of all workers count as one instance. For steadier figures start one worker for the gate.',
    });
  }
  if (threads.length > 0) {
    findings.push({
      level: 'note',
      code: 'worker-threads',
      message: `${threads.length === 1 ? 'A worker thread' : `${threads.length} worker threads`} made spans of ${threads.length === 1 ? 'its' : 'their'} own.`,
      fix: 'They are recorded too; a thread does not know the request it works for unless the code passes the context on.',
    });
  }
  return findings;
}

function nameFindings({ foldedNames }: DiagnosisInput): Finding[] {
  if (foldedNames.length === 0) return [];
  return [
    {
      level: 'note',
      code: 'folded-names',
      message: `Span names with ids in them were put together: ${foldedNames.slice(0, 5).join(', ')}${foldedNames.length > 5 ? ', …' : ''}.`,
      fix: 'Give such spans a name without the id, and put the id into an attribute.',
    },
  ];
}
