/** The only file that touches `process`: hands the world to a door, and takes its exit code. */
import { failed } from './commands/failure.ts';
import { EXIT, type ExitCode, UserError } from './errors.ts';
import type { World } from './world.ts';

/** Sets the exit code of this process; signals, closed pipes and what nobody caught have theirs. */
export async function inThisProcess(run: (world: World) => Promise<ExitCode>): Promise<void> {
  const world = worldOfProcess();
  // A closed pipe (`spangate gate | head`) is no reason to lose the verdict; a report that was not written is none.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.exit(failed(stdoutNotWritable(error), world));
  });
  process.stderr.on('error', () => {});
  // Node's own code for what nobody caught is 1, which means a regression here.
  process.on('uncaughtException', (error) => {
    process.exit(failed(error, world));
  });
  process.exitCode = await run(world);
}

function worldOfProcess(): World {
  const interruption = new AbortController();
  for (const [signal, code] of [
    ['SIGINT', EXIT.sigint],
    ['SIGTERM', EXIT.sigterm],
  ] as const) {
    process.on(signal, () => {
      // The first signal ends the run in good order; the second one ends it now. Groups are killed in both cases.
      if (interruption.signal.aborted) process.exit(code);
      interruption.abort(signal);
    });
  }
  return {
    argv: process.argv.slice(2),
    cwd: process.cwd(),
    env: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
    now: () => new Date(),
    signal: interruption.signal,
    onExit(callback) {
      process.on('exit', callback);
      return () => process.off('exit', callback);
    },
  };
}

function stdoutNotWritable(cause: NodeJS.ErrnoException): UserError {
  return new UserError({
    code: 'stdout-not-writable',
    what: `The report was not written to stdout (${cause.code ?? cause.message}).`,
    hint: 'Is there room on the disk that stdout goes to?',
    exitCode: EXIT.couldNotMeasure,
    cause,
  });
}
