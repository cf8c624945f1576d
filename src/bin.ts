#!/usr/bin/env node
/** The only file that touches `process`: hands the world to the command line, and takes its exit code. */
import { run } from './cli.ts';
import { EXIT } from './errors.ts';

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

// Node itself would exit with 1, and that means a regression here.
process.on('uncaughtException', (error) => {
  process.stderr.write(`spangate: bug: ${error.stack ?? error}\n`);
  process.exit(EXIT.couldNotMeasure);
});

// A closed pipe (`spangate gate | head`) is no reason to lose the verdict.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

process.exitCode = await run({
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
});
