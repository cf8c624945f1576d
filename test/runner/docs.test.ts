import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/config-file.ts';
import { PACKAGE_REGISTRIES, WITHHELD } from '../../src/runner/child-environment.ts';
import { parseLoadReport } from '../../src/runner/load-command/load-report.ts';

const docs = resolve(import.meta.dirname, '../../docs');
const folder = mkdtempSync(join(tmpdir(), 'spangate-test-'));

afterAll(() => rmSync(folder, { recursive: true }));

const page = (name: string) => readFileSync(join(docs, name), 'utf8');

describe('docs/dependencies-and-state.md', () => {
  const examples = [...page('dependencies-and-state.md').matchAll(/```yaml\n(.*?)```/gs)].map(
    ([, text = '']) => text,
  );

  test.each(examples)('has an example that loads: %s', async (example) => {
    writeFileSync(join(folder, 'spangate.yml'), example);
    const [scenario] = (await loadConfig({ cwd: folder, env: {} })).scenarios;
    expect(scenario?.dependencies).toHaveLength(1);
  });
});

test('docs/service-processes.md names every variable that is withheld, and no other', () => {
  const [, list = ''] = /<!-- withheld -->(.*)<!-- \/withheld -->/s.exec(page('service-processes.md')) ?? [];
  const named = [...list.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
  expect(named).toEqual([...WITHHELD, ...PACKAGE_REGISTRIES]);
});

describe('docs/load-command.md', () => {
  const [, config = ''] = /```yaml\n(.*?)```/s.exec(page('load-command.md')) ?? [];
  const [, report = ''] = /```json\n(.*?)```/s.exec(page('load-command.md')) ?? [];

  test('has a configuration that loads', async () => {
    writeFileSync(join(folder, 'spangate.yml'), config);
    const [scenario] = (await loadConfig({ cwd: folder, env: {} })).scenarios;
    expect(scenario?.load).toMatchObject({ model: 'command', service: 'queue' });
  });

  test('has a report that can be read', () => {
    const sent = [...parseLoadReport(report)].map(([name, operation]) => [name, operation.sent]);
    expect(sent).toEqual([
      ['order', 2],
      ['mail', 1200],
    ]);
  });
});

describe('docs/load-models.md', () => {
  const examples = [...page('load-models.md').matchAll(/```yaml\n(.*?)```/gs)].map(([, text = '']) => text);

  test.each(examples)('has an example that loads: %s', async (example) => {
    writeFileSync(join(folder, 'spangate.yml'), `services: { api: node server.js }\n${example}`);
    const [scenario] = (await loadConfig({ cwd: folder, env: {} })).scenarios;
    expect(example).toContain(`model: ${scenario?.load.model}`);
  });

  test('names the reasons that make a round invalid', () => {
    const text = readFileSync(resolve(docs, '../src/runner/round-fault.ts'), 'utf8');
    const codes = [...text.matchAll(/code: '([a-z-]+)'/g)].map(([, code]) => `\`${code}\``);
    expect(codes).toHaveLength(4);
    for (const code of codes) expect(page('load-models.md')).toContain(code);
  });
});
