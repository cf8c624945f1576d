import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Outcome, openProject, type Project } from './project.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');

interface Recipe {
  readonly page: string;
  /** What the CI runs, one shell after the other. */
  readonly scripts: (block: string) => readonly string[];
  readonly shell: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** That the recipe keeps. */
  readonly artifacts: (block: string) => readonly string[];
}

interface GitLabJob {
  readonly script: readonly string[];
  readonly artifacts: {
    readonly paths: readonly string[];
    readonly reports: Readonly<Record<string, string>>;
  };
}

const gitlab = (block: string) => (parse(block) as { readonly spangate: GitLabJob }).spangate;

interface BuildkiteStep {
  readonly command: string;
  readonly artifact_paths: readonly string[];
}

const buildkite = (block: string) => {
  const [step] = (parse(block) as { readonly steps: readonly BuildkiteStep[] }).steps;
  if (step === undefined) throw new Error('no step');
  return step;
};

interface CircleStep {
  readonly run?: string;
}

const RECIPES: Readonly<Record<string, Recipe>> = {
  GitLab: {
    page: 'gitlab.md',
    scripts: (block) => [gitlab(block).script.join('\n')],
    shell: ['bash', '-eo', 'pipefail', '-c'],
    env: { GITLAB_CI: 'true', CI_JOB_NAME: 'spangate', CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main' },
    artifacts: (block) => {
      const { paths, reports } = gitlab(block).artifacts;
      return [...paths, ...Object.values(reports)];
    },
  },
  Jenkins: {
    page: 'jenkins.md',
    scripts: (block) => [...block.matchAll(/^ *sh '(.*)'$/gm)].map(([, line = '']) => line),
    shell: ['sh', '-xe', '-c'],
    env: { JENKINS_URL: 'https://ci.test', JOB_NAME: 'shop/PR-17', CHANGE_TARGET: 'main' },
    artifacts: (block) => [...block.matchAll(/(?:junit|artifacts:) '(.*?)'/g)].map(([, file = '']) => file),
  },
  Buildkite: {
    page: 'buildkite.md',
    // The agent makes one `$` of two when it uploads a pipeline.
    scripts: (block) => [buildkite(block).command.replaceAll('$$', '$')],
    shell: ['bash', '-e', '-c'],
    env: { BUILDKITE: 'true', BUILDKITE_LABEL: 'spangate', BUILDKITE_PULL_REQUEST_BASE_BRANCH: 'main' },
    artifacts: (block) => [...buildkite(block).artifact_paths, 'annotation.md'],
  },
  CircleCI: {
    page: 'circleci.md',
    scripts: (block) => {
      const { jobs } = parse(block) as {
        readonly jobs: { readonly spangate: { readonly steps: readonly (string | CircleStep)[] } };
      };
      return jobs.spangate.steps.flatMap((step) => (typeof step === 'string' ? [] : (step.run ?? [])));
    },
    shell: ['bash', '-eo', 'pipefail', '-c'],
    env: { CIRCLECI: 'true', CIRCLE_JOB: 'spangate' },
    artifacts: () => ['reports/spangate.xml', 'reports/spangate.md'],
  },
};

describe.each(Object.entries(RECIPES))('the recipe for %s', (_, recipe) => {
  const text = readFileSync(join(REPOSITORY, 'docs/recipes', recipe.page), 'utf8');
  const [, block = ''] = /```(?:yaml|groovy)\n(.*?)```/s.exec(text) ?? [];

  test('is YAML in each of its blocks', () => {
    for (const [, yaml = ''] of text.matchAll(/```yaml\n(.*?)```/gs))
      expect(parse(yaml)).toBeTypeOf('object');
  });

  test('passes a change that does the same work, and is red with exit code 1 for one that does more', async () => {
    using project = openProject({ fixture: 'base-and-head' });
    await prepare(project);
    const green = await play(project, recipe, block);
    expect(green.code, green.stderr).toBe(0);
    expectArtifacts(project, recipe.artifacts(block), 'pass');
    await change(project, 'lookUps = 1', 'lookUps = 3');
    // As its section on the ledger says.
    const red = await play(project, recipe, block.replace(/(--against \S+)/, '$1 --ledger'));
    expect(red.code, red.stderr).toBe(1);
    expectArtifacts(project, recipe.artifacts(block), 'fail');
    const { stdout } = await project.start('spangate ledger --format json').outcome;
    expect(JSON.parse(stdout)).toMatchObject({ runs: 1, reds: [{ scenario: 'default', exitCode: 1 }] });
  }, 180_000);
});

/** A project that has spangate among its packages, with a bare remote and a branch that changes its answer. */
async function prepare(project: Project): Promise<void> {
  const { folder } = project;
  // A link to our own packages, which `npm ci` would empty.
  rmSync(join(folder, 'node_modules'), { recursive: false, force: true });
  expect(existsSync(join(folder, 'node_modules'))).toBe(false);
  mkdirSync(join(folder, 'tools'));
  const bin = `#!/usr/bin/env node\nimport(${JSON.stringify(`file://${REPOSITORY}/build/bin.js`)});\n`;
  writeFileSync(join(folder, 'tools/bin.mjs'), bin, { mode: 0o755 });
  const tool = { name: 'spangate', version: '1.0.0', bin: { spangate: 'bin.mjs' } };
  writeFileSync(join(folder, 'tools/package.json'), JSON.stringify(tool));
  const shop = { name: 'shop', version: '1.0.0', private: true, devDependencies: { spangate: 'file:tools' } };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(shop));
  const agent = join(dirname(folder), 'bin/buildkite-agent');
  writeFileSync(agent, '#!/bin/sh\ntest "$1" = annotate && cat > annotation.md\n', { mode: 0o755 });
  const origin = join(dirname(folder), 'origin.git');
  await told(project, 'npm install --package-lock-only --offline --no-audit --no-fund');
  await told(project, `git init --quiet --bare ${origin}; git init --quiet --initial-branch main`);
  await told(project, "printf '%s\\n' node_modules .spangate '*.md' '*.xml' '*.txt' > .gitignore; git add .");
  await told(
    project,
    `git commit --quiet -m first; git remote add origin ${origin}; git push --quiet origin main`,
  );
  await told(project, 'git checkout --quiet -b change');
  await change(project, "'{}'", "'[]'");
}

