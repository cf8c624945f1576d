/** Which Node the commands of services run with: that of the PATH, not the one that spangate runs with. */
import { execFile } from 'node:child_process';
import { childEnvironment } from '../child-environment.ts';

/** A version manager may look for what it is to start. */
const TIMEOUT_MS = 60_000;

/** Such as `v22.11.0`; `none` where there is no such command. */
export function nodeOnPath(
  directory: string,
  inherited: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const { env } = childEnvironment({ inherited });
  return new Promise((resolve) => {
    execFile('node', ['--version'], { cwd: directory, env, timeout: TIMEOUT_MS }, (error, output) =>
      resolve(error === null ? output.trim() : 'none'),
    );
  });
}
