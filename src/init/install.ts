/** How the packages of a project are installed. Pure. */
import type { PackageManager } from './detect.ts';

export interface Installation {
  readonly packageManager: PackageManager;
  readonly hasLockFile: boolean;
  readonly isYarnClassic: boolean;
}

const INSTALL: Readonly<Record<PackageManager, readonly [locked: string, unlocked: string]>> = {
  npm: ['npm ci', 'npm install'],
  pnpm: ['pnpm install --frozen-lockfile', 'pnpm install'],
  yarn: ['yarn install --immutable', 'yarn install'],
  bun: ['bun install --frozen-lockfile', 'bun install'],
};

export function installCommand({ packageManager, hasLockFile, isYarnClassic }: Installation): string {
  if (hasLockFile && packageManager === 'yarn' && isYarnClassic) return 'yarn install --frozen-lockfile';
  return INSTALL[packageManager][hasLockFile ? 0 : 1];
}

/** `NODE_ENV=production`, which the service gets, would leave out what builds it. */
const WITH_DEVELOPMENT: Readonly<Record<PackageManager, string>> = {
  npm: ' --include=dev',
  pnpm: ' --prod=false',
  yarn: '',
  bun: '',
};

/**
 * What a checkout needs before it can start, which has only what is committed. A work tree with its packages is left
 * as it is: spangate itself may run from among them.
 */
export function setupCommand(build: string | null, installation: Installation | null): string | null {
  const packages = installation === null ? [] : [`test -d node_modules || ${completeInstall(installation)}`];
  // The shell reads it from left to right: what is there needs no install, and either way the build follows.
  return [...packages, ...(build === null ? [] : [build])].join(' && ') || null;
}

function completeInstall(installation: Installation): string {
  const { packageManager, isYarnClassic } = installation;
  const isClassic = packageManager === 'yarn' && isYarnClassic;
  return `${installCommand(installation)}${isClassic ? ' --production=false' : WITH_DEVELOPMENT[packageManager]}`;
}
