/** Runs a fixture as a real child process with the preload, asks it for pages, and reads what it recorded. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { preloadEnvironment } from '../../src/telemetry/preload-environment.ts';
import { type Recording, readRecording } from '../../src/telemetry/recording.ts';
import { spanFields } from '../../src/telemetry/span-table.ts';
import { mintTraceId, traceparent } from '../../src/telemetry/trace-id.ts';

export const RUN_TAG = 0x5eed0001;

/** Another Node to run the services with, for trying a version by hand. */
const NODE = process.env.SPANGATE_TEST_NODE ?? process.execPath;

export const FIXTURES = fileURLToPath(new URL('./fixtures/', import.meta.url));

export interface ServiceOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly nodeArguments?: readonly string[];
  /** Whole command instead of `node <fixture>`. */
  readonly command?: readonly [string, ...string[]];
  readonly folder?: string;
  readonly serviceName?: string;
}

export class RecordedService implements AsyncDisposable {
  readonly directory: string;
  readonly process: ChildProcess;
  readonly url: string;
  readonly output: () => string;
  #serial = 0;

  constructor(parts: { directory: string; process: ChildProcess; url: string; output: () => string }) {
    this.directory = parts.directory;
    this.process = parts.process;
    this.url = parts.url;
    this.output = parts.output;
  }

  /** One request as the load generator sends it. @returns its trace id and the response */
  async request(
    path: string,
    options: RequestInit & { request?: number; content?: number } = {},
  ): Promise<{ traceId: string; response: Response; body: string }> {
    const { request = 0, content = 0, ...init } = options;
    const origin = { phase: 'measured', instance: 0, request, content } as const;
    const traceId = mintTraceId(RUN_TAG, origin, this.#serial++);
    const headers = { ...(init.headers as Record<string, string>), traceparent: traceparent(traceId) };
    const response = await fetch(this.url + path, { ...init, headers });
    return { traceId, response, body: await response.text() };
  }

  /** Waits until a line with this metric has been written. */
  async waitForMetric(name: string): Promise<void> {
    await this.waitFor((recording) => recording.metrics.some((point) => point.name === name));
  }

  /** Reads the recording again and again until it is as wanted. @throws after 20 seconds */
  async waitFor(wanted: (recording: Recording) => boolean): Promise<Recording> {
    const until = Date.now() + 20_000;
    for (;;) {
      const recording = await readRecording(this.directory);
      if (wanted(recording)) return recording;
      if (Date.now() > until) throw new Error(`nothing came:\n${this.output()}`);
      await setTimeout(50);
    }
  }

  /** Stops the service in order, through its `/exits` page or else by a signal after the recorder has written. */
  async stop(splitBy: readonly string[] = []): Promise<Recording> {
    if (this.process.exitCode === null) {
      await fetch(`${this.url}/exits`).catch(() => undefined);
      if (this.process.exitCode === null && this.process.signalCode === null)
        await once(this.process, 'exit');
    }
    return readRecording(this.directory, [], splitBy);
  }

  async exited(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) await once(this.process, 'exit');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      this.process.kill('SIGKILL');
      await once(this.process, 'exit');
    }
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** @param fixture file below `fixtures/`; it prints `listening <port>` once it does */
export async function startFixture(fixture: string, options: ServiceOptions = {}): Promise<RecordedService> {
  const directory = await mkdtemp(join(tmpdir(), 'spangate-recording-'));
  const [command, ...commandArguments] = options.command ?? [
    NODE,
    ...(options.nodeArguments ?? []),
    join(options.folder ?? FIXTURES, fixture),
  ];
  const child = spawn(command, commandArguments, {
    cwd: options.folder ?? FIXTURES,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      ...preloadEnvironment({
        directory,
        serviceName: options.serviceName ?? 'fixture',
        nodeOptions: undefined,
      }),
      ...options.environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const port = await new Promise<string>((resolve, reject) => {
    const read = (data: Buffer): void => {
      output += data.toString();
      const match = /^listening (\d+)$/m.exec(output);
      if (match?.[1]) resolve(match[1]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code, signal) =>
      reject(new Error(`${fixture} ended (${code ?? signal}) before it listened:\n${output}`)),
    );
  });
  return new RecordedService({
    directory,
    process: child,
    url: `http://127.0.0.1:${port}`,
    output: () => output,
  });
}

/** Spans of a trace as lines `kind name`, indented by depth. */
export function outline(nodes: readonly OutlineNode[], depth = 0): string[] {
  return nodes.flatMap((node) => [
    `${'  '.repeat(depth)}${node.kind} ${node.name}${node.errorType === null ? '' : ` !${node.errorType}`}`,
    ...outline(node.children, depth + 1),
  ]);
}

interface OutlineNode {
  readonly kind: string;
  readonly name: string;
  readonly errorType: string | null;
  readonly children: readonly OutlineNode[];
}

export function spanNames(recording: Pick<Recording, 'spans'>): string[] {
  return Array.from({ length: recording.spans.count }, (_, row) => spanFields(recording.spans, row).name);
}
