/**
 * The command line: reads arguments, calls the gate, prints what comes back, gives the exit code. What a command needs is
 * loaded when it is called: help and a mistyped option need none of it.
 */
import { Command, CommanderError, Option } from 'commander';
import type { ConfigOptions } from './commands/chosen-config.ts';
import { EXAMPLES } from './commands/examples.ts';
import { failed } from './commands/failure.ts';
import type { MeasuringOptions } from './commands/measuring.ts';
import type { AbOptions } from './commands/run-ab.ts';
import type { PruneCommandOptions } from './commands/run-baseline-prune.ts';
import type { RecordOptions } from './commands/run-baseline-record.ts';
import type { CalibrateCommandOptions } from './commands/run-calibrate.ts';
import type { CompareOptions } from './commands/run-compare.ts';
import type { GateOptions } from './commands/run-gate.ts';
import type { LedgerCommandOptions } from './commands/run-ledger.ts';
import type { RunOptions } from './commands/run-measure.ts';
import type { MergeOptions } from './commands/run-merge.ts';
import type { ReportOptions } from './commands/run-report.ts';
import type { SelfTestCommandOptions } from './commands/run-selftest.ts';
import {
  atLeastOne,
  collect,
  exportHeaderOption,
  exportOption,
  exportRoundsOption,
  formatOption,
  reportOption,
  variableOption,
  wholeNumber,
} from './commands/shared-options.ts';
import { EXIT, type ExitCode } from './errors.ts';
import type { InitOptions } from './init/init.ts';
import { FORMATS } from './report/format.ts';
import { VERSION } from './tool.ts';
import type { World } from './world.ts';

/** Enough to see both stages of a gate, and in about two and a half minutes. */
const DEFAULT_CALIBRATION_ROUNDS = 4;

/** Runs one command. Never throws: what goes wrong is printed to stderr and becomes the exit code. */
export async function run(world: World): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.pass;
  const program = commandLine(world, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...world.argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has printed its own message; help and version are no errors.
    if (error instanceof CommanderError && !world.signal.aborted) {
      return error.exitCode === 0 ? EXIT.pass : EXIT.usage;
    }
    return failed(error, world);
  }
}

function commandLine(world: World, exit: (code: ExitCode) => void): Command {
  const program = new Command('spangate')
    .description(
      'A CI gate that fails the pull request that makes a span slower, fail more often, or do more work.',
    )
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .exitOverride()
    .configureHelp({ subcommandTerm: termOf })
    .configureOutput({
      writeOut: (text) => world.stdout.write(text),
      writeErr: (text) => world.stderr.write(text),
    })
    .addHelpText('after', EXAMPLES.program);
  program
    .command('init')
    .description('write spangate.yml: start script, port and framework are detected')
    .option('--force', 'replace a spangate.yml that is there')
    .addOption(new Option('--ci <system>', 'write a workflow as well').choices(['github']))
    .addHelpText('after', EXAMPLES.init)
    .action(async (options: InitOptions) =>
      exit(await (await import('./init/init.ts')).runInit(world, options)),
    );
  measuring(program, 'doctor')
    .description('start the service, send each request once, print its trace tree and what is wrong')
    .addHelpText('after', EXAMPLES.doctor)
    .action(async (options: MeasuringOptions) =>
      exit(await (await import('./doctor/doctor.ts')).runDoctor(world, options)),
    );
  measuring(program, 'run')
    .description('measure, and compare with nothing')
    .option('-o, --output <file>', 'write the measurement (.json or .json.gz)')
    .addOption(formatOption(['terminal', 'markdown', 'json']))
    .addOption(exportOption())
    .addOption(exportHeaderOption())
    .addOption(exportRoundsOption())
    .addHelpText('after', EXAMPLES.run)
    .action(async (options: RunOptions) =>
      exit(await (await import('./commands/run-measure.ts')).runMeasure(world, options)),
    );
  const baseline = program
    .command('baseline')
    .description('the stored baseline')
    .addHelpText('after', EXAMPLES.baseline);
  measuring(baseline, 'record')
    .description('measure, and store the result as the baseline')
    .option('--force', 'store a degraded run too, or one that is worse: it was meant to be')
    .addOption(exportOption())
    .addOption(exportHeaderOption())
    .addOption(exportRoundsOption())
    .addHelpText('after', EXAMPLES.baseline)
    .action(async (options: RecordOptions) =>
      exit(await (await import('./commands/run-baseline-record.ts')).runBaselineRecord(world, options)),
    );
  configured(baseline, 'list')
    .description('list the stored runs: date, commit, machine, and what of them counts')
    .addHelpText('after', EXAMPLES.baseline)
    .action(async (options: ConfigOptions) =>
      exit(await (await import('./commands/run-baseline-list.ts')).runBaselineList(world, options)),
    );
  configured(baseline, 'prune')
    .description('remove stored runs that are too many or too old')
    .option(
      '--keep <number>',
      'newest runs of each machine that stay (default: baseline.history)',
      atLeastOne,
    )
    .option(
      '--older-than-days <number>',
      'remove what is older, but for the newest of each machine',
      atLeastOne,
    )
    .addHelpText('after', EXAMPLES.baseline)
    .action(async (options: PruneCommandOptions) =>
      exit(await (await import('./commands/run-baseline-prune.ts')).runBaselinePrune(world, options)),
    );
  addGate(program, world, exit);
  addAb(program, world, exit);
  addProofs(program, world, exit);
  addReaders(program, world, exit);
  addLedger(program, world, exit);
  pointToHelp(program);
  return program;
}

