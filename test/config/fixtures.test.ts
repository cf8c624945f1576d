import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type LoadConfigOptions, loadConfig } from '../../src/config/config-file.ts';
import { UserError } from '../../src/errors.ts';

/**
 * A folder a case: `spangate.yml` (or .yaml, .json), `env.json` for the environment, and what is expected:
 * `expected.txt` holds the whole message, `expected.json` the whole configuration, `expected-part.json` what of it
 * the case is about. Folders are written as `<case>`.
 */
const FIXTURES = resolve(import.meta.dirname, 'fixtures');
const CASES = readdirSync(FIXTURES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

interface Outcome {
  readonly text: string;
  readonly config: unknown;
}

async function outcomeOf(options: LoadConfigOptions): Promise<Outcome> {
  const portable = (text: string) => text.replaceAll(options.cwd, '<case>');
  try {
    const config = JSON.parse(portable(JSON.stringify(await loadConfig(options))));
    return { text: `${JSON.stringify(config, null, 2)}\n`, config };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const lines = [
      `${error.code}, exit ${error.exitCode}`,
      error.message,
      ...error.detail,
      `hint: ${error.hint}`,
    ];
    return { text: portable(`${lines.join('\n')}\n`), config: null };
  }
}

function environment(folder: string): Record<string, string> {
  const file = join(folder, 'env.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}

describe('a configuration file', () => {
  test.each(CASES)('%s', async (name) => {
    const folder = join(FIXTURES, name);
    const expected = ['expected.txt', 'expected.json', 'expected-part.json'].find((file) =>
      existsSync(join(folder, file)),
    );
    const outcome = await outcomeOf({ cwd: folder, env: environment(folder) });
    const golden = expected === undefined ? '' : readFileSync(join(folder, expected), 'utf8');
    const got = join(folder, `${expected ?? 'expected'}.got`);
    writeFileSync(got, outcome.text);
    if (expected === 'expected-part.json') expect(outcome.config).toMatchObject(JSON.parse(golden));
    else expect(outcome.text).toBe(golden);
    rmSync(got);
  });
});
