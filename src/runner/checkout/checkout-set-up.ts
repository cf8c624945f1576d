/** Where the folders of a scenario are in a checkout, and how a checkout is made ready to start. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { Scenario, Service } from '../../config.ts';
import { EXIT, UserError } from '../../errors.ts';
import type { Warning } from '../../measurement.ts';
import type { ProcessRegistry } from '../process-registry.ts';
import type { RunProgress } from '../run-progress.ts';
import { startedServices } from '../running-services.ts';
import { setUpServices } from '../set-up.ts';
import type { CheckoutSetUp } from './checkout.ts';
import { diskFull, saysDiskFull } from './git.ts';
import { missingContent } from './missing-content.ts';

export interface CheckoutSetUpOptions {
  readonly arm: 'base' | 'head';
  /** Those of head, whose configuration drives both arms; their folders are in the work tree. */
  readonly scenarios: readonly Scenario[];
  /** Top of the work tree that the scenarios' folders are in. */
  readonly workTree: string;
  readonly registry: ProcessRegistry;
  readonly inherited: Readonly<Record<string, string | undefined>>;
  /** Version of the Node that the commands run with; see `nodeOnPath`. */
  readonly node: string;
  /** Of this arm alone: the arms may be set up at the same time. */
  readonly logDirectory: string;
  readonly progress: RunProgress;
}

/**
 * Runs the `setup` commands of all services, each once.
 *
 * `run` throws UserError `base-setup-failed` or `head-setup-failed` with the end of what the command printed,
 * `folder-missing` where the commit lacks the folder of a service, `service-outside-repository`
 */
export function checkoutSetUp(options: CheckoutSetUpOptions): CheckoutSetUp {
  const { scenarios, workTree } = options;
  const commands = scenarios.flatMap(({ services }) =>
    services.map(({ setup, directory, env }) => [
      setup,
      relative(withoutLinks(workTree), withoutLinks(directory)),
      env,
    ]),
  );
  // Packages with native code are built for one version of Node.
  const key = JSON.stringify([commands, options.node, process.platform, process.arch]);
  return {
    key: createHash('sha256').update(key).digest('hex'),
    async run(checkout) {
      const moved = scenarios.map((each) => scenarioAt(each, { from: workTree, to: checkout.directory }));
      const services = withoutRepetition(moved.flatMap(startedServices));
      for (const service of services) requireFolder(service, checkout, options.arm);
      const [scenario] = moved;
      if (scenario === undefined) return;
      try {
        await setUpServices({ ...options, scenario: { ...scenario, services }, progress: named(options) });
      } catch (error) {
        throw await ofArm(error, checkout, options);
      }
    },
  };
}

/**
 * The same scenario with its services and dependencies in another checkout of the repository. Load, files of bodies
 * and baseline stay those of head. A dependency outside the repository stays where it is: both arms use that one.
 *
 * @throws UserError `service-outside-repository`
 */
export function scenarioAt(
  scenario: Scenario,
  { from, to }: { readonly from: string; readonly to: string },
): Scenario {
  const top = withoutLinks(from);
  return {
    ...scenario,
    services: scenario.services.map((service) => {
      const path = pathBelow(top, service.directory);
      if (path === null) throw outside(service, top);
      return { ...service, directory: join(to, path) };
    }),
    dependencies: scenario.dependencies.map((dependency) => {
      const path = pathBelow(top, dependency.directory);
      return path === null ? dependency : { ...dependency, directory: join(to, path) };
    }),
  };
}

/**
 * What both arms would share, or lack, without anybody having meant it.
 *
 * @param scenarios as `scenarioAt` made them, in a checkout that is set up
 */
export function checkoutWarnings(
  scenarios: readonly Scenario[],
  { workTree, directory }: { readonly workTree: string; readonly directory: string },
): readonly Warning[] {
  const services = withoutRepetition(scenarios.flatMap(startedServices));
  return [
    ...services.flatMap((service) => sharedPaths(service, workTree)),
    ...services.filter((service) => lacksPackages(service, directory)).map(packagesMissing),
  ];
}

/** Services that differ neither in command nor in folder nor in environment are set up once. */
function withoutRepetition(services: readonly Service[]): readonly Service[] {
  const unique = new Map<string, Service>();
  for (const service of services) {
    const key = JSON.stringify([service.setup, service.directory, service.env]);
    if (!unique.has(key)) unique.set(key, service);
  }
  return [...unique.values()];
}

