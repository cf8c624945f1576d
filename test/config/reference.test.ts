import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/config-file.ts';
import type { Config } from '../../src/config.ts';
import { UserError } from '../../src/errors.ts';
import { errorText } from '../../src/report/error-text.ts';

const root = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/configuration.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'spangate-reference-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function load(text: string): Promise<Config> {
  writeFileSync(join(folder, 'spangate.yml'), text);
  return await loadConfig({ cwd: folder, env: { LOAD_PASSWORD: 'x' } });
}

/** A part of a file is shown without the rest of it. */
function completed(example: string): string {
  const services = /^services:/m.test(example) ? '' : 'services: { api: node server.js }\n';
  const requests = /^load:/m.test(example) ? '' : 'load: { requests: [{ GET: / }] }\n';
  return `${services}${requests}${example}`;
}

describe('docs/configuration.md', () => {
  test('has the tables of the schema and of the profiles', () => {
    execFileSync(process.execPath, ['scripts/reference.mjs', '--check'], { cwd: root, stdio: 'pipe' });
  });

  const examples = [...page.matchAll(/```yaml\n(.*?)```/gs)].map((match) => match[1] ?? '');

  test.each(examples)('has an example that loads: %s', async (example) => {
    expect((await load(completed(example))).scenarios.length).toBeGreaterThan(0);
  });

  test('shows a mistake as it is printed', async () => {
    const error = await load(`${examples[0]}      wieght: 3\n`).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    const printed = errorText(error).split('\n').slice(0, 4).join('\n');
    expect(page).toContain(`\`\`\`\n${printed}\n\`\`\``);
  });
});
