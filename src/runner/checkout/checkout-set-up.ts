/** Where the folders of a scenario are in a checkout, and how a checkout is made ready to start. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { Dependency, Scenario, Service } from '../../config.ts';
import { EXIT, UserError } from '../../errors.ts';
import type { Warning } from '../../measurement.ts';
import type { ProcessRegistry } from '../process-registry.ts';
import type { RunProgress } from '../run-progress.ts';
import { startedServices } from '../running-services.ts';
import { setUpServices } from '../set-up.ts';
import type { CheckoutSetUp } from './checkout.ts';
import { searchedInWorkTree, variablesIntoWorkTree } from './checkout-environment.ts';
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
  const read = READ_BY_BUILDS.map((name) => options.inherited[name] ?? null);
  // Packages with native code are built for one version of Node.
  const key = JSON.stringify([commands, read, options.node, process.platform, process.arch]);
  return {
    key: createHash('sha256').update(key).digest('hex'),
    async run(checkout) {
      const moved = scenarios.map((each) => scenarioAt(each, { from: workTree, to: checkout.directory }));
      const services = withoutRepetition(moved.flatMap(startedServices));
      for (const service of services) requireFolder(service, checkout, options.arm);
      const [scenario] = moved;
      if (scenario === undefined) return;
      try {
        await setUpServices({
          ...options,
          inherited: { ...options.inherited, ...WITHOUT_HOOKS },
          scenario: { ...scenario, services },
          progress: named(options),
        });
      } catch (error) {
        throw await ofArm(error, checkout, options);
      }
    },
  };
}

/** With other values, another build comes out: beside a fresh head, a kept base has to be made as it was. */
const READ_BY_BUILDS: readonly string[] = [
  ...['NODE_ENV', 'NODE_OPTIONS', 'npm_config_omit', 'npm_config_include', 'npm_config_production'],
  ...['CC', 'CXX', 'CFLAGS', 'CXXFLAGS', 'LDFLAGS', 'GOFLAGS', 'RUSTFLAGS', 'MAVEN_OPTS', 'PIP_CONSTRAINT'],
];

/** A linked work tree shares settings and hooks with the user's own, so what installs hooks is told not to. */
const WITHOUT_HOOKS = { HUSKY: '0', SKIP_INSTALL_SIMPLE_GIT_HOOKS: '1' } as const;

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
  {
    workTree,
    directory,
    inherited,
  }: {
    readonly workTree: string;
    readonly directory: string;
    readonly inherited: Readonly<Record<string, string | undefined>>;
  },
): readonly Warning[] {
  const services = withoutRepetition(scenarios.flatMap(startedServices));
  const top = withoutLinks(workTree);
  const into = { top, variables: variablesIntoWorkTree(inherited, top) };
  return [
    ...searchedInWorkTree(inherited, top),
    ...services.flatMap((service) => sharedPaths(textsOfService(service), into)),
    ...scenarios.flatMap(({ dependencies }) =>
      dependencies.flatMap((dependency) => sharedPaths(textsOfDependency(dependency), into)),
    ),
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

/** Texts of the configuration by their place in it. */
type Texts = readonly (readonly [place: string, text: string | null])[];

function textsOfService({ name, setup, start, env }: Service): Texts {
  const place = `services.${name}`;
  return [[`${place}.setup`, setup], [`${place}.start`, start], ...textsOf(env, `${place}.env`)];
}

function textsOfDependency({ name, start, migrate, seed, reset, state, env }: Dependency): Texts {
  const place = `dependencies.${name}`;
  const commands = Object.entries({ start, migrate, seed, reset, state });
  return [
    ...commands.map(([key, text]) => [`${place}.${key}`, text] as const),
    ...textsOf(env, `${place}.env`),
  ];
}

function textsOf(env: Service['env'], place: string): Texts {
  return Object.entries(env).map(([name, value]) => [`${place}.${name}`, value] as const);
}

/** An absolute path is not moved: base would read, or run, what belongs to head. */
function sharedPaths(
  texts: Texts,
  { top, variables }: { readonly top: string; readonly variables: readonly string[] },
): readonly Warning[] {
  return texts.flatMap(([place, text]) => {
    const isNamed = text === top || text?.includes(`${top}${sep}`) === true;
    const variable = [...(text ?? '').matchAll(/\$(?:\{(\w+)\}|(\w+))/g)]
      .map(([, braced, plain]) => braced ?? plain ?? '')
      .find((name) => variables.includes(name));
    if (!isNamed && variable === undefined) return [];
    const how = isNamed ? 'by its absolute path' : `by $${variable}`;
    return [
      {
        code: 'path-into-work-tree',
        message: `${place} names a file of the work tree ${how}, so base uses that of head. Make it relative to the folder that it runs in.`,
      },
    ];
  });
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
