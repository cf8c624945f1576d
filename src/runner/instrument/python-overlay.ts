/**
 * OpenTelemetry for a Python service that has none: a folder of packages of ours that goes behind the service's own, so
 * that neither its environment nor the versions that it runs with are touched.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, UserError } from '../../errors.ts';
import { type CommandOutcome, runCommand } from '../command.ts';
import type { ProcessRegistry } from '../process-registry.ts';
import { type PythonEnvironment, shellQuoted } from './python-interpreter.ts';
import type { PythonRequirements } from './python-packages.ts';

export interface OverlayOptions {
  readonly service: string;
  readonly python: PythonEnvironment;
  readonly requirements: PythonRequirements;
  readonly directory: string;
  /** Of a set-up command: package indexes may need credentials. */
  readonly env: Readonly<Record<string, string>>;
  /** Where overlays are kept between runs. */
  readonly cache: string;
  readonly registry: ProcessRegistry;
  readonly logPath: string;
}

/** Run by Python before anything of the service; it hides a file of that name, so it runs that too. */
const START = `"""Put in front of PYTHONPATH by spangate: brings OpenTelemetry to a service that has none."""

import importlib.machinery
import importlib.util
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
packages = os.path.join(os.path.dirname(here), "packages")

# Behind the service's own packages: what it has, it keeps.
if os.path.isdir(packages) and packages not in sys.path:
    sys.path.append(packages)

others = [path for path in sys.path if os.path.abspath(path or ".") not in (here, packages)]
hidden = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
if hidden is not None and hidden.loader is not None:
    hidden.loader.exec_module(importlib.util.module_from_spec(hidden))

from opentelemetry.instrumentation.auto_instrumentation import initialize  # noqa: E402

initialize()
`;

/** Where an index answers slowly; it only stops what hangs. */
const INSTALL_SECONDS = 600;

/**
 * @returns the folder to put in front of PYTHONPATH
 * @throws UserError `python-packages-missing` with the end of what the installer printed
 */
export async function pythonOverlay(options: OverlayOptions): Promise<string> {
  const { python, requirements, cache } = options;
  const key = JSON.stringify([START, python.platform, requirements.packages, requirements.constraints]);
  const folder = join(cache, `python-${createHash('sha256').update(key).digest('hex').slice(0, 16)}`);
  const start = join(folder, 'start');
  if (existsSync(start)) return start;
  await mkdir(cache, { recursive: true, mode: 0o700 });
  const scratch = await mkdtemp(join(cache, 'new-'));
  try {
    await install(options, scratch);
    await mkdir(join(scratch, 'start'));
    await writeFile(join(scratch, 'start', 'sitecustomize.py'), START);
    // Whole or not at all; another run may have been faster.
    await rename(scratch, folder).catch((error: unknown) => {
      if (!existsSync(start)) throw error;
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return start;
}

async function install(options: OverlayOptions, scratch: string): Promise<void> {
  const { python, requirements, directory, env, registry, logPath } = options;
  // The service has them itself, and only has to be told to use them.
  if (requirements.packages.length === 0) return;
  await writeFile(join(scratch, 'constraints.txt'), `${requirements.constraints.join('\n')}\n`);
  await writeFile(join(scratch, 'requirements.txt'), `${requirements.packages.join('\n')}\n`);
  const wanted = [
    '--target',
    'packages',
    '--constraint',
    'constraints.txt',
    '--requirement',
    'requirements.txt',
  ]
    .map((word) => (word.startsWith('--') ? word : shellQuoted(join(scratch, word))))
    .join(' ');
  let outcome: CommandOutcome | null = null;
  for (const installer of installers(python)) {
    outcome = await runCommand({
      command: `${installer} ${wanted}`,
      directory,
      // A user's own settings for pip must not lead it into an environment.
      env: { ...env, PIP_USER: '0', PIP_REQUIRE_VIRTUALENV: '0', PIP_DISABLE_PIP_VERSION_CHECK: '1' },
      logPath,
      registry,
      timeoutSeconds: INSTALL_SECONDS,
    });
    if (outcome.exit?.code === 0) return;
    if (!isMissing(outcome)) break;
  }
  throw notInstalled(options, outcome?.lastLines ?? []);
}

/** An environment made by uv has no pip of its own; the interpreter that it was made with has the same version. */
function installers(python: PythonEnvironment): readonly string[] {
  const base = shellQuoted(python.baseExecutable);
  return [
    `${python.command} -m pip install --quiet --no-input`,
    `uv pip install --quiet --python ${base}`,
    `${base} -m pip install --quiet --no-input`,
  ];
}

function isMissing({ exit, lastLines }: CommandOutcome): boolean {
  return exit?.code === 127 || lastLines.some((line) => /No module named '?pip\b/.test(line));
}

/**
 * Whether an index answered, and has nothing that fits. `No matching distribution` is also what pip says of an index
 * that it cannot reach: it knows no version then.
 */
export function isConflict(text: string): boolean {
  const isUnknown = /No matching distribution/.test(text) && /\(from versions: (?!none\))/.test(text);
  return isUnknown || /ResolutionImpossible|conflicting dependencies|No solution found/.test(text);
}

function notInstalled({ service, python, cache }: OverlayOptions, lastLines: readonly string[]): UserError {
  const text = lastLines.join('\n');
  const conflict = isConflict(text);
  const noPip = /No module named '?pip\b|uv: not found/.test(text);
  const reason = conflict
    ? 'they do not go with what the service has'
    : noPip
      ? `there is neither pip nor uv for Python ${python.version}`
      : 'the installer failed';
  return new UserError({
    code: 'python-packages-missing',
    what: `The packages that bring OpenTelemetry to ${service} could not be installed beside it: ${reason}.`,
    where: `services.${service}.instrument`,
    detail: lastLines,
    hint: hintFor({ conflict, noPip, cache }),
    exitCode: EXIT.couldNotMeasure,
  });
}

function hintFor(parts: {
  readonly conflict: boolean;
  readonly noPip: boolean;
  readonly cache: string;
}): string {
  const byHand =
    'Or put opentelemetry-distro and the instrumentations into the environment of the service, and start it by opentelemetry-instrument.';
  if (parts.conflict) return `Raise the packages that are named above in the service. ${byHand}`;
  if (parts.noPip) return `Install one of them (Debian: apt-get install python3-pip). ${byHand}`;
  return `Is the package index reachable from here? pip's own settings hold (PIP_INDEX_URL, pip.conf). What was installed once is kept in ${parts.cache}: keep that folder where a runner is offline. ${byHand}`;
}
