/**
 * Starts the bundled action as GitHub's runner does: by its `main` in a folder of its own without node_modules, with
 * the environment files and the event of a job, in a clone as actions/checkout makes it.
 */
import { execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { processesOf } from '../e2e/living-processes.ts';
import { git } from './fake-origin.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');

/** The action as `uses:` brings it. Built from the sources at hand, since `dist/` may be of an older commit. */
export class BundledAction implements Disposable {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'spangate-action-')));

  constructor() {
    execFileSync(process.execPath, [
      join(REPOSITORY, 'scripts/bundle.mjs'),
      '--outdir',
      join(this.folder, 'dist'),
    ]);
    for (const name of ['package.json', 'action.yml']) {
      cpSync(join(REPOSITORY, name), join(this.folder, name));
    }
    symlinkSync(join(REPOSITORY, 'schemas'), join(this.folder, 'schemas'));
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface StepOptions {
  readonly inputs?: Readonly<Record<string, string>>;
  /** Of GITHUB_EVENT_NAME. */
  readonly event: string;
  readonly payload: unknown;
  readonly env?: Readonly<Record<string, string>>;
  /** Of a clone. */
  readonly workspace: string;
}

export interface StepOutcome {
  readonly code: number;
  readonly log: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  /** Workflow commands in the log, such as `error file=…::text`. */
  readonly annotations: readonly string[];
  /** RUNNER_TEMP, and TMPDIR of all that runs in the step. */
  readonly temporary: string;
  /** Command lines of processes that still live. */
  readonly survivors: readonly string[];
}

export interface Step {
  readonly outcome: Promise<StepOutcome>;
  signal(name: NodeJS.Signals): void;
  untilLog(pattern: RegExp): Promise<void>;
}

let steps = 0;

export class FakeRunner implements Disposable {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'spangate-runner-')));
  readonly #action: BundledAction;
  readonly #api: { readonly url: string; readonly token: string } | null;

  constructor(action: BundledAction, api: { readonly url: string; readonly token: string } | null) {
    this.#action = action;
    this.#api = api;
    mkdirSync(join(this.folder, 'home'));
  }

  async run(options: StepOptions): Promise<StepOutcome> {
    return await this.start(options).outcome;
  }

  start(options: StepOptions): Step {
    steps += 1;
    const mark = `action${process.pid}n${steps}`;
    const temporary = join(this.folder, `temp-${steps}`);
    mkdirSync(temporary);
    const file = (name: string, text = '') => {
      const path = join(temporary, name);
      writeFileSync(path, text);
      return path;
    };
    const files = { output: file('output'), summary: file('summary.md') };
    const env: Record<string, string> = {
      PATH: [dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(':'),
      HOME: join(this.folder, 'home'),
      LANG: 'C.UTF-8',
      TMPDIR: temporary,
      NODE_DISABLE_COMPILE_CACHE: '1',
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_API_URL: this.#api?.url ?? 'http://127.0.0.1:9',
      GITHUB_SERVER_URL: 'https://github.test',
      GITHUB_REPOSITORY: 'acme/shop',
      GITHUB_RUN_ID: '4711',
      GITHUB_EVENT_NAME: options.event,
      GITHUB_EVENT_PATH: file('event.json', JSON.stringify(options.payload)),
      GITHUB_OUTPUT: files.output,
      GITHUB_STEP_SUMMARY: files.summary,
      GITHUB_ENV: file('env'),
      GITHUB_PATH: file('path'),
      GITHUB_STATE: file('state'),
      GITHUB_SHA: git(options.workspace, ['rev-parse', 'HEAD']),
      GITHUB_WORKSPACE: options.workspace,
      RUNNER_TEMP: temporary,
      ACTIONS_RUNTIME_TOKEN: 'runtime-secret',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'id-secret',
      ...inputVariables({ 'github-token': this.#api?.token ?? '', ...options.inputs }),
      SPANGATE_E2E: mark,
      ...options.env,
    };
    const main = join(this.#action.folder, 'dist/index.js');
    const child = spawn(process.execPath, [main], {
      cwd: options.workspace,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let log = '';
    const waiting = new Set<() => void>();
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (part: string) => {
        log += part;
        for (const look of waiting) look();
      });
    }
    const outcome = new Promise<StepOutcome>((resolveOutcome, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) =>
        resolveOutcome({
          code: code ?? (signal === 'SIGINT' ? 130 : 143),
          log,
          outputs: readOutputs(readFileSync(files.output, 'utf8')),
          summary: readFileSync(files.summary, 'utf8'),
          annotations: log
            .split('\n')
            .flatMap((line) => /^::((?:error|warning|notice)\b.*)$/.exec(line)?.[1] ?? []),
          temporary,
          survivors: processesOf(`SPANGATE_E2E=${mark}`, temporary),
        }),
      );
    });
    return {
      outcome,
      signal: (name) => child.kill(name),
      untilLog: (pattern) =>
        Promise.race([
          new Promise<void>((found) => {
            const look = () => pattern.test(log) && found();
            waiting.add(look);
            look();
          }),
          outcome.then((ended) => {
            if (!pattern.test(ended.log))
              throw new Error(`ended before its log matched ${pattern}:\n${ended.log}`);
          }),
        ]),
    };
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The runner gives every input that action.yml has, with its default. */
function inputVariables(inputs: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
  );
}

/** `name<<delimiter`, lines, `delimiter`: the form that no value can break out of. */
function readOutputs(text: string): Record<string, string> {
  const outputs: Record<string, string> = {};
  for (const [, name = '', , value = ''] of text.matchAll(/^([\w-]+)<<(\S+)\n([\s\S]*?)\n\2$/gm)) {
    outputs[name] = value;
  }
  return outputs;
}
