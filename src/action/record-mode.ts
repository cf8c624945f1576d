/** `mode: record`: measures the default branch and stores the result as its baseline. */
import { mkdirSync } from 'node:fs';
import { page } from '../commands/page.ts';
import { recorded } from '../commands/run-baseline-record.ts';
import { EXIT, type ExitCode } from '../errors.ts';
import { formatMeasurement } from '../report/measurement-report.ts';
import { logLine } from '../report/safe-text.ts';
import type { ActionContext } from './context.ts';

export async function recordMode({ world, inputs, door, reportDirectory }: ActionContext): Promise<ExitCode> {
  const { measurements, sentences } = await recorded(world, {
    ...(inputs.config !== undefined && { config: inputs.config }),
    scenario: inputs.scenario,
  });
  mkdirSync(reportDirectory, { recursive: true });
  for (const measurement of measurements) {
    world.stdout.write(formatMeasurement(measurement, 'terminal', page(world)));
  }
  for (const sentence of sentences) world.stderr.write(`spangate: ${sentence}\n`);
  const reports = measurements.map((measurement) => formatMeasurement(measurement, 'markdown'));
  const problem = await door.summary([...reports, ...sentences.map((each) => `- ${each}`)].join('\n\n'));
  door.output('verdict', 'recorded');
  door.output('regressions', '0');
  door.output('summary', logLine(sentences.join('; ')));
  door.output('exit-code', '0');
  if (problem !== null) door.annotate([{ level: 'notice', title: 'spangate', message: problem }]);
  return EXIT.pass;
}
