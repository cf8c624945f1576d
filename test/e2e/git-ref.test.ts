import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { openProject, type Project } from './project.ts';

/** Runs a command line that has to end with that code. */
async function told(project: Project, command: string, code = 0): Promise<string> {
  const outcome = await project.start(command).outcome;
  expect(outcome.code, `${command}\n${outcome.stdout}${outcome.stderr}`).toBe(code);
  return `${outcome.stdout}${outcome.stderr}`;
}

test('from the command line, baselines on a git ref are recorded, listed, compared with and pruned', async () => {
  using project = openProject({ fixture: 'baselines' });
  const origin = join(dirname(project.folder), 'origin.git');
  const config = join(project.folder, 'spangate.yml');
  writeFileSync(config, `${readFileSync(config, 'utf8')}\nbaseline: { store: git-ref }\n`);
  const git = 'git -c init.defaultBranch=main';
  await told(
    project,
    `${git} init --quiet --bare ${origin}; ${git} init --quiet; git remote add origin ${origin}`,
  );
  await told(
    project,
    "printf '%s\\n' node_modules .spangate > .gitignore; git add .; git commit --quiet -m first",
  );
  expect(await told(project, 'spangate baseline list')).toContain('0 stored runs');
  expect(await told(project, 'spangate baseline record')).toContain(
    '1 run stored in refs/spangate/baselines',
  );
  await told(project, 'spangate baseline record');
  expect(await told(project, 'spangate baseline list')).toContain('2 stored runs');
  expect(await told(project, 'spangate baseline prune --keep 1')).toContain('default: 1 removed, 1 left');
  expect(await told(project, 'spangate baseline list')).toContain('1 stored run');
  const gated = JSON.parse((await project.start('spangate gate --format json').outcome).stdout);
  expect(gated).toMatchObject({
    verdict: expect.stringMatching(/pass|inconclusive/),
    comparisons: [{ mode: 'stored' }],
  });
  // Nothing of it is in the work tree or among the branches.
  expect(await told(project, 'git status --short; git branch --all')).toMatch(/^\* \S+\n$/);
  expect(readdirSync(join(project.folder, '.spangate'))).not.toContain('baseline.json');
  await told(project, 'git remote remove origin');
  expect(await told(project, 'spangate gate', 3)).toContain('error[baseline-ref-unreachable]');
  writeFileSync(
    config,
    readFileSync(config, 'utf8').replace('store: git-ref', 'store: git-ref, path: x, history: 0'),
  );
  const mistakes = await told(project, 'spangate gate', 2);
  expect(mistakes).toContain('is for `store: file`');
  expect(mistakes).toContain('has to be 1 or more with `store: git-ref`');
}, 300_000);
