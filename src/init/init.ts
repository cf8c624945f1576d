/** `spangate init`: looks at the project, and writes a configuration to begin with. */
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CONFIG_NAMES } from '../config/config-file.ts';
import { EXIT, type ExitCode, UserError } from '../errors.ts';
import { VERSION } from '../tool.ts';
import type { World } from '../world.ts';
import { detectNodeService, type NodeService } from './detect.ts';
import { setupCommand } from './install.ts';
import { detectOtherService, type OtherService } from './other-service.ts';
import { type Project, readProject } from './project.ts';
import { proposeRequests } from './requests.ts';
import { configText, PORT_VARIABLE, RUN, workflowText } from './template.ts';
import { toolchainOf } from './toolchain.ts';

export interface InitOptions {
  /** Replaces files that are there. */
  readonly force?: boolean;
  /** Writes a workflow for it as well. */
  readonly ci?: string;
}

const CONFIG_FILE = 'spangate.yml';
const WORKFLOW_FILE = '.github/workflows/spangate.yml';

/** @throws UserError `init-unsupported`, `init-nothing-found`, `init-file-exists` (exit 2); nothing is written then */
export async function runInit(
  world: Pick<World, 'cwd' | 'stdout'>,
  options: InitOptions = {},
): Promise<ExitCode> {
  const project = await readProject(world.cwd);
  const found = serviceOf(project, world.cwd);
  const installation = {
    packageManager: found.packageManager,
    hasLockFile: LOCK_FILES.some((name) => project.names.has(name)),
    isYarnClassic: !project.names.has('.yarnrc.yml'),
  };
  const other = 'language' in found ? found : null;
  const packages = other === null && hasPackages(project) ? installation : null;
  const service = { ...found, setup: setupCommand(found.setup, packages) };
  const workflow = workflowText({
    ...installation,
    nodeVersionFile: nodeVersionFile(project),
    ...(other && { toolchain: toolchainOf(other.language) }),
  });
  const wanted = [
    { file: CONFIG_FILE, text: configText({ service, schema: schemaPlace(project) }) },
    ...(options.ci === 'github' ? [{ file: WORKFLOW_FILE, text: workflow }] : []),
  ];
  const files = await writable(world.cwd, wanted, options);
  for (const { file, text } of files) await writeWhole(join(world.cwd, file), text);
  const written = files.map(({ file }) => file);
  const lines = [
    ...(written.includes(CONFIG_FILE)
      ? [`Wrote ${CONFIG_FILE}:`, ...findings(service)]
      : [`Kept the configuration that is there.`]),
    ...(written.includes(WORKFLOW_FILE) ? [`Wrote ${WORKFLOW_FILE}.`] : []),
    ...remarks(service).map((remark) => `! ${remark}`),
    ...nextSteps(project, service),
    ...(options.ci === undefined ? ['', ...workflowIntroduction(project), '', workflow.trimEnd()] : []),
  ];
  world.stdout.write(`${lines.join('\n')}\n`);
  return EXIT.pass;
}

const LOCK_FILES: readonly string[] = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'bun.lock',
  'bun.lockb',
];

function hasPackages({ manifest }: Project): boolean {
  const { dependencies, devDependencies } = manifest ?? {};
  return Object.keys({ ...dependencies, ...devDependencies }).length > 0;
}

function serviceOf(project: Project, cwd: string): NodeService | OtherService {
  const service = detectNodeService(project);
  const other = detectOtherService(project);
  if (other && (service === null || service.start === null)) return other;
  if (service !== null) return service;
  throw new UserError({
    code: 'init-nothing-found',
    what: `There is no package.json in ${cwd}${project.names.has('package.json') ? ' that can be read' : ''}, and nothing that looks like a service in Python, Java or Go.`,
    hint: 'Run it in the folder of the service, or write spangate.yml by hand: docs/configuration.md has an example.',
    exitCode: EXIT.usage,
  });
}

function nodeVersionFile({ names, manifest }: Project): string | null {
  const file = ['.nvmrc', '.node-version'].find((name) => names.has(name));
  return file ?? (manifest?.engines?.node === undefined ? null : 'package.json');
}

/** The schema of the version that is installed, where one is. */
function schemaPlace({ hasSpangate, manifest }: Project): string {
  const isDeclared = manifest?.devDependencies?.spangate ?? manifest?.dependencies?.spangate;
  const file = 'schemas/config.schema.json';
  return hasSpangate || isDeclared !== undefined
    ? `./node_modules/spangate/${file}`
    : `https://unpkg.com/spangate@${VERSION}/${file}`;
}

interface TextFile {
  readonly file: string;
  readonly text: string;
}

/**
 * What may be written. A configuration that is there is no obstacle to a workflow.
 *
 * @throws UserError `init-file-exists`
 */
async function writable(
  cwd: string,
  files: readonly TextFile[],
  options: InitOptions,
): Promise<readonly TextFile[]> {
  if (options.force) return files;
  const free: TextFile[] = [];
  let there: string | null = null;
  for (const wanted of files) {
    const names = wanted.file === CONFIG_FILE ? CONFIG_NAMES : [wanted.file];
    const found = await firstThere(cwd, names);
    if (found === null) free.push(wanted);
    else there = found;
  }
  if (there === null || (options.ci !== undefined && free.some(({ file }) => file === WORKFLOW_FILE)))
    return free;
  throw new UserError({
    code: 'init-file-exists',
    what: `${there} is there already.`,
    hint: 'Write it anew with: npx spangate init --force',
    exitCode: EXIT.usage,
  });
}

