import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { loadConfig } from '../../src/config/config-file.ts';
import { UserError } from '../../src/errors.ts';
import { conforms } from '../../src/schema.ts';

const MINIMAL = 'services: { api: node server.js }\nload: { requests: [{ GET: / }] }\n';

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'spangate-config-'));
});

afterEach(() => {
  rmSync(cwd, { recursive: true, force: true });
});

async function failureOf(promise: Promise<unknown>): Promise<UserError> {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof UserError)) throw new Error(`no UserError but ${String(error)}`);
  return error;
}

async function load(text: string, env: Record<string, string> = {}) {
  writeFileSync(join(cwd, 'spangate.yml'), text);
  return await loadConfig({ cwd, env });
}

describe('loadConfig', () => {
  test('takes the file that is given, and paths are relative to its folder', async () => {
    mkdirSync(join(cwd, 'perf'));
    writeFileSync(join(cwd, 'perf/gate.yml'), MINIMAL);
    const config = await loadConfig({ cwd, path: 'perf/gate.yml', env: {} });
    expect(config.file).toBe(join(cwd, 'perf/gate.yml'));
    expect(config.scenarios[0]?.services[0]?.directory).toBe(join(cwd, 'perf'));
    expect(config.scenarios[0]?.baseline.path).toBe(join(cwd, 'perf/.spangate/baseline.json'));
  });

  test('says how to write a file where there is none', async () => {
    const error = await failureOf(loadConfig({ cwd, env: {} }));
    expect(error).toMatchObject({
      code: 'config-missing',
      exitCode: 2,
      message: `There is no spangate.yml in ${cwd}.`,
      hint: 'Write one: npx spangate init',
    });
  });

  test('names the file that is given and not there', async () => {
    const error = await failureOf(loadConfig({ cwd, path: 'gate.yml', env: {} }));
    expect(error).toMatchObject({ code: 'config-missing', message: `There is no file gate.yml in ${cwd}.` });
  });

  test('refuses a folder', async () => {
    mkdirSync(join(cwd, 'perf'));
    const error = await failureOf(loadConfig({ cwd, path: 'perf', env: {} }));
    expect(error).toMatchObject({
      code: 'config-unreadable',
      exitCode: 2,
      hint: 'Give the file in it, such as perf/spangate.yml',
    });
  });

  // Root may read everything.
  test.skipIf(process.getuid?.() === 0)('says that a file cannot be read', async () => {
    writeFileSync(join(cwd, 'spangate.yml'), MINIMAL);
    chmodSync(join(cwd, 'spangate.yml'), 0);
    expect(await failureOf(loadConfig({ cwd, env: {} }))).toMatchObject({ code: 'config-unreadable' });
  });

  test('shows the path of a file above the working folder as it is', async () => {
    writeFileSync(join(cwd, 'gate.yml'), `${MINIMAL}rounds: 4\n`);
    mkdirSync(join(cwd, 'below'));
    const error = await failureOf(loadConfig({ cwd: join(cwd, 'below'), path: '../gate.yml', env: {} }));
    expect(error.detail[0]).toContain(`${join(cwd, 'gate.yml')}:3:9 rounds: must be a mapping, not 4`);
  });

  test('names the place of a mistake as line and column, 1-based', async () => {
    const error = await failureOf(load(`${MINIMAL}rounds:\n  wrm-up: 3s\n`));
    expect(error.detail).toEqual([
      'spangate.yml:4:3 rounds.wrm-up: unknown key, did you mean "warm-up"?',
      '    4 |   wrm-up: 3s',
      '      |   ^',
    ]);
  });

  test.each(['toString', 'constructor', '__proto__', 'hasOwnProperty'])(
    'is not taken in by a request, header or variable named %s',
    async (name) => {
      const config = await load(
        `services: { api: { start: x, env: { ${name}: "1" } } }\nload: { requests: [{ name: ${name}, GET: /, headers: { ${name}: a } }] }\n`,
      );
      const scenario = config.scenarios[0];
      expect(Object.entries(scenario?.services[0]?.env ?? {})).toEqual([[name, '1']]);
      expect(Object.entries(scenario?.load.requests[0]?.headers ?? {})).toEqual([[name, 'a']]);
    },
  );

  test('accepts the examples of the README and of its own documentation', async () => {
    const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
    const examples = [...readme.matchAll(/```yaml\n(services:.*?)```/gs)].map((match) => match[1] ?? '');
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) expect((await load(example)).scenarios).toHaveLength(1);
    const parts = [...readme.matchAll(/```yaml\n(limits:.*?)```/gs)].map((match) => match[1] ?? '');
    expect(parts.length).toBeGreaterThan(0);
    for (const part of parts) expect((await load(`${MINIMAL}${part}`)).scenarios).toHaveLength(1);
  });
});

