import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { basePlan } from '../../src/action/base-plan.ts';
import { chosenMode } from '../../src/action/chosen-mode.ts';
import { INPUT_NAMES, type Mode, readInputs } from '../../src/github/inputs.ts';
import { type Trigger, triggerOf } from '../../src/github/trigger.ts';
import { pullRequestPayload, pushPayload } from '../action/fake-origin.ts';

const ACTION = parse(readFileSync(resolve(import.meta.dirname, '../../action.yml'), 'utf8')) as {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default: string }>>;
  readonly outputs: Readonly<Record<string, { readonly description: string }>>;
  readonly runs: { readonly using: string; readonly main: string };
  readonly description: string;
};

const PAGE = readFileSync(resolve(import.meta.dirname, '../../docs/github-action.md'), 'utf8');

describe('action.yml', () => {
  test('has the inputs that are read, each with a default', () => {
    expect(Object.keys(ACTION.inputs)).toEqual([...INPUT_NAMES]);
    for (const input of Object.values(ACTION.inputs)) expect(input).toHaveProperty('default');
  });

  test('has defaults that are right', () => {
    const env = Object.entries(ACTION.inputs).map(([name, each]) => [
      `INPUT_${name.toUpperCase()}`,
      each.default,
    ]);
    expect(readInputs(Object.fromEntries(env))).toMatchObject({
      mode: 'auto',
      against: 'auto',
      comment: 'always',
    });
  });

  test('runs the bundle by Node 24, with a description that the marketplace takes', () => {
    expect(ACTION.runs).toEqual({ using: 'node24', main: 'dist/index.js' });
    expect(ACTION.description.length).toBeLessThan(125);
  });

  test.each(['inputs', 'outputs'] as const)('is told by docs/github-action.md: %s', (kind) => {
    const rows = Object.entries(ACTION[kind]).map(
      ([name, { description }]) => `| \`${name}\` | ${description}`,
    );
    for (const row of rows)
      expect(PAGE.replaceAll(/\s+/g, ' ')).toContain(row.replaceAll(/\s+/g, ' ').trim());
  });
});

describe('the workflows of README and docs', () => {
  const readme = readFileSync(resolve(import.meta.dirname, '../../README.md'), 'utf8');
  const blocks = [...`${readme}${PAGE}`.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text);
  const uses = blocks.filter((text) => text.includes('owner/spangate@v1'));

  test('are there', () => expect(uses.length).toBeGreaterThan(4));

  test.each(uses)('use inputs that there are: %s', (text) => {
    const steps = stepsOf(parse(text)).filter(({ uses: name }) => name === 'owner/spangate@v1');
    expect(steps.length).toBeGreaterThan(0);
    for (const { with: given = {} } of steps) {
      expect(INPUT_NAMES).toEqual(expect.arrayContaining(Object.keys(given)));
      const env = Object.entries(given).map(([name, value]) => [
        `INPUT_${name.toUpperCase()}`,
        String(value),
      ]);
      expect(readInputs(Object.fromEntries(env))).toHaveProperty('mode');
    }
  });
});

