/** The two sides of `ab`: folders as they are, with variables of their own. */
import { statSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import type { Config, Scenario } from '../config.ts';
import { EXIT, retold, UserError } from '../errors.ts';
import type { TogetherCase } from '../gate-together.ts';
import type { Arm, ArmPair, Warning } from '../measurement.ts';
import { scenarioAt } from '../runner/checkout/checkout-set-up.ts';
import { readCommit } from '../runner/commit.ts';
import { setUpServices } from '../runner/set-up.ts';
import type { World } from '../world.ts';
import type { Session } from './session.ts';

export interface Sides {
  /** Absolute, without links. */
  readonly folders: ArmPair<string>;
  /** Variables beside those of the configuration. */
  readonly env: ArmPair<Readonly<Record<string, string>>>;
}

/** A and B take the places of base and head. */
const NAMES: ArmPair<'A' | 'B'> = { base: 'A', head: 'B' };

const ARMS: readonly Arm[] = ['base', 'head'];

/** @throws UserError `folder-missing`, `service-outside-folder` */
export async function casesOfSides(
  world: World,
  config: Config,
  sides: Sides,
): Promise<readonly TogetherCase[]> {
  const cases: TogetherCase[] = [];
  for (const scenario of config.scenarios) cases.push(await caseOf({ world, config, scenario, sides }));
  return cases;
}

async function caseOf(parts: {
  readonly world: World;
  readonly config: Config;
  readonly scenario: Scenario;
  readonly sides: Sides;
}): Promise<TogetherCase> {
  const { world, config, scenario, sides } = parts;
  const from = config.file === null ? world.cwd : dirname(config.file);
  const armOf = async (arm: Arm) => ({
    arm,
    scenario: withVariables(inFolder(scenario, { from, to: sides.folders[arm], arm }), sides.env[arm]),
    commit: await readCommit(sides.folders[arm], world.env),
  });
  return {
    scenario,
    arms: { base: await armOf('base'), head: await armOf('head') },
    env: sides.env,
    names: { baseline: NAMES.base, candidate: NAMES.head },
    sources: { base: sourceOf(world, sides, 'base'), head: sourceOf(world, sides, 'head') },
    named: ofSide,
    loosened: [],
    warnings: pathWarnings(sides.folders),
  };
}

/** `build-a, FEATURE_X=1` */
function sourceOf({ cwd }: World, { folders, env }: Sides, arm: Arm): string {
  const folder = relative(cwd, folders[arm]);
  const variables = Object.entries(env[arm]).map(([name, value]) => {
    // Reports are public where the code is.
    const shown = SECRET.test(name) ? '…' : value.slice(0, MOST_CHARACTERS);
    return `${name}=${shown}`;
  });
  return [folder === '' ? 'this folder' : folder, ...variables].join(', ');
}

const SECRET = /TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|KEY|DATABASE_URL|DSN/i;

/** Enough for a flag; a PATH would fill the line. */
const MOST_CHARACTERS = 40;

/** @throws UserError `folder-missing`, `service-outside-folder` */
function inFolder(
  scenario: Scenario,
  { from, to, arm }: { readonly from: string; readonly to: string; readonly arm: Arm },
): Scenario {
  const moved = movedTo(scenario, { from, to });
  for (const { name, directory } of moved.services) {
    if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true) continue;
    throw new UserError({
      code: 'folder-missing',
      what: `${NAMES[arm]} has no folder for the service ${name}.`,
      where: directory,
      hint: 'Both folders need the layout of the configuration: give the folders that stand for the one of spangate.yml.',
      exitCode: EXIT.usage,
    });
  }
  return moved;
}

function movedTo(scenario: Scenario, places: { readonly from: string; readonly to: string }): Scenario {
  if (places.from === places.to) return scenario;
  try {
    return scenarioAt(scenario, places);
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'service-outside-repository') throw error;
    throw new UserError({
      code: 'service-outside-folder',
      what: `A service is outside the folder of the configuration, ${places.from}, so A and B would be the same files.`,
      ...(error.where !== undefined && { where: error.where }),
      hint: 'Put the configuration into a folder above all services, and give two copies of that folder.',
      exitCode: EXIT.usage,
      cause: error,
    });
  }
}

/** Commands of dependencies get them too, but for those that both sides share. */
function withVariables(scenario: Scenario, variables: Readonly<Record<string, string>>): Scenario {
  return {
    ...scenario,
    dependencies: scenario.dependencies.map((dependency) =>
      dependency.scope === 'shared'
        ? dependency
        : { ...dependency, env: { ...dependency.env, ...variables } },
    ),
  };
}

function pathWarnings({ base, head }: ArmPair<string>): readonly Warning[] {
  const lengths = { base: Buffer.byteLength(base), head: Buffer.byteLength(head) };
  if (lengths.base === lengths.head) return [];
  return [
    {
      code: 'path-lengths-differ',
      message: `The paths of A and B differ in length (${lengths.base} and ${lengths.head} bytes: ${base}, ${head}). They are in arguments and stack traces and move the stack, which can change times by some per cent: rename one folder.`,
    },
  ];
}

/**
 * Runs the set-up commands in the folders as they are, one after the other. One folder is one build: it is set up once,
 * without the variables of either side.
 *
 * @throws UserError `setup-failed`
 */
export async function setUpSides(
  cases: readonly TogetherCase[],
  context: { readonly world: World; readonly session: Session; readonly sides: Sides },
): Promise<void> {
  const { session, sides } = context;
  const isOneBuild = sides.folders.base === sides.folders.head;
  session.progress.phase('setting up');
  if (isOneBuild) return await setUp(cases, { ...context, arm: 'base', env: {} });
  for (const arm of ARMS) {
    try {
      await setUp(cases, { ...context, arm, env: sides.env[arm] });
    } catch (error) {
      throw error instanceof UserError ? named(error, arm, error.message) : error;
    }
  }
}

async function setUp(
  cases: readonly TogetherCase[],
  context: {
    readonly world: World;
    readonly session: Session;
    readonly arm: Arm;
    readonly env: Readonly<Record<string, string>>;
  },
): Promise<void> {
  const { world, session, arm, env } = context;
  const logDirectory = await session.folder(`set-up-${NAMES[arm]}`);
  const all = cases.flatMap(({ arms }) => arms[arm].scenario.services);
  const services = new Map(
    all.map((service) => [JSON.stringify([service.setup, service.directory, service.env]), service]),
  );
  const [first] = cases;
  if (first === undefined) return;
  await setUpServices({
    scenario: {
      ...first.scenario,
      services: [...services.values()].map((service) => ({ ...service, env: { ...service.env, ...env } })),
    },
    registry: session.registry,
    inherited: world.env,
    logDirectory,
    progress: session.progress,
  });
}

/** Errors of an arm are told of the side that the user knows. */
function ofSide(error: unknown): unknown {
  if (!(error instanceof UserError)) return error;
  for (const arm of ARMS) {
    const prefix = `In ${arm}: `;
    if (error.message.startsWith(prefix)) return named(error, arm, error.message.slice(prefix.length));
  }
  return error;
}

function named(error: UserError, arm: Arm, message: string): UserError {
  const { code } = error;
  return retold(error, {
    code: code.startsWith(`${arm}-`) ? `${NAMES[arm].toLowerCase()}${code.slice(arm.length)}` : code,
    what: `In ${NAMES[arm]}: ${message}`,
  });
}