/** Keys and values of the grammar in any combination, most of them wrong. */
const WORDS = [
  ...['services', 'dependencies', 'load', 'rounds', 'limits', 'baseline', 'scenarios', 'requests', 'login'],
  ...['start', 'ready', 'env', 'log', 'GET', 'POST', 'body', 'headers', 'save', 'expect', 'weight', 'name'],
  ...['p50', 'rules', 'span', 'warn', 'fail', 'level', 'at-least', 'profile', 'path', 'count', 'instances'],
  ...['warm-up', 'budget', 'api', '__proto__', '<<', 'x y', '0'],
];
const SCALARS = [
  'auto',
  'off',
  '8s',
  '10%',
  '/path',
  '${X}',
  '${x}',
  '${int(1,2)}',
  '',
  'tcp',
  '$.a',
  'a: b',
];

const { anything } = fc.letrec<{ anything: unknown }>((tie) => ({
  anything: fc.oneof(
    { maxDepth: 6 },
    fc.constantFrom(...SCALARS),
    fc.oneof(fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.string()),
    fc.array(tie('anything'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...WORDS), tie('anything'), { maxKeys: 5 }),
  ),
}));

const PROPERTY = { seed: 20_260_102, numRuns: 400 };

describe('loadConfig, whatever the file holds', () => {
  test('gives a configuration or one message, for data of the right words in the wrong places', async () => {
    await fc.assert(
      fc.asyncProperty(anything, async (data) => {
        const outcome = await load(stringify(data, { aliasDuplicateObjects: false })).then(
          () => 'loaded',
          (error: unknown) => (error instanceof UserError ? error.code : Promise.reject(error)),
        );
        // What the schema refuses must never load in silence.
        return outcome === (conforms('config', data) ? outcome : 'config-invalid');
      }),
      PROPERTY,
    );
  });

  test('gives a configuration or one message, for any text', async () => {
    const tokens = [
      'services:',
      'load:',
      '\n',
      '  ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      ': ',
      '&a',
      '*a',
      '!t',
      '"',
      "'",
      '#',
      '|',
      '?',
      '\t',
      '---',
      '${',
    ];
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.array(fc.constantFrom(...tokens, ...WORDS), { maxLength: 25 }).map((parts) => parts.join('')),
    );
    await fc.assert(
      fc.asyncProperty(text, async (source) => {
        const outcome = await load(source).then(
          () => 'loaded',
          (error: unknown) => (error instanceof UserError ? error.code : Promise.reject(error)),
        );
        return outcome === 'loaded' || outcome === 'config-invalid';
      }),
      PROPERTY,
    );
  });

  test('points into the file with every mistake', async () => {
    await fc.assert(
      fc.asyncProperty(anything, async (data) => {
        const text = stringify(data, { aliasDuplicateObjects: false });
        const lines = text.split('\n').length;
        const error = await failureOf(
          load(text).then(() => Promise.reject(new UserError({ code: 'none', what: '', exitCode: 2 }))),
        );
        const places = error.detail.flatMap((line) => /^spangate\.yml:(\d+):(\d+) /.exec(line)?.[1] ?? []);
        return error.code === 'none' || (places.length > 0 && places.every((line) => Number(line) <= lines));
      }),
      { ...PROPERTY, numRuns: 200 },
    );
  });
});
