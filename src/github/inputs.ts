/** The inputs of the action, read and checked: the runner hands on whatever the workflow says. */
import { EXIT, UserError } from '../errors.ts';

type Variables = Readonly<Record<string, string | undefined>>;

export const MODES = ['auto', 'gate', 'shadow', 'record', 'report', 'merge'] as const;

export type Mode = (typeof MODES)[number];

export const COMMENT_CHOICES = ['always', 'problems', 'never'] as const;

export const LEDGER_CHOICES = ['auto', 'always', 'never'] as const;

export interface ActionInputs {
  readonly mode: Mode;
  /** Absent: spangate.yml in the working directory. */
  readonly config?: string;
  /** Empty: all of them. */
  readonly scenario: readonly string[];
  /** Relative to the workspace. */
  readonly workingDirectory: string;
  /** `auto`: by the event; `baseline`: the stored one; else what names a commit for git. */
  readonly against: string;
  /** Folder in which base is checked out and set up; absent: it is done here. */
  readonly basePath?: string;
  /** Files and folders with results, for `report` and `merge`. */
  readonly results: readonly string[];
  /** Of `merge`: fewer results are no verdict; null: any number will do. */
  readonly expected: number | null;
  readonly comment: (typeof COMMENT_CHOICES)[number];
  /** Tells the comments of several uses of the action apart. */
  readonly commentKey: string;
  /** Whether `record` opens a pull request with a baseline that is a file. */
  readonly recordPullRequest: boolean;
  /** Whether a check run is written. */
  readonly checkRun: boolean;
  readonly ledger: (typeof LEDGER_CHOICES)[number];
  /** Name of the label by which somebody with write permission accepts what failed. */
  readonly waiverLabel: string;
  /** The job's place in its matrix, as JSON; tells jobs apart, and is not read. */
  readonly matrix: string;
  /** Empty where there is none: then nothing is posted. */
  readonly token: string;
}

/** Every input that `action.yml` has, so that a test can compare. */
export const INPUT_NAMES = [
  'mode',
  'config',
  'scenario',
  'working-directory',
  'against',
  'base-path',
  'results',
  'expected',
  'comment',
  'comment-key',
  'record-pull-request',
  'check-run',
  'waiver-label',
  'ledger',
  'matrix',
  'github-token',
] as const;

type InputName = (typeof INPUT_NAMES)[number];

/** @throws UserError `action-input`, for the first input that cannot be right */
export function readInputs(env: Variables): ActionInputs {
  const text = (name: InputName) => (env[`INPUT_${name.toUpperCase()}`] ?? '').trim();
  const config = text('config');
  return {
    mode: oneOf('mode', MODES, text('mode') || 'auto'),
    ...(config !== '' && { config: oneLine('config', config) }),
    scenario: linesOf(text('scenario')),
    workingDirectory: oneLine('working-directory', text('working-directory') || '.'),
    against: oneLine('against', text('against') || 'auto'),
    ...(text('base-path') !== '' && { basePath: oneLine('base-path', text('base-path')) }),
    results: linesOf(text('results')),
    expected: countOf('expected', text('expected')),
    comment: oneOf('comment', COMMENT_CHOICES, text('comment') || 'always'),
    commentKey: keyOf(text('comment-key') || 'default'),
    recordPullRequest: flag('record-pull-request', text('record-pull-request')),
    checkRun: flag('check-run', text('check-run')),
    waiverLabel: oneLine('waiver-label', text('waiver-label') || 'spangate: accept'),
    ledger: oneOf('ledger', LEDGER_CHOICES, text('ledger') || 'auto'),
    matrix: text('matrix'),
    token: text('github-token'),
  };
}

function oneOf<Choice extends string>(name: InputName, choices: readonly Choice[], value: string): Choice {
  const found = choices.find((each) => each === value);
  if (found !== undefined) return found;
  throw wrong(name, `${JSON.stringify(value)} is not known.`, `Give one of: ${choices.join(', ')}`);
}

function flag(name: InputName, value: string): boolean {
  return oneOf(name, ['true', 'false'], value || 'false') === 'true';
}

function oneLine(name: InputName, value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  if (!/[\u0000-\u001f\u007f]/.test(value)) return value;
  throw wrong(name, 'it holds more than one line.', 'Give one line of text.');
}

/** One a line; commas are part of a name. */
function linesOf(value: string): readonly string[] {
  return value
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function countOf(name: InputName, value: string): number | null {
  if (value === '') return null;
  if (/^[1-9]\d{0,3}$/.test(value)) return Number(value);
  throw wrong(name, `${JSON.stringify(value)} is no count.`, 'Give a whole number of at least 1.');
}

/** It stands in an HTML comment, where `--` would end it. */
function keyOf(value: string): string {
  if (/^[A-Za-z0-9]+([._-][A-Za-z0-9]+)*$/.test(value) && value.length <= 60) return value;
  throw wrong(
    'comment-key',
    `${JSON.stringify(value)} cannot be used.`,
    'Use letters and digits, with single dots, hyphens or underscores between them.',
  );
}

function wrong(name: InputName, what: string, hint: string): UserError {
  return new UserError({
    code: 'action-input',
    what: `The input ${name} is wrong: ${what}`,
    where: `with: ${name}`,
    hint,
    exitCode: EXIT.usage,
  });
}