async function firstThere(cwd: string, names: readonly string[]): Promise<string | null> {
  for (const name of names) {
    if (await stat(join(cwd, name)).catch(() => null)) return name;
  }
  return null;
}

/** Whole or not at all. */
async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, text);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new UserError({
      code: 'init-cannot-write',
      what: `${path} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: 'Check the permissions and the free space of the folder.',
      exitCode: EXIT.usage,
      cause,
    });
  }
}

function findings(service: NodeService | OtherService): readonly string[] {
  const { name, framework, start, setup, port, healthRoute } = service;
  const other = 'language' in service ? service : null;
  const reads = proposeRequests(service.routes).reads.filter(({ needs }) => needs !== 'ids');
  return [
    `  service   ${name} (${framework ?? 'no framework that spangate knows'}, ${other?.place ?? service.packageManager})`,
    ...(setup === null ? [] : [`  setup     ${setup}`]),
    `  start     ${start === null ? 'nothing found' : `${start.command} (${start.source})`}`,
    ...(other === null ? [`  port      ${portText(port)}`] : [`  spans     ${spansText(other)}`]),
    `  ready     ${healthRoute === null ? 'when its port accepts a connection' : `GET ${healthRoute.path} (${healthRoute.file})`}`,
    `  requests  ${reads.length === 0 ? `none found, so GET ${healthRoute?.path ?? '/'}` : reads.map(({ path }) => `GET ${path}`).join(', ')}`,
  ];
}

function spansText({ language, instrument }: OtherService): string {
  if (!instrument) return 'by OTLP, from the OpenTelemetry in its code';
  const how = language === 'Java' ? 'the OpenTelemetry agent' : 'packages beside its own';
  return `by OTLP; spangate brings OpenTelemetry: ${how} (instrument: auto)`;
}

function portText(port: NodeService['port']): string {
  if (port.kind === 'unknown') return 'nothing in the sources says how it is chosen';
  if (port.kind === 'hard-coded') return `${port.port}, fixed (${port.place})`;
  return `from PORT (${port.place}${port.otherwise === null ? '' : `; ${port.otherwise} without it`})`;
}

function workflowIntroduction({ names }: Project): readonly string[] {
  const how = `\`npx spangate init --ci github\` writes it`;
  if (names.has('.git')) return [`For GitHub Actions, ${WORKFLOW_FILE} (${how}):`];
  return [
    `For GitHub Actions, ${WORKFLOW_FILE} at the root of the repository (${how} here; elsewhere, it needs a working-directory):`,
  ];
}

/** What the user has to look at. */
function remarks(service: NodeService | OtherService): readonly string[] {
  const { start, port, backends, hasWorkspaces, framework } = service;
  const takesPort = start?.command.includes(PORT_VARIABLE) === true;
  const language = 'language' in service ? service.language : null;
  const all: readonly (readonly [boolean, string])[] = [
    [
      start === null,
      `Nothing in ${language === null ? 'package.json' : 'the sources'} or the usual places says how the service is started: fill in \`start\`.`,
    ],
    [
      language === 'Go',
      'Nothing can be brought to a Go program from outside: it needs the OpenTelemetry SDK in its code, with an OTLP exporter, otelhttp around its handler, and propagation.TraceContext as its propagator.',
    ],
    [
      start?.command.includes('flask --app') === true ||
        start?.command.includes('manage.py runserver') === true,
      'This is a server for development, which closes every connection: put gunicorn into the project, and into `start`, for latencies like those in production.',
    ],
    [
      start === null && hasWorkspaces,
      'This is a workspace root: run init in the folder of the service instead.',
    ],
    [
      port.kind === 'hard-coded' && !takesPort,
      `It seems to listen on a fixed port whatever PORT says. Let it read process.env.PORT, or put "${PORT_VARIABLE}" into \`start\`: several instances run side by side.`,
    ],
    [
      port.kind === 'unknown' && !takesPort,
      `spangate gives every instance a free port in PORT: make sure that the service reads it, or put "${PORT_VARIABLE}" into \`start\`.`,
    ],
    [
      framework?.startsWith('Next.js') === true,
      'Next.js bundles its server: `npx spangate doctor` shows which spans are seen.',
    ],
    [
      backends.length > 0,
      `It uses ${backends.join(', ')}: give what it needs under \`dependencies\`, or start it yourself.`,
    ],
  ];
  return all.filter(([applies]) => applies).map(([, text]) => text);
}

function nextSteps(project: Project, service: NodeService | OtherService): readonly string[] {
  const { packageManager } = service;
  const add = { npm: 'npm install --save-dev', pnpm: 'pnpm add -D', yarn: 'yarn add -D', bun: 'bun add -d' };
  return [
    '',
    'Next:',
    ...(project.hasSpangate || 'language' in service ? [] : [`  ${add[packageManager]} spangate`]),
    `  ${RUN[packageManager]} spangate doctor               # sends each request once and shows its spans`,
    `  ${RUN[packageManager]} spangate gate --against main  # on a branch: main and the branch, side by side`,
    `  ${RUN[packageManager]} spangate calibrate            # how small a change can be found here`,
  ];
}
