import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { jsonReport } from '../../src/report/json.ts';
import { CASES } from './cases.ts';
import { result } from './comparison-fixture.ts';

const schema = JSON.parse(
  readFileSync(new URL('../../schemas/comparison.schema.json', import.meta.url), 'utf8'),
);

describe('the JSON report', () => {
  const validate = new Ajv({ allowUnionTypes: true }).compile(schema);

  for (const [name, each] of Object.entries(CASES)) {
    it(`of ${name} is valid, and reads back as what it was made from`, () => {
      const read = JSON.parse(jsonReport(each));
      expect(validate(read), JSON.stringify(validate.errors)).toBe(true);
      expect(read).toEqual(each);
    });
  }

  it('is the same whatever the order in which the result was built', () => {
    const each = CASES['fail-errors'] ?? result();
    const reversed = JSON.parse(JSON.stringify(each), (_key, value) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).reverse())
        : value,
    );
    expect(jsonReport(reversed)).toBe(jsonReport(each));
  });

  it('has schema version and verdict first', () => {
    expect(Object.keys(JSON.parse(jsonReport(result()))).slice(0, 2)).toEqual(['schemaVersion', 'verdict']);
  });

  it('gives no command to a CI runner that reads it on stdout', () => {
    expect(jsonReport(CASES.hostile ?? result())).not.toMatch(/^\s*::|##\[/m);
  });
});
