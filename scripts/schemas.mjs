/**
 * Writes schemas/*.schema.json from the documented TypeScript types, so that types and schemas cannot drift.
 * `--check` writes nothing and exits 1 where a file is not in step; a test runs it.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createGenerator } from 'ts-json-schema-generator';

const SCHEMAS = [
  {
    file: 'config.schema.json',
    source: 'src/config/grammar/config-file.ts',
    type: 'ConfigFile',
    title: 'Configuration of spangate (spangate.yml)',
  },
  {
    file: 'measurement.schema.json',
    source: 'src/measurement.ts',
    type: 'Measurement',
    title: 'Measurement: what spangate measured in one run',
  },
  {
    file: 'comparison.schema.json',
    source: 'src/compare/comparison.ts',
    type: 'GateResult',
    title: 'Result of a gate: one comparison a scenario',
  },
  {
    file: 'calibration.schema.json',
    source: 'src/compare/calibration.ts',
    type: 'CalibrationResult',
    title: 'Calibration: what a gate can find in a service',
  },
  {
    file: 'selftest.schema.json',
    source: 'src/compare/injection-check.ts',
    type: 'SelfTestResult',
    title: 'Self test: what was injected into a service, and what the gate caught',
  },
  {
    file: 'ledger-run.schema.json',
    source: 'src/ledger/ledger-run.ts',
    type: 'LedgerRun',
    title: 'Line of the ledger: what a run of the gate did, or would have done in shadow',
  },
  {
    file: 'ledger-summary.schema.json',
    source: 'src/ledger/ledger-summary.ts',
    type: 'LedgerSummary',
    title: 'What a ledger says: spangate ledger --format json',
  },
];

const root = new URL('..', import.meta.url);
const check = process.argv.includes('--check');

/** The generator brings its own TypeScript (5.9), which reads the same sources; `tsc` has checked them already. */
function generate({ file, source, type, title }) {
  const { definitions, ...schema } = createGenerator({
    path: fileURLToPath(new URL(source, root)),
    tsconfig: fileURLToPath(new URL('tsconfig.json', root)),
    type,
    skipTypeCheck: true,
    sortProps: false,
    additionalProperties: false,
    encodeRefs: false,
  }).createSchema(type);
  // draft-07 is what editors know best; they and ajv follow a $ref into $defs all the same.
  const $defs = Object.fromEntries(Object.entries(definitions).sort(([a], [b]) => (a < b ? -1 : 1)));
  const tidy = { $schema: schema.$schema, title, $ref: schema.$ref, $defs };
  return formatted(JSON.stringify(tidy, null, 2).replaceAll('"#/definitions/', '"#/$defs/'), file);
}

/** As the linter wants it, so that a generated file needs no exception. */
function formatted(text, file) {
  const biome = fileURLToPath(new URL('node_modules/@biomejs/biome/bin/biome', root));
  const args = ['format', `--stdin-file-path=schemas/${file}`];
  return execFileSync(process.execPath, [biome, ...args], { input: text, encoding: 'utf8', cwd: root });
}

const stale = SCHEMAS.filter((schema) => {
  const url = new URL(`schemas/${schema.file}`, root);
  const wanted = generate(schema);
  if (check) return readFileSync(url, 'utf8') !== wanted;
  writeFileSync(url, wanted);
  return false;
});

for (const { file } of stale)
  console.error(`schemas/${file} is not in step with its types: run npm run schemas`);
if (stale.length > 0) process.exitCode = 1;