const OUTPUT = 'write the result: HTML where the name ends in .html, else JSON for `spangate report`';
const EXPLAIN = 'draw how times and traces of what changed lie, in the terminal';

/** Without `[options]`, which every command has: so the descriptions fit beside it. */
function termOf(command: Command): string {
  const parameters = command.registeredArguments.map((argument) =>
    argument.required ? ` <${argument.name()}>` : ` [${argument.name()}]`,
  );
  return `${command.name()}${parameters.join('')}`;
}

/** A mistyped option of a command is explained by the help of that command. */
function pointToHelp(command: Command, parents = ''): void {
  const name = `${parents}${command.name()}`;
  command.showHelpAfterError(`Try \`${name} --help\`.`);
  for (const each of command.commands) pointToHelp(each, `${name} `);
}

function addGate(program: Command, world: World, exit: (code: ExitCode) => void): void {
  measuring(program, 'gate')
    .description(
      'measure, compare with the stored baseline or, with --against, with a commit beside it; report; exit code 1 on a regression',
    )
    .option(
      '--against <ref>',
      'measure this commit and the work tree side by side; auto: the one that the CI says the change is merged into',
    )
    .option(
      '--base-path <folder>',
      'take base as it is set up there, and its commit without --against; no `setup` is run for it',
    )
    .option('-o, --output <file>', OUTPUT)
    .addOption(reportOption())
    .option('--strict', 'exit 4 when the verdict is inconclusive')
    .option('--require-baseline', 'exit 4 when there is no comparable baseline')
    .option(
      '--ledger [key]',
      'note this run on refs/spangate/ledger of the remote; what was red for this commit stays red; a key tells gates of one job apart',
    )
    .option('--shadow', 'exit 0 also where the gate would be red, and keep the ledger')
    .option('--explain', EXPLAIN)
    .addOption(formatOption(FORMATS))
    .addOption(exportOption())
    .addOption(exportHeaderOption())
    .addOption(exportRoundsOption())
    .addHelpText('after', EXAMPLES.gate)
    .action(async (options: GateOptions) =>
      exit(await (await import('./commands/run-gate.ts')).runGate(world, options)),
    );
}

function addAb(program: Command, world: World, exit: (code: ExitCode) => void): void {
  measuring(program, 'ab [dir-a] [dir-b]')
    .description('measure two folders side by side, or one folder in two environments; exit codes as gate')
    .addOption(variableOption('--env-a <NAME=value>', 'variable of A, the first folder; repeatable'))
    .addOption(variableOption('--env-b <NAME=value>', 'variable of B, the second folder; repeatable'))
    .option('--no-setup', 'do not run the set-up commands in the folders')
    .option('-o, --output <file>', OUTPUT)
    .addOption(reportOption())
    .option('--strict', 'exit 4 when the verdict is inconclusive')
    .option('--explain', EXPLAIN)
    .addOption(formatOption(FORMATS))
    .addOption(exportOption())
    .addOption(exportHeaderOption())
    .addOption(exportRoundsOption())
    .addHelpText('after', EXAMPLES.ab)
    .action(async (a: string | undefined, b: string | undefined, options: Omit<AbOptions, 'folders'>) =>
      exit(
        await (await import('./commands/run-ab.ts')).runAb(world, {
          folders: [a, b].filter((each) => each !== undefined),
          ...options,
        }),
      ),
    );
}

