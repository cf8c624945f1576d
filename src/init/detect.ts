/** What kind of service a project is, and how it is started. Pure. */

import { findPort, type PortFinding } from './port.ts';
import type { Manifest, Project } from './project.ts';
import { findRoutes, type Route } from './routes.ts';

export type PackageManager = 'npm' | 'pnpm' | 'yarn' | 'bun';

export interface StartCommand {
  readonly command: string;
  /** Where it comes from, such as `scripts.start`. */
  readonly source: string;
}

export interface NodeService {
  readonly name: string;
  readonly packageManager: PackageManager;
  /** With its major version, such as `Express 5`; null where it is none that we know. */
  readonly framework: string | null;
  /** Null where nothing looks like one. */
  readonly start: StartCommand | null;
  /** Builds what `start` runs; null where nothing needs to be built. */
  readonly setup: string | null;
  readonly port: PortFinding;
  /** A route that only says that the service is up. */
  readonly healthRoute: Route | null;
  readonly routes: readonly Route[];
  /** Packages that speak to databases and the like. */
  readonly backends: readonly string[];
  readonly hasWorkspaces: boolean;
}

export function detectNodeService(project: Project): NodeService | null {
  const { manifest } = project;
  if (manifest === null) return null;
  const routes = findRoutes(project.sources);
  const packageManager = packageManagerOf(project, manifest);
  const start = startOf(project, manifest, packageManager);
  return {
    name: serviceName(manifest.name),
    packageManager,
    framework: frameworkOf(manifest),
    start,
    setup: setupOf(manifest, start, packageManager),
    port: findPort(project),
    healthRoute: healthRouteOf(routes),
    routes: routes.filter((route) => !HEALTH_PATH.test(route.path)),
    backends: BACKENDS.filter((name) => Object.hasOwn(manifest.dependencies ?? {}, name)),
    hasWorkspaces: manifest.workspaces !== undefined || project.names.has('pnpm-workspace.yaml'),
  };
}

function serviceName(name: string | undefined): string {
  const plain = (name ?? '')
    .replace(/^@[^/]*\//, '')
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^[-_]+|[-_]+$/g, '');
  return plain === '' ? 'api' : plain;
}

const LOCK_FILES: readonly (readonly [string, PackageManager])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['package-lock.json', 'npm'],
];

function packageManagerOf({ names }: Project, { packageManager }: Manifest): PackageManager {
  const declared = /^(npm|pnpm|yarn|bun)@/.exec(packageManager ?? '')?.[1] as PackageManager | undefined;
  return declared ?? LOCK_FILES.find(([file]) => names.has(file))?.[1] ?? 'npm';
}

/** Those that build on others come first. */
const FRAMEWORKS: readonly (readonly [string, string])[] = [
  ['@nestjs/core', 'Nest'],
  ['next', 'Next.js'],
  ['fastify', 'Fastify'],
  ['express', 'Express'],
  ['@hapi/hapi', 'Hapi'],
  ['koa', 'Koa'],
  ['hono', 'Hono'],
  ['restify', 'Restify'],
];

function frameworkOf({ dependencies = {} }: Manifest): string | null {
  for (const [name, title] of FRAMEWORKS) {
    const range = dependencies[name];
    if (range === undefined) continue;
    const major = /\d+/.exec(range)?.[0];
    return major === undefined ? title : `${title} ${major}`;
  }
  return null;
}

const BACKENDS: readonly string[] = [
  ...['pg', 'postgres', 'mysql', 'mysql2', 'mongodb', 'mongoose', 'redis', 'ioredis', 'better-sqlite3'],
  ...['@prisma/client', 'typeorm', 'sequelize', 'knex', 'amqplib', 'kafkajs', '@elastic/elasticsearch'],
];

/** Restarts the service when a file changes, which a measurement must not. */
const WATCHES = /\bnodemon\b|\bts-node-dev\b|--watch\b|\bwatch\b|\bnext dev\b|\bvite\b/;

function startOf(
  { sources }: Project,
  manifest: Manifest,
  packageManager: PackageManager,
): StartCommand | null {
  for (const name of ['start:prod', 'start:production', 'start']) {
    const script = manifest.scripts?.[name];
    if (script === undefined || WATCHES.test(script) || /^nest start\b/.test(script)) continue;
    const source = `scripts.${name} in package.json`;
    // Without the package manager between, there is one process less to start and to stop.
    if (/^(?:[A-Z_]+=\S+\s+)*node\s[^&|;]*$/.test(script)) return { command: withPort(script), source };
    return {
      command: name === 'start' ? `${packageManager} start` : `${packageManager} run ${name}`,
      source,
    };
  }
  const { main } = manifest;
  if (main !== undefined && sources.has(main.replace(/^\.\//, '')))
    return { command: `node ${main}`, source: 'main in package.json' };
  const entry = ENTRIES.find((file) => /\blisten\(|\bserve\(/.test(sources.get(file) ?? ''));
  if (entry === undefined) return null;
  const runner = /\.[cm]?ts$/.test(entry) ? 'npx tsx' : 'node';
  return { command: `${runner} ${entry}`, source: entry };
}

/** Where services usually begin. */
const ENTRIES: readonly string[] = ['', 'src/', 'server/', 'lib/', 'bin/', 'dist/', 'build/'].flatMap(
  (folder) =>
    ['server', 'index', 'app', 'main', 'www'].flatMap((name) =>
      ['js', 'mjs', 'cjs', 'ts', 'mts'].map((extension) => `${folder}${name}.${extension}`),
    ),
);

function withPort(script: string): string {
  return script.replace(/(\s(?:--port|-p)(?:\s+|=))\d+/, '$1${port}');
}

function setupOf(
  { scripts = {} }: Manifest,
  start: StartCommand | null,
  packageManager: PackageManager,
): string | null {
  if (scripts.build === undefined || start === null) return null;
  const script = scripts[/^\S+ (?:run )?(\S+)$/.exec(start.command)?.[1] ?? ''] ?? start.command;
  const runsBuild = /\b(?:dist|build|out|lib|\.next|\.output)\b|\bnext start\b/.test(script);
  return runsBuild ? `${packageManager} run build` : null;
}

export const HEALTH_PATH =
  /^(?:\/[\w.-]+){0,3}\/[-_]?(?:healthz?|healthcheck|health-check|readyz?|readiness|livez?|liveness|ping|status|heartbeat)$/i;

function healthRouteOf(routes: readonly Route[]): Route | null {
  return routes.find((route) => route.method === 'GET' && HEALTH_PATH.test(route.path)) ?? null;
}
