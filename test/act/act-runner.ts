/**
 * Runs whole workflows with nektos/act on this machine (`-self-hosted`: no containers): act reads the workflow, decides
 * which jobs and steps run, evaluates expressions, and starts the action by its action.yml, as GitHub's runner does.
 *
 * In place of `actions/checkout` act copies the clone; every other `uses:` is served from a local folder, so
 * nothing is fetched.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { FakeGitHub } from '../action/fake-github.ts';
import { processesOf } from '../e2e/living-processes.ts';

export interface WorkflowRun {
  /** Text of the workflow, as somebody copies it. */
  readonly workflow: string;
  /** Of GITHUB_EVENT_NAME. */
  readonly event: string;
  readonly payload: unknown;
  /** A clone as actions/checkout makes it. */
  readonly clone: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface WorkflowOutcome {
  /** 0 where all jobs that ran are green. */
  readonly code: number;
  readonly log: string;
  /** Names of the jobs that ran, and how each ended. */
  readonly jobs: Readonly<Record<string, 'success' | 'failure'>>;
  /** Command lines of processes that still live. */
  readonly survivors: readonly string[];
}

let runs = 0;

export class ActRunner implements Disposable {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'spangate-act-')));
  readonly #actions: Readonly<Record<string, string>>;

  /** @param actions by what is said after `uses:`, the folders that they are taken from */
  constructor(actions: Readonly<Record<string, string>>) {
    this.#actions = actions;
    mkdirSync(join(this.folder, 'home'));
    // Without one act asks for an image.
    writeFileSync(join(this.folder, 'home/.actrc'), '-P ubuntu-24.04=-self-hosted\n');
  }

  async run(
    github: FakeGitHub,
    { workflow, event, payload, clone, env }: WorkflowRun,
  ): Promise<WorkflowOutcome> {
    runs += 1;
    const mark = `act${process.pid}n${runs}`;
    const file = (name: string, text: string) => {
      const path = join(this.folder, `${runs}-${name}`);
      writeFileSync(path, text);
      return path;
    };
    const given = {
      GITHUB_API_URL: github.url,
      GITHUB_SERVER_URL: 'https://github.test',
      GITHUB_REPOSITORY: 'acme/shop',
      GITHUB_RUN_ID: String(4711 + runs),
      SPANGATE_E2E: mark,
      ...env,
    };
    const options = [
      ['--eventpath', file('event.json', JSON.stringify(payload))],
      ['--workflows', file('workflow.yml', workflow)],
      ['--secret', `GITHUB_TOKEN=${github.token}`],
      ['--action-cache-path', join(this.folder, 'actions')],
      ['--cache-server-path', join(this.folder, 'cache')],
      ['--cache-server-addr', '127.0.0.1'],
      ...Object.entries(given).map(([name, value]) => ['--env', `${name}=${value}`]),
      ...Object.entries(this.#actions).map(([uses, folder]) => ['--local-repository', `${uses}=${folder}`]),
    ];
    const child = spawn('act', [event, '--json', ...options.flat()], {
      cwd: clone,
      // Steps get all of it, so nothing of this machine is in it. `node` is the one that runs this, as act asks the PATH.
      env: {
        PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
        HOME: join(this.folder, 'home'),
        TMPDIR: this.folder,
        LANG: 'C.UTF-8',
        SPANGATE_E2E: mark,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (part: string) => {
        output += part;
      });
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status) => resolve(status ?? 1));
    });
    return { code, ...readLog(output), survivors: processesOf(`SPANGATE_E2E=${mark}`, this.folder) };
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** One line of `act --json`, as far as it is read here. */
interface LogLine {
  readonly jobID?: string;
  readonly jobResult?: 'success' | 'failure';
  readonly msg?: string;
}

function readLog(output: string): Pick<WorkflowOutcome, 'log' | 'jobs'> {
  const jobs: Record<string, 'success' | 'failure'> = {};
  const lines = output.split('\n').map((text) => {
    if (!text.startsWith('{')) return text;
    const { jobID, jobResult, msg = '' } = JSON.parse(text) as LogLine;
    if (jobID !== undefined && jobResult !== undefined) jobs[jobID] = jobResult;
    return msg.trimEnd();
  });
  return { log: lines.join('\n'), jobs };
}

/** @throws where there is no act, before anything else is set up */
export function requireAct(): void {
  try {
    execFileSync('act', ['--version'], { stdio: 'ignore' });
  } catch (cause) {
    throw new Error(
      'These tests need act on the PATH: go install github.com/nektos/act@v0.2.89, and $(go env GOPATH)/bin in PATH.',
      { cause },
    );
  }
}
