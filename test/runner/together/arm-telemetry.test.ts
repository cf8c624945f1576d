import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Scenario } from '../../../src/config.ts';
import type { Arm } from '../../../src/measurement.ts';
import { withTelemetry } from '../../../src/runner/together/open-together.ts';
import { openBench, service } from '../process-bench.ts';

test('a variable of one arm that instrumentation needs too takes nothing away from it', async () => {
  await using bench = openBench();
  const { directory, registry } = bench;
  const agent = join(directory, 'agent.jar');
  writeFileSync(agent, '');
  const instrument = { language: 'java', agent } as const;
  const scenario = {
    services: [service('java -jar app.jar', { directory, instrument })],
  } as unknown as Scenario;
  const source = (arm: Arm) => ({ arm, scenario, commit: null });
  const { scenario: found } = await withTelemetry(
    {
      ...{ base: source('base'), head: source('head'), directory, registry, inherited: {} },
      progress: { step() {}, round() {}, phase() {}, live() {} },
      env: { head: { JAVA_TOOL_OPTIONS: '-Xmx256m', MODE: 'new' } },
    },
    'head',
  );
  expect(found.services[0]?.env).toEqual({
    JAVA_TOOL_OPTIONS: `-Xmx256m -javaagent:${agent}`,
    MODE: 'new',
  });
});
