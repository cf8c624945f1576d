/** `mode: record`: measures the default branch and stores the result as its baseline. */
import { mkdirSync } from 'node:fs';
import { page } from '../commands/page.ts';
import { recorded } from '../commands/run-baseline-record.ts';
import { EXIT, type ExitCode } from '../errors.ts';
import { formatMeasurement } from '../report/measurement-report.ts';
import { logLine } from '../report/safe-text.ts';
import type { ActionContext } from './context.ts';
import { type Proposed, proposeBaseline } from './propose-baseline.ts';

export async function recordMode(context: ActionContext): Promise<ExitCode> {
  const { world, inputs, door, reportDirectory } = context;
  const record = await recorded(world, {
    ...(inputs.config !== undefined && { config: inputs.config }),
    scenario: inputs.scenario,
  });
  const { measurements } = record;
  mkdirSync(reportDirectory, { recursive: true });
  for (const measurement of measurements) {
    world.stdout.write(formatMeasurement(measurement, 'terminal', page(world)));
  }
  const proposed = inputs.recordPullRequest ? await proposeBaseline(context, record) : NOTHING;
  const sentences = [...record.sentences, ...proposed.sentences];
  for (const sentence of sentences) world.stderr.write(`spangate: ${sentence}\n`);
  const reports = measurements.map((measurement) => formatMeasurement(measurement, 'markdown'));
  const unwritten = await door.summary([...reports, ...sentences.map((each) => `- ${each}`)].join('\n\n'));
  door.output('verdict', 'recorded');
  door.output('regressions', '0');
  door.output('summary', logLine(sentences.join('; ')));
  door.output('exit-code', '0');
  const problems = [unwritten, proposed.problem].filter((problem) => problem !== null);
  door.annotate(
    problems.map((problem) => ({ level: 'notice', title: 'spangate', message: logLine(problem) })),
  );
  return EXIT.pass;
}

const NOTHING: Proposed = { sentences: [], problem: null };