async function change(project: Project, from: string, to: string): Promise<void> {
  const server = join(project.folder, 'server.mjs');
  writeFileSync(server, readFileSync(server, 'utf8').replace(from, to));
  await told(
    project,
    'git commit --quiet --all -m change; git push --quiet origin change; git fetch --quiet',
  );
}

async function told(project: Project, command: string): Promise<void> {
  const outcome = await project.start(command).outcome;
  expect(outcome.code, `${command}\n${outcome.stderr}`).toBe(0);
}

/** The outcome of the last script that ran: none runs behind one that is red. */
async function play(project: Project, { scripts, shell, env }: Recipe, block: string): Promise<Outcome> {
  let last: Outcome | null = null;
  for (const script of scripts(block)) {
    last = await project.start([...shell, script], { CI: 'true', ...env }).outcome;
    if (last.code !== 0) break;
  }
  if (last === null) throw new Error('the recipe has no script');
  return last;
}

function expectArtifacts(project: Project, files: readonly string[], verdict: 'pass' | 'fail'): void {
  expect(files).not.toEqual([]);
  for (const file of files) {
    const text = readFileSync(join(project.folder, file), 'utf8');
    if (file.endsWith('.xml')) {
      expect(text).toMatch(/^<\?xml [^>]*\?>\s*<testsuites? /);
      expect(text.includes('<failure')).toBe(verdict === 'fail');
    } else if (file.endsWith('.txt')) {
      // GitLab reads lines of OpenMetrics: a name with labels, a blank, and a number.
      const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
      expect(samples.length).toBeGreaterThan(0);
      for (const line of samples) expect(line).toMatch(/^[a-z_:]\w*(?:\{.*\})? \S+$/);
      expect(text).toMatch(/# EOF\n$/);
    } else {
      expect(text).toContain(`${verdict}:`);
      // That Buildkite takes as an annotation.
      expect(Buffer.byteLength(text)).toBeLessThan(1024 * 1024);
    }
  }
}
