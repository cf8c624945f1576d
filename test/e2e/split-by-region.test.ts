import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { GateResult } from '../../src/compare/comparison.ts';
import { openProject } from './project.ts';

test('a rule selects one of the regions that two processes of a service say they are in', async () => {
  using project = openProject({ fixture: 'split-by-region' });
  const { code, stderr } = await project.start('spangate ab --env-b PRICES=2 -o result.json').outcome;
  expect(code, stderr).toBe(1);
  const { comparisons } = JSON.parse(readFileSync(join(project.folder, 'result.json'), 'utf8')) as GateResult;
  const calls = comparisons[0]?.rows.filter(
    ({ span, quantity }) => span?.name === 'price' && quantity === 'calls',
  );
  expect(
    calls?.map(({ id, baseline, candidate, outcome }) => [id, baseline, candidate, outcome]).sort(),
  ).toEqual([
    ['order | internal:shop{cloud.region=eu}:price | calls', 1, 2, 'none'],
    ['order | internal:shop{cloud.region=us}:price | calls', 1, 2, 'fail'],
  ]);
  const codes = comparisons[0]?.warnings.map((warning) => warning.code) ?? [];
  expect(codes.filter((each) => each.startsWith('split-'))).toEqual([]);
  expect(project.processes()).toEqual([]);
}, 120_000);

test('a change that begins to split is judged by the rows of base, and says so', async () => {
  using project = openProject({ fixture: 'split-by-region' });
  const file = join(project.folder, 'spangate.yml');
  const split = readFileSync(file, 'utf8');
  writeFileSync(file, split.replace(/^telemetry: .*\n/m, '').replace(/^.*resource: .*\n/m, ''));
  // A checkout has no packages.
  const server =
    "import { createServer } from 'node:http';\ncreateServer((_, response) => response.end()).listen(process.env.PORT);\n";
  writeFileSync(join(project.folder, 'server.mjs'), server);
  const commit = 'git init -q && git add spangate.yml server.mjs && git commit -qm base';
  expect((await project.start(commit).outcome).code).toBe(0);
  writeFileSync(file, split);
  const { stdout, stderr } = await project.start('spangate gate --against HEAD -o result.json').outcome;
  expect(stdout, stderr).toContain('[split-of-base]');
  const { comparisons } = JSON.parse(readFileSync(join(project.folder, 'result.json'), 'utf8')) as GateResult;
  const services = comparisons[0]?.rows.flatMap(({ span }) => span?.service ?? []);
  expect([...new Set(services)]).toEqual(['shop']);
}, 120_000);
