import { readFileSync } from 'node:fs';
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
