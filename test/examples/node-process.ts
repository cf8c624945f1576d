/** Scripts of the example as real processes, and what they print. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';

export const EXAMPLE = fileURLToPath(new URL('../../examples/express-orders/', import.meta.url));

export type Environment = Readonly<Record<string, string>>;

export interface NodeProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Standard output and error so far. */
  output(): string;
  /** Resolves with the first match in the output. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** Ends it by SIGTERM if it still runs. */
  stop(): Promise<number | NodeJS.Signals | null>;
}

/** Starts `node <args>` in the folder of the example. */
export function startNode(args: readonly string[], env: Environment): NodeProcess {
  const child = spawn(process.execPath, args, {
    cwd: EXAMPLE,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  const closed = once(child, 'close').then(() => child.exitCode ?? child.signalCode);
  const stop = () => {
    child.kill('SIGTERM');
    return closed;
  };
  return {
    child,
    output: () => text,
    printed: (pattern) =>
      vi.waitFor(
        () => {
          const match = pattern.exec(text);
          if (match === null) throw new Error(`${args.join(' ')} did not print ${pattern}, but:\n${text}`);
          return match;
        },
        { timeout: 20_000, interval: 5 },
      ),
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

/** Runs a script to its end; returns what it printed. */
export async function runNode(args: readonly string[], env: Environment): Promise<string> {
  await using script = startNode(args, env);
  await once(script.child, 'close');
  if (script.child.exitCode !== 0) throw new Error(`${args.join(' ')} failed:\n${script.output()}`);
  return script.output().trim();
}
