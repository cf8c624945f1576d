import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { limitFor } from '../../src/compare/policy.ts';
import type { SuggestedRule } from '../../src/compare/suggested-rules.ts';
import { loadConfig } from '../../src/config/config-file.ts';
import { limitsYaml } from '../../src/report/limits-yaml.ts';

const folder = mkdtempSync(join(tmpdir(), 'spangate-test-'));

afterAll(() => rmSync(folder, { recursive: true }));

const RULES: readonly SuggestedRule[] = [
  { operation: 'list orders', limits: { p50: 0.08, p90: 'warn' }, why: 'noise' },
  { operation: 'list orders', span: '*', limits: { p50: 0.05, p90: 0.1 }, why: 'restores' },
  {
    operation: 'list orders',
    span: 'select "orders"',
    service: 'api',
    kind: 'client',
    limits: { p50: 0.12 },
    why: 'noise',
  },
];

/** Half a surrogate pair is no character that a file can hold. */
function isUnicode(text: string): boolean {
  return Buffer.from(text).toString() === text;
}

describe('suggested limits as YAML', () => {
  test('read as they are to be pasted', () => {
    expect(limitsYaml(RULES)).toBe(`limits:
  rules:
    - { operation: "list orders", p50: 8%, p90: warn }
    - { operation: "list orders", span: "*", p50: 5%, p90: 10% } # as before, for its spans
    - { operation: "list orders", span: "select \\"orders\\"", service: "api", kind: "client", p50: 12% }
`);
    expect(limitsYaml([])).toBe('');
  });

  test('mean in a configuration what was meant', async () => {
    const text = `services: { api: node server.js }\nload: { requests: [{ GET: / }] }\n${limitsYaml(RULES)}`;
    writeFileSync(join(folder, 'spangate.yml'), text);
    const [scenario] = (await loadConfig({ cwd: folder, env: {} })).scenarios;
    if (!scenario) throw new Error('a configuration has a scenario');
    const limit = (quantity: 'p50' | 'p90', span: string | null) =>
      limitFor(scenario.policy, {
        operation: 'list orders',
        span: span === null ? null : { service: 'api', kind: 'client', name: span },
        quantity,
      });
    expect(limit('p50', null)).toMatchObject({ level: 'fail', fail: 0.08 });
    expect(limit('p90', null)).toMatchObject({ level: 'warn' });
    expect(limit('p50', 'insert order')).toMatchObject({ level: 'fail', fail: 0.05 });
    expect(limit('p90', 'insert order')).toMatchObject({ level: 'fail', fail: 0.1 });
    expect(limit('p50', 'select "orders"')).toMatchObject({ level: 'fail', fail: 0.12 });
  });

  test('keep any name as it is, and show nothing of it to a terminal or a CI runner', () => {
    const names = fc.string({ unit: 'binary', minLength: 1 }).filter(isUnicode);
    fc.assert(
      fc.property(names, (name) => {
        const rule: SuggestedRule = { operation: name, span: name, limits: { p50: 0.08 }, why: 'noise' };
        const text = limitsYaml([rule]);
        expect(parse(text)).toEqual({ limits: { rules: [{ operation: name, span: name, p50: '8%' }] } });
        expect(text.split('\n')).toHaveLength(4);
        expect(text).not.toMatch(/##/);
        expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
      { seed: 3, numRuns: 500 },
    );
  });
});
