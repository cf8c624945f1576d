import { describe, expect, test } from 'vitest';
import { childEnvironment } from '../../src/runner/child-environment.ts';

const WITHHELD = [
  'SPANGATE_INJECT',
  'INPUT_GITHUB-TOKEN',
  'ACTIONS_RUNTIME_TOKEN',
  'ACTIONS_ID_TOKEN_REQUEST_URL',
  'STATE_isPost',
  'GITHUB_TOKEN',
  'GH_TOKEN',
  'GITHUB_ENV',
  'GITHUB_PATH',
  'GITHUB_OUTPUT',
  'GITHUB_STATE',
  'GITHUB_STEP_SUMMARY',
  'CI_JOB_TOKEN',
  'CI_JOB_JWT_V2',
  'CI_REPOSITORY_URL',
  'BUILDKITE_AGENT_ACCESS_TOKEN',
  'CIRCLE_OIDC_TOKEN_V2',
  'SYSTEM_ACCESSTOKEN',
  'NPM_TOKEN',
  'NODE_AUTH_TOKEN',
  'npm_config__auth',
  'npm_config_//registry.npmjs.org/:_authToken',
  'AWS_SECRET_ACCESS_KEY',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'SSH_AUTH_SOCK',
  'GIT_DIR',
  'GIT_INDEX_FILE',
];

const KEPT = [
  'PATH',
  'HOME',
  'CI',
  'GITHUB_ACTIONS',
  'GITHUB_SHA',
  'GITHUB_WORKSPACE',
  'RUNNER_TEMP',
  'RUNNER_TRACKING_ID',
  'DATABASE_PASSWORD',
  'DATABASE_URL',
  'SESSION_SECRET',
  'MY_GITHUB_TOKEN_NAME',
  'npm_config_registry',
  'NODE_OPTIONS',
  'GIT_AUTHOR_NAME',
];

function environmentOf(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, `value of ${name}`]));
}

describe('what a CI gives to its own steps', () => {
  test.each(WITHHELD)('%s is kept from a service', (name) => {
    const { env, withheld } = childEnvironment({ inherited: environmentOf([name, 'HOME']) });
    expect(env).toEqual({ HOME: 'value of HOME' });
    expect(withheld).toEqual([name]);
  });

  test.each(KEPT)('%s is passed on', (name) => {
    const { env, withheld } = childEnvironment({ inherited: environmentOf([name]) });
    expect(env).toEqual(environmentOf([name]));
    expect(withheld).toEqual([]);
  });

  test('can be handed on by env, and is then not named as withheld', () => {
    const { env, withheld } = childEnvironment({
      inherited: { GITHUB_TOKEN: 'ghs_1', GH_TOKEN: 'ghs_2' },
      configured: { GITHUB_TOKEN: 'ghs_1' },
    });
    expect(env).toEqual({ GITHUB_TOKEN: 'ghs_1' });
    expect(withheld).toEqual(['GH_TOKEN']);
  });

  test('is kept from set-up commands as well, but for the tokens of package registries', () => {
    const inherited = { NODE_AUTH_TOKEN: 'npm_1', npm_config__auth: 'x', GITHUB_TOKEN: 'ghs_1' };
    expect(childEnvironment({ inherited, packageRegistries: true }).env).toEqual({
      NODE_AUTH_TOKEN: 'npm_1',
      npm_config__auth: 'x',
    });
  });
});

test('env of the configuration wins over ours, and ours over what is inherited', () => {
  const { env } = childEnvironment({
    inherited: { A: 'inherited', B: 'inherited', C: 'inherited' },
    ours: { B: 'ours', C: 'ours' },
    configured: { C: 'configured' },
  });
  expect(env).toEqual({ A: 'inherited', B: 'ours', C: 'configured' });
});

test.each([
  ['none of the user', {}, {}, '--import x'],
  ['those of the shell', { NODE_OPTIONS: '--shell' }, {}, '--shell --import x'],
  [
    'those of the configuration',
    { NODE_OPTIONS: '--shell' },
    { NODE_OPTIONS: '--configured' },
    '--configured --import x',
  ],
])('NODE_OPTIONS are ours behind %s', (_, inherited, configured, expected) => {
  expect(childEnvironment({ inherited, configured, nodeOptions: '--import x' }).env.NODE_OPTIONS).toBe(
    expected,
  );
});

test('without options of ours NODE_OPTIONS stay as they are', () => {
  expect(childEnvironment({ inherited: {} }).env).toEqual({});
});

test('folders are added behind PATH, so that they hide nothing', () => {
  const { env } = childEnvironment({ inherited: { PATH: '/usr/bin' }, path: ['/app/node_modules/.bin'] });
  expect(env.PATH).toBe('/usr/bin:/app/node_modules/.bin');
});

test('names are in one order, whatever order they came in', () => {
  const forward = childEnvironment({ inherited: { b: '1', A: '2' }, ours: { Z: '3' } });
  const backward = childEnvironment({ inherited: { A: '2', b: '1' }, configured: { Z: '3' } });
  expect(Object.keys(forward.env)).toEqual(['A', 'Z', 'b']);
  expect(Object.keys(backward.env)).toEqual(['A', 'Z', 'b']);
});

test('a variable that is unset stays unset', () => {
  expect(childEnvironment({ inherited: { UNSET: undefined, GITHUB_TOKEN: undefined } })).toEqual({
    env: {},
    withheld: [],
  });
});
