/** `spangate init`: looks at the project, and writes a configuration to begin with. */
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CONFIG_NAMES } from '../config/config-file.ts';
import { EXIT, type ExitCode, UserError } from '../errors.ts';
import { VERSION } from '../tool.ts';
import type { World } from '../world.ts';
import { detectNodeService, type NodeService } from './detect.ts';
import { setupCommand } from './install.ts';
import { detectOtherService } from './other-service.ts';
import { type Project, readProject } from './project.ts';
import { proposeRequests } from './requests.ts';
import { configText, PORT_VARIABLE, RUN, workflowText } from './template.ts';

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
  const service = { ...found, setup: setupCommand(found.setup, hasPackages(project) ? installation : null) };
  const workflow = workflowText({ ...installation, nodeVersionFile: nodeVersionFile(project) });
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

function serviceOf(project: Project, cwd: string): NodeService {
  const service = detectNodeService(project);
  const other = detectOtherService(project);
  if (other && (service === null || service.start === null)) {
    throw new UserError({
      code: 'init-unsupported',
      what: `This looks like a ${other.framework} service (${other.place}), and spangate measures Node services only so far.`,
      hint: `Planned for ${other.framework}: ${other.plan}.`,
      exitCode: EXIT.usage,
    });
  }
  if (service !== null) return service;
  throw new UserError({
    code: 'init-nothing-found',
    what: `There is no package.json in ${cwd}${project.names.has('package.json') ? ' that can be read' : ''}.`,
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

function findings(service: NodeService): readonly string[] {
  const { name, framework, packageManager, start, setup, port, healthRoute } = service;
  const reads = proposeRequests(service.routes).reads.filter(({ needs }) => needs !== 'ids');
  return [
    `  service   ${name} (${framework ?? 'no framework that spangate knows'}, ${packageManager})`,
    ...(setup === null ? [] : [`  setup     ${setup}`]),
    `  start     ${start === null ? 'nothing found' : `${start.command} (${start.source})`}`,
    `  port      ${portText(port)}`,
    `  ready     ${healthRoute === null ? 'when its port accepts a connection' : `GET ${healthRoute.path} (${healthRoute.file})`}`,
    `  requests  ${reads.length === 0 ? `none found, so GET ${healthRoute?.path ?? '/'}` : reads.map(({ path }) => `GET ${path}`).join(', ')}`,
  ];
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
function remarks(service: NodeService): readonly string[] {
  const { start, port, backends, hasWorkspaces, framework } = service;
  const takesPort = start?.command.includes(PORT_VARIABLE) === true;
  const all: readonly (readonly [boolean, string])[] = [
    [
      start === null,
      `Nothing in package.json or the usual places says how the service is started: fill in \`start\`.`,
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

function nextSteps(project: Project, { packageManager }: NodeService): readonly string[] {
  const add = { npm: 'npm install --save-dev', pnpm: 'pnpm add -D', yarn: 'yarn add -D', bun: 'bun add -d' };
  return [
    '',
    'Next:',
    ...(project.hasSpangate ? [] : [`  ${add[packageManager]} spangate`]),
    `  ${RUN[packageManager]} spangate doctor               # sends each request once and shows its spans`,
    `  ${RUN[packageManager]} spangate gate --against main  # on a branch: main and the branch, side by side`,
    `  ${RUN[packageManager]} spangate calibrate            # how small a change can be found here`,
  ];
}