interface WorkflowStep {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

/** Of a workflow, or of a list of steps alone. */
function stepsOf(workflow: unknown): readonly WorkflowStep[] {
  if (Array.isArray(workflow)) return workflow;
  const { jobs } = workflow as { jobs: Readonly<Record<string, { steps: readonly WorkflowStep[] }>> };
  return Object.values(jobs).flatMap(({ steps }) => steps);
}

describe('inputs', () => {
  const wrong: readonly (readonly [string, string, string])[] = [
    ['mode', 'gated', 'Give one of: auto, gate, shadow, record, report, merge'],
    ['comment', 'yes', 'Give one of: always, problems, never'],
    ['comment-key', 'a --> b', 'Use letters and digits'],
    ['comment-key', 'a--b', 'Use letters and digits'],
    ['against', 'main\n--exec=x', 'Give one line'],
    ['expected', '-1', 'Give a whole number'],
  ];

  test.each(wrong)('%s: %j is refused', (name, value, hint) => {
    expect(() => readInputs({ [`INPUT_${name.toUpperCase()}`]: value })).toThrow(
      expect.objectContaining({ code: 'action-input', hint: expect.stringContaining(hint) }),
    );
  });

  test('of several lines are lists', () => {
    expect(readInputs({ INPUT_SCENARIO: ' orders\n\n  check, out \n' }).scenario).toEqual([
      'orders',
      'check, out',
    ]);
  });
});

const HEAD = 'a'.repeat(40);
const MERGE = 'b'.repeat(40);

describe('the event', () => {
  test('of a pull request gives numbers and hashes, and of its texts nothing but the target', () => {
    const payload = pullRequestPayload({ number: 7, headSha: HEAD, commits: 3, isFork: true });
    const env = { GITHUB_EVENT_NAME: 'pull_request', GITHUB_SHA: MERGE };
    expect(triggerOf(env, payload)).toEqual({
      kind: 'pull-request',
      number: 7,
      baseBranch: 'main',
      headSha: HEAD,
      mergeSha: MERGE,
      commits: 3,
      isFork: true,
      headSince: '2026-11-22T09:00:00.000Z',
      labelAdded: null,
    });
  });

  test('of a pull request says since when its head is known, by the clock of the server', () => {
    const payload = pullRequestPayload({ number: 7, headSha: HEAD, commits: 3, label: 'spangate: accept' });
    const env = { GITHUB_EVENT_NAME: 'pull_request' };
    const { pull_request: pull } = payload;
    const later = { ...pull, head: { ...pull.head, repo: { id: 1, pushed_at: '2026-11-22T09:00:01Z' } } };
    expect(triggerOf(env, { ...payload, pull_request: later })).toMatchObject({
      headSince: '2026-11-22T09:00:01.000Z',
      labelAdded: 'spangate: accept',
    });
    const gone = { ...pull, head: { ...pull.head, repo: null } };
    expect(triggerOf(env, { ...payload, action: 'opened', pull_request: gone })).toMatchObject({
      headSince: null,
      labelAdded: null,
    });
  });

  test('of a pull request whose merge is not named takes no merge commit for that of GitHub', () => {
    const payload = pullRequestPayload({ number: 7, headSha: HEAD, commits: 3 });
    for (const GITHUB_SHA of [undefined, '--help']) {
      const trigger = triggerOf({ GITHUB_EVENT_NAME: 'pull_request', GITHUB_SHA }, payload);
      expect(basePlan(trigger)).toEqual({ kind: 'branched-from', branch: 'main' });
    }
  });

  const broken: readonly (readonly [string, string, unknown])[] = [
    ['no payload', 'pull_request', null],
    [
      'a number that is text',
      'pull_request',
      { pull_request: { number: '7; rm', head: { sha: HEAD }, base: { ref: 'main' } } },
    ],
    [
      'a hash that is none',
      'pull_request',
      { pull_request: { number: 7, head: { sha: '--help' }, base: { ref: 'main' } } },
    ],
    ['a merge group without base', 'merge_group', {}],
  ];

  test.each(broken)('with %s is refused', (_, event, payload) => {
    expect(() => triggerOf({ GITHUB_EVENT_NAME: event }, payload)).toThrow(
      expect.objectContaining({ code: 'event-unreadable' }),
    );
  });

  test('of a schedule is on the default branch, though its event has no repository', () => {
    const env = { GITHUB_EVENT_NAME: 'schedule', GITHUB_REF_NAME: 'main', GITHUB_REF_TYPE: 'branch' };
    const trigger = triggerOf(env, { schedule: '0 3 * * *' });
    expect(trigger).toEqual({ kind: 'other', event: 'schedule', isDefaultBranch: true });
    expect(chosenMode('record', trigger)).toBe('record');
  });

  test('of a first push has no commit before it', () => {
    expect(triggerOf({ GITHUB_EVENT_NAME: 'push', GITHUB_REF_NAME: 'main' }, pushPayload())).toEqual({
      kind: 'push',
      isDefaultBranch: true,
      before: null,
    });
  });
});

describe('the mode', () => {
  const pull: Trigger = {
    kind: 'pull-request',
    number: 1,
    baseBranch: 'main',
    headSha: HEAD,
    mergeSha: MERGE,
    commits: 1,
    isFork: false,
    headSince: null,
    labelAdded: null,
  };
  const run: Trigger = { kind: 'workflow-run', runId: 1, headSha: HEAD, event: 'pull_request' };
  const chosen: readonly (readonly [Mode, Trigger, string])[] = [
    ['auto', pull, 'gate'],
    ['auto', { kind: 'merge-group', baseSha: HEAD }, 'gate'],
    ['auto', { kind: 'push', isDefaultBranch: true, before: HEAD }, 'record'],
    ['auto', { kind: 'other', event: 'schedule', isDefaultBranch: true }, 'record'],
    ['auto', run, 'report'],
    ['shadow', pull, 'shadow'],
    ['merge', pull, 'merge'],
  ];

  test.each(chosen)('%s on %o is %s', (mode, trigger, expected) => {
    expect(chosenMode(mode, trigger)).toBe(expected);
  });

  const refused: readonly (readonly [Mode, Trigger, string])[] = [
    ['auto', { kind: 'privileged', event: 'pull_request_target' }, 'untrusted-code'],
    ['gate', { kind: 'privileged', event: 'pull_request_target' }, 'untrusted-code'],
    ['shadow', { kind: 'privileged', event: 'issue_comment' }, 'untrusted-code'],
    ['gate', run, 'untrusted-code'],
    ['record', run, 'untrusted-code'],
    ['record', pull, 'record-on-change'],
    ['record', { kind: 'push', isDefaultBranch: false, before: HEAD }, 'record-on-change'],
    ['auto', { kind: 'push', isDefaultBranch: false, before: HEAD }, 'mode-unclear'],
  ];

  test.each(refused)('%s on %o is refused: %s', (mode, trigger, code) => {
    expect(() => chosenMode(mode, trigger)).toThrow(expect.objectContaining({ code }));
  });
});
