/** What every mode of the action works with. */
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EXIT, UserError } from '../errors.ts';
import { gitCredentials } from '../github/git-credentials.ts';
import { type ActionInputs, readInputs } from '../github/inputs.ts';
import { type GitHub, openGitHub } from '../github/rest-client.ts';
import type { RunnerDoor } from '../github/runner-door.ts';
import { type Trigger, triggerOf } from '../github/trigger.ts';
import type { World } from '../world.ts';

export interface ActionContext {
  /** In the working directory, with what git needs to talk to the server. */
  readonly world: World;
  readonly inputs: ActionInputs;
  readonly trigger: Trigger;
  readonly door: RunnerDoor;
  /** Null without a token. */
  readonly github: GitHub | null;
  /** For the files of this step alone; outside the workspace, so that the work tree stays as it is. */
  readonly reportDirectory: string;
  /** Of this run, for people; empty where the runner does not say. */
  readonly runUrl: string;
}

/** @throws UserError `action-input`, `event-unreadable` */
export function openContext(world: World, door: RunnerDoor): ActionContext {
  const { env } = world;
  const inputs = readInputs(env);
  const trigger = triggerOf(env, eventPayload(env.GITHUB_EVENT_PATH));
  const workspace = env.GITHUB_WORKSPACE || world.cwd;
  const server = env.GITHUB_SERVER_URL || 'https://github.com';
  return {
    world: {
      ...world,
      cwd: resolve(workspace, inputs.workingDirectory),
      gitEnv: gitCredentials({ server, token: inputs.token, env }),
    },
    inputs,
    trigger,
    door,
    github: openGitHub({ token: inputs.token, env, signal: world.signal }),
    reportDirectory: folderOfStep(env.RUNNER_TEMP || join(workspace, '.spangate'), inputs.commentKey),
    runUrl: runUrl(server, env),
  };
}

/** Two steps of a job have the same inputs sometimes: the result of one must not replace that of the other. */
function folderOfStep(parent: string, commentKey: string): string {
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(join(parent, `spangate-${commentKey}-`));
}

function eventPayload(path: string | undefined): unknown {
  if (path === undefined || path === '') return null;
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new UserError({
      code: 'event-unreadable',
      what: 'The event that started this workflow cannot be read.',
      where: { file: path },
      hint: 'The runner writes that file; GITHUB_EVENT_PATH names it.',
      exitCode: EXIT.usage,
      cause,
    });
  }
}

function runUrl(server: string, env: World['env']): string {
  const { GITHUB_REPOSITORY: repository = '', GITHUB_RUN_ID: run = '' } = env;
  return /^[\w.-]+\/[\w.-]+$/.test(repository) && /^\d+$/.test(run)
    ? `${server}/${repository}/actions/runs/${run}`
    : '';
}