/** Commands that measure one build as both arms, to show what a gate is worth here. */
function addProofs(program: Command, world: World, exit: (code: ExitCode) => void): void {
  measuring(program, 'calibrate')
    .description('measure the service against itself: the noise of every span, and what a gate can find')
    .option('--rounds <number>', 'rounds to measure', atLeastOne, DEFAULT_CALIBRATION_ROUNDS)
    .option('-o, --output <file>', 'write the calibration as JSON')
    .addOption(formatOption(['terminal', 'markdown', 'json']))
    .addHelpText('after', EXAMPLES.calibrate)
    .action(async (options: CalibrateCommandOptions) =>
      exit(await (await import('./commands/run-calibrate.ts')).runCalibrate(world, options)),
    );
  measuring(program, 'selftest')
    .description('slow a span down and add a call, and show that the gate catches both')
    .option('--span <name>', 'slow this span down (default: a child span of the busiest operation)')
    .option('-o, --output <file>', 'write what was found as JSON')
    .addOption(formatOption(['terminal', 'markdown', 'json']))
    .addHelpText('after', EXAMPLES.selftest)
    .action(async (options: SelfTestCommandOptions) =>
      exit(await (await import('./commands/run-selftest.ts')).runSelfTest(world, options)),
    );
}

function addReaders(program: Command, world: World, exit: (code: ExitCode) => void): void {
  program
    .command('compare <baseline> <candidate>')
    .description('compare two measurements that `spangate run -o` or `baseline record` wrote')
    .option('-c, --config <file>', 'take the limits from this configuration')
    .option('-o, --output <file>', OUTPUT)
    .option('--explain', EXPLAIN)
    .addOption(formatOption(FORMATS))
    .addHelpText('after', EXAMPLES.compare)
    .action(
      async (baseline: string, candidate: string, options: Omit<CompareOptions, 'baseline' | 'candidate'>) =>
        exit(
          await (await import('./commands/run-compare.ts')).runCompare(world, {
            baseline,
            candidate,
            ...options,
          }),
        ),
    );
  program
    .command('merge <results...>')
    .description('make one verdict of the results of several jobs; exit codes as gate')
    .option('--expected <number>', 'fewer results are no verdict: exit code 3', atLeastOne)
    .option('-o, --output <file>', 'write the result as JSON')
    .addOption(reportOption())
    .addOption(formatOption(FORMATS))
    .addHelpText('after', EXAMPLES.merge)
    .action(async (paths: string[], options: Omit<MergeOptions, 'paths'>) =>
      exit(await (await import('./commands/run-merge.ts')).runMerge(world, { paths, ...options })),
    );
  program
    .command('report <result>')
    .description('print a result that `spangate gate -o` wrote')
    .option('-o, --output <file>', 'write it to a file as well: HTML where its name ends so, else JSON')
    .option('--explain', EXPLAIN)
    .addOption(formatOption(FORMATS))
    .addOption(exportOption())
    .addOption(exportHeaderOption())
    .addHelpText('after', EXAMPLES.report)
    .action(async (file: string, options: Omit<ReportOptions, 'file'>) =>
      exit(await (await import('./commands/run-report.ts')).runReport(world, { file, ...options })),
    );
}

function addLedger(program: Command, world: World, exit: (code: ExitCode) => void): void {
  program
    .command('ledger')
    .description(
      'what the gates of this repository did, or would have done in shadow: reds, repetitions, cost, rows that are ready',
    )
    .option('--remote <name>', 'remote of git that has the ledger', 'origin')
    .option('--days <number>', 'only runs of so many days (default: all that are kept)', atLeastOne)
    .option('--runs <number>', 'runs that a row needs to be ready to fail a gate (default: 20)', atLeastOne)
    .addOption(formatOption(['terminal', 'markdown', 'json']))
    .addHelpText('after', EXAMPLES.ledger)
    .action(async (options: LedgerCommandOptions) =>
      exit(await (await import('./commands/run-ledger.ts')).runLedger(world, options)),
    );
}

function measuring(program: Command, name: string): Command {
  return configured(program, name).option('--seed <number>', 'repeat the draws of another run', wholeNumber);
}

function configured(program: Command, name: string): Command {
  return program
    .command(name)
    .option('-c, --config <file>', 'configuration (default: spangate.yml here)')
    .addOption(
      new Option('-s, --scenario <name>', 'only this scenario; repeatable')
        .argParser(collect)
        .default([], 'all'),
    );
}
