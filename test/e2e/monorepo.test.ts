import { expect, test } from 'vitest';
import type { GateResult } from '../../src/compare/comparison.ts';
import { openProject } from './project.ts';

const SERVICES = Array.from({ length: 10 }, (_, index) => `s${index}`);

test('of ten services, the two that a change concerns are measured, and eight are skipped', async () => {
  using project = openProject({ fixture: 'monorepo' });
  const told = async (command: string) => (await project.start(command).outcome).stdout;
  const gated = async () =>
    JSON.parse(await told('spangate gate --against main --format json')) as GateResult;
  const verdicts = ({ comparisons }: GateResult) =>
    Object.fromEntries(comparisons.map(({ scenario, verdict }) => [scenario, verdict]));
  await told(
    `git init --quiet --initial-branch main; for s in ${SERVICES.join(' ')}; do mkdir $s; cp server.mjs $s; done; printf '%s\\n' node_modules .spangate > .gitignore; git add .; git commit --quiet -m first`,
  );

  await told("sed -i 's/lookUps = 1/lookUps = 3/' s3/server.mjs; sed -i s/one/two/ shared/money.txt");
  const result = await gated();
  const measured = Object.entries(verdicts(result)).filter(([, verdict]) => verdict !== 'skipped');
  expect(measured.map(([scenario]) => scenario)).toEqual(['s3', 's7']);
  expect(Object.keys(verdicts(result)).toSorted()).toEqual(SERVICES);

  await told('git checkout --quiet .; echo 1 > other.txt');
  expect((await gated()).verdict).toBe('skipped');
}, 180_000);