function requireFolder(
  service: Service,
  checkout: { readonly commit: string },
  arm: CheckoutSetUpOptions['arm'],
): void {
  if (statSync(service.directory, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new UserError({
    code: 'folder-missing',
    what: `The ${arm} (${shortHash(checkout)}) has no folder for the service ${service.name}.`,
    where: service.directory,
    hint:
      arm === 'base'
        ? 'A service that is new has nothing to compare with: leave its scenario out (--scenario), or compare with a commit that has it.'
        : 'git ignores that folder, so a checkout has none: commit it, or make it in the setup of another service.',
    exitCode: EXIT.couldNotMeasure,
  });
}

async function ofArm(
  error: unknown,
  checkout: { readonly directory: string; readonly commit: string },
  options: CheckoutSetUpOptions,
): Promise<unknown> {
  if (!(error instanceof UserError) || error.code !== 'setup-failed') return error;
  const { arm, inherited } = options;
  if (saysDiskFull(error.detail)) return diskFull(checkout.directory, error.detail, error);
  const lacks = await missingContent({ directory: checkout.directory, inherited }).catch(() => []);
  return new UserError({
    code: `${arm}-setup-failed`,
    what: `In a fresh checkout of the ${arm} (${shortHash(checkout)}): ${error.message}`,
    ...(error.where !== undefined && { where: error.where }),
    detail: [...error.detail, ...lacks.map((warning) => warning.message)],
    hint: `${TRY_BY_HAND[arm]} Only files that git tracks${arm === 'head' ? ', or does not ignore,' : ''} are in a checkout.`,
    exitCode: error.exitCode,
    cause: error,
  });
}

const TRY_BY_HAND = {
  base: 'Try it by hand: git worktree add --detach ../base <that commit>. If base is broken, compare with another commit.',
  head: 'Try it by hand in a fresh clone.',
} as const;

function named({ arm, progress }: CheckoutSetUpOptions): RunProgress {
  return {
    step: (text) => progress.step(`${arm}: ${text}`),
    round: (index, total) => progress.round(index, total),
    phase: (phase) => progress.phase(phase),
    live: (figures) => progress.live(figures),
  };
}

function outside(service: Service, top: string): UserError {
  return new UserError({
    code: 'service-outside-repository',
    what: `The service ${service.name} is outside the repository ${top}, so base and head would be the same files.`,
    where: service.directory,
    hint: 'Run spangate in the repository of the service, or compare two folders: spangate ab <base> <head>',
    exitCode: EXIT.usage,
  });
}

/** A path in the environment is not moved: base would read what belongs to head. */
function sharedPaths(service: Service, workTree: string): readonly Warning[] {
  const top = withoutLinks(workTree);
  return Object.entries(service.env)
    .filter(([, value]) => value === top || value.includes(`${top}${sep}`))
    .map(([name]) => ({
      code: 'path-into-work-tree',
      message: `services.${service.name}.env.${name} names a file of the work tree by its absolute path, so base uses that of head. Make it relative to the folder of the service.`,
    }));
}

function lacksPackages(service: Service, top: string): boolean {
  if (service.setup !== null) return false;
  if (!needsPackages(join(service.directory, 'package.json'))) return false;
  const folders = foldersUpTo(service.directory, top);
  return !folders.some((folder) => INSTALLED.some((name) => existsSync(join(folder, name))));
}

/** What npm and pnpm install, and Yarn's way without a folder. */
const INSTALLED: readonly string[] = ['node_modules', '.pnp.cjs'];

function needsPackages(manifest: string): boolean {
  try {
    const { dependencies }: { dependencies?: object } = JSON.parse(readFileSync(manifest, 'utf8'));
    return Object.keys(dependencies ?? {}).length > 0;
  } catch {
    return false;
  }
}

function foldersUpTo(directory: string, top: string): readonly string[] {
  const folders = [directory];
  for (let folder = directory; folder !== top && folder !== dirname(folder); folder = dirname(folder)) {
    folders.push(dirname(folder));
  }
  return folders;
}

function packagesMissing(service: Service): Warning {
  return {
    code: 'packages-not-installed',
    message: `A checkout has only what is committed, and nothing installs the packages of ${service.name}. Give it a setup, such as: npm ci.`,
  };
}

/** Null where it is not below the top. */
function pathBelow(top: string, directory: string): string | null {
  const path = relative(top, withoutLinks(directory));
  return path === '..' || path.startsWith(`..${sep}`) ? null : path;
}

function withoutLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function shortHash({ commit }: { readonly commit: string }): string {
  return commit.slice(0, 10);
}
