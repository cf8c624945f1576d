/** The files that `spangate init` writes: YAML with comments, which a dump of data could not have. Pure. */
import { VERSION } from '../tool.ts';
import type { NodeService, PackageManager } from './detect.ts';
import { type Installation, installCommand } from './install.ts';
import type { OtherService } from './other-service.ts';
import { type ProposedRequest, proposeRequests } from './requests.ts';

/** In a start command. */
export const PORT_VARIABLE = '${port}';

export interface ConfigTextOptions {
  readonly service: NodeService | OtherService;
  /** For editors: a path or URL. */
  readonly schema: string;
}

export function configText({ service, schema }: ConfigTextOptions): string {
  const lines = [
    `# yaml-language-server: $schema=${schema}`,
    '# Configuration of spangate. All keys: docs/configuration.md of the package. Check it with: npx spangate doctor',
    '',
    ...serviceLines(service),
    '',
    ...dependencyLines(service),
    '',
    ...loadLines(service),
    '',
    ...DEFAULTS,
  ];
  return `${lines.join('\n')}\n`;
}

function serviceLines(service: NodeService | OtherService): string[] {
  const { name, setup, start, port, healthRoute } = service;
  const portRemark =
    port.kind === 'hard-coded' && !start?.command.includes(PORT_VARIABLE)
      ? [
          `    # It seems to listen on ${port.port} whatever PORT says (${port.place}): let it read process.env.PORT.`,
        ]
      : [];
  return [
    'services:',
    `  ${name}:`,
    ...(setup === null
      ? []
      : [`    setup: ${scalar(setup)} # once in each checkout, before the first round`]),
    ...portRemark,
    start === null
      ? `    start: ${'language' in service ? './serve --port ${port}' : 'node server.js'} # the command that starts the service; it gets a free port in PORT`
      : `    start: ${scalar(start.command)} # from ${start.source}; gets a free port in PORT`,
    healthRoute === null
      ? '    ready: tcp # or a path such as /healthz, or { log: "listening" }'
      : `    ready: ${scalar(healthRoute.path)} # a path, tcp, or { log: "listening" }`,
    ...('language' in service ? instrumentLines(service) : ['    env:', '      NODE_ENV: production']),
  ];
}

function instrumentLines({ instrument }: OtherService): string[] {
  return instrument
    ? ['    instrument: auto # brings OpenTelemetry to it; leave it out where the service has its own']
    : ['    telemetry: otlp # what its own OpenTelemetry sends'];
}

function dependencyLines({ backends }: NodeService): string[] {
  const found = backends.length === 0 ? '' : ` package.json has ${backends.join(', ')}.`;
  return [
    `# What the service needs while it is measured, such as a database.${found}`,
    '# dependencies:',
    '#   db:',
    '#     start: node scripts/database.js # gets a free port in PORT',
    '#     migrate: npm run migrate',
    '#     seed: npm run seed',
    '#     reset: npm run database:reset # before every round',
  ];
}

function loadLines(service: NodeService): string[] {
  const { reads, writes } = proposeRequests(service.routes);
  const hint =
    reads.length === 0
      ? '    # No route was found in the sources: put the requests that matter here.'
      : '    # Proposed from the routes in the sources. Use values that exist; `weight: 3` sends one three times as often.';
  return [
    'load:',
    '  requests:',
    hint,
    ...(reads.some(({ needs }) => needs !== 'ids')
      ? []
      : [`    - GET: ${scalar(service.healthRoute?.path ?? '/')}`]),
    ...reads.map(requestLine),
    ...(writes.length === 0
      ? []
      : ['    # Requests that change data, for when the data is reset before every round:']),
    ...writes.flatMap((request) => [
      `    # - ${request.method}: ${scalar(request.path)}`,
      ...(request.method === 'DELETE' ? [] : ['    #   body: { name: "${uuid}" }']),
      '    #   writes: true',
    ]),
  ];
}

function requestLine({ method, path, needs }: ProposedRequest): string {
  if (needs === 'ids')
    return `    # - ${method}: ${scalar(path)} # with a file ids.csv: a line \`id\`, then one id a line`;
  return `    - ${method}: ${scalar(path)}${needs === 'numbers' ? ' # which values exist?' : ''}`;
}

/** What holds anyway, to be seen and changed. */
const DEFAULTS: readonly string[] = [
  '# rounds:',
  '#   count: 4 # each with fresh instances',
  '#   instances: 2',
  '#   duration: 8s',
  '',
  '# limits:',
  '#   profile: standard # standard, strict or relaxed',
  '#   rules:',
  '#     - { span: "pg.*", p50: { warn: 3%, fail: 10%, at-least: 0.2ms } }',
  '',
  '# baseline:',
  '#   path: .spangate/baseline.json',
];

/** Plain where YAML reads it back as the same text, else in quotes. */
function scalar(text: string): string {
  const isPlain = /^[A-Za-z0-9_./$][^#:]*$/.test(text) && !/\s$|[\\\n"]/.test(text);
  const isOther = /^(?:true|false|null|~|[\d.]+|0[xo]\w+|\.(?:inf|nan))$/i.test(text);
  return isPlain && !isOther ? text : JSON.stringify(text);
}

/** How a program of an installed package is run. */
export const RUN: Readonly<Record<PackageManager, string>> = {
  npm: 'npx',
  pnpm: 'pnpm exec',
  yarn: 'yarn',
  bun: 'bunx',
};

export interface WorkflowTextOptions extends Installation {
  /** A file such as `.nvmrc` that says which Node to use; null for none. */
  readonly nodeVersionFile: string | null;
  /** Steps that bring another language; absent for Node. */
  readonly toolchain?: readonly string[];
}

export function workflowText(options: WorkflowTextOptions): string {
  const { packageManager, hasLockFile, nodeVersionFile } = options;
  const { toolchain } = options;
  const isOther = toolchain !== undefined;
  const spangate = isOther ? `npx --yes spangate@${VERSION}` : `${RUN[packageManager]} spangate`;
  const enable =
    packageManager === 'pnpm' || packageManager === 'yarn' ? ['      - run: corepack enable'] : [];
  const bun = packageManager === 'bun' ? ['      - uses: oven-sh/setup-bun@v2'] : [];
  const cache =
    hasLockFile && !isOther && packageManager !== 'bun' ? [`          cache: ${packageManager}`] : [];
  const lines = [
    'name: spangate',
    'on:',
    '  pull_request:',
    'permissions:',
    '  contents: read # to check out the code',
    'jobs:',
    '  gate:',
    '    runs-on: ubuntu-24.04',
    '    timeout-minutes: 20',
    '    steps:',
    '      - uses: actions/checkout@v7',
    '        with:',
    '          fetch-depth: 0 # base, and the messages of the commits since, which may accept a regression',
    '          persist-credentials: false # the service under test must not read them',
    ...enable,
    '      - uses: actions/setup-node@v6',
    '        with:',
    nodeVersionFile === null
      ? '          node-version: 24'
      : `          node-version-file: ${nodeVersionFile}`,
    ...cache,
    ...bun,
    ...(toolchain ?? [`      - run: ${installCommand(options)}`]),
    '      # HEAD is the pull request merged into its target, HEAD^1 the target: both are measured side by side.',
    '      - name: Gate',
    `        run: ${spangate} gate --against HEAD^1 --report markdown=spangate.md`,
    '      - name: Summary',
    "        if: always() && hashFiles('spangate.md') != ''",
    '        run: cat spangate.md >> "$GITHUB_STEP_SUMMARY"',
  ];
  return `${lines.join('\n')}\n`;
}
