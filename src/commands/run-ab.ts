/** `spangate ab`: two folders side by side, or one folder in two environments. */
import { realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Config } from '../config.ts';
import { EXIT, type ExitCode, UserError } from '../errors.ts';
import { exitCodeOf } from '../gate.ts';
import { gateTogether } from '../gate-together.ts';
import type { ArmPair } from '../measurement.ts';
import type { World } from '../world.ts';
import { casesOfSides, type Sides, setUpSides } from './ab-sides.ts';
import { assertWritable } from './assert-writable.ts';
import { chosenConfig, withPolicy } from './chosen-config.ts';
import { type HandingOnOptions, openHandingOn } from './handing-on.ts';
import { type MeasuringOptions, measuring } from './measuring.ts';
import { filesOf, type PrintOptions, printResult } from './print-result.ts';

/** `NAME=value`. */
export type Variable = readonly [name: string, value: string];

export interface AbOptions extends MeasuringOptions, PrintOptions, HandingOnOptions {
  /** At most two. */
  readonly folders: readonly string[];
  readonly envA: readonly Variable[];
  readonly envB: readonly Variable[];
  /** False where the folders are built already. */
  readonly setup: boolean;
  readonly strict?: boolean;
}

/** @throws UserError `nothing-differs`, `folder-missing`, as `chosenConfig`, `setUpServices` and `gateTogether` */
export async function runAb(world: World, options: AbOptions): Promise<ExitCode> {
  const folders = foldersOf(world, options);
  const sides = {
    folders,
    env: { base: Object.fromEntries(options.envA), head: Object.fromEntries(options.envB) },
  };
  assertDifferent(sides);
  const config = withPolicy(await configFor(world, options, folders), (policy) => ({
    ...policy,
    strict: policy.strict || options.strict === true,
  }));
  for (const { file } of filesOf(world, options)) assertWritable(file);
  await using handing = await openHandingOn(world, options);
  const { onSpans } = handing;
  const result = await measuring(world, { ...options, onSpans, loaded: config }, async (session) => {
    const cases = await casesOfSides(world, config, sides);
    if (options.setup) await setUpSides(cases, { world, session, sides });
    return await gateTogether(cases, session.togetherWorld);
  });
  printResult(world, await handing.handOn(result), options);
  return exitCodeOf(result);
}

function foldersOf(world: World, { folders }: AbOptions): ArmPair<string> {
  const [a = '.', b = a] = folders;
  return { base: existingFolder(world, a), head: existingFolder(world, b) };
}

/** Without links: Node runs what a link leads to. */
function existingFolder({ cwd }: World, folder: string): string {
  const path = resolve(cwd, folder);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return realpathSync(path);
  throw new UserError({
    code: 'folder-missing',
    what: `There is no folder ${folder}.`,
    where: path,
    hint: 'Give the folders of two builds: spangate ab ./build-a ./build-b',
    exitCode: EXIT.usage,
  });
}

function assertDifferent({ folders, env }: Sides): void {
  if (folders.base !== folders.head) return;
  const names = new Set([...Object.keys(env.base), ...Object.keys(env.head)]);
  if ([...names].some((name) => env.base[name] !== env.head[name])) return;
  throw new UserError({
    code: 'nothing-differs',
    what: 'A and B are the same folder with the same environment.',
    hint: 'Give two folders, or a variable: spangate ab --env-b FEATURE_X=1. To see how much two equal builds differ: spangate calibrate',
    exitCode: EXIT.usage,
  });
}

/** Of the current folder, else of A: two builds may lie beside one another in a folder without one. */
async function configFor(world: World, options: AbOptions, folders: ArmPair<string>): Promise<Config> {
  try {
    return await chosenConfig(world, options);
  } catch (error) {
    const isMissing = error instanceof UserError && error.code === 'config-missing';
    if (!isMissing || options.config !== undefined) throw error;
    return await chosenConfig({ ...world, cwd: folders.base }, options).catch(() => {
      throw error;
    });
  }
}
