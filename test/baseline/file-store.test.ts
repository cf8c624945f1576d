import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readBaseline, writeBaseline } from '../../src/baseline/file-store.ts';
import { readMeasurementFile, writeMeasurementFile } from '../../src/baseline/measurement-file.ts';
import { summarize } from '../../src/baseline/summarize.ts';
import { EXIT, UserError } from '../../src/errors.ts';
import type { Measurement } from '../../src/measurement.ts';
import { fullMeasurement } from './full-measurement.ts';

const MEASUREMENT = fullMeasurement({ rounds: 2, instances: 2, operations: 2, spans: 4, requests: 30 });
const FIXTURES = join(import.meta.dirname, 'fixtures');
const GOLDEN = join(import.meta.dirname, 'golden');

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'spangate-test-'));
  path = join(directory, '.spangate', 'baseline.json');
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

async function failureOf(action: () => unknown): Promise<UserError> {
  try {
    await action();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('expected a UserError');
}

describe('a baseline', () => {
  test('is read back as the summary of what was written', async () => {
    await writeBaseline({ path }, MEASUREMENT);
    expect(await readBaseline({ path })).toStrictEqual(summarize(MEASUREMENT));
  });

  test('replaces the one before, and leaves no other file', async () => {
    await writeBaseline({ path }, { ...MEASUREMENT, id: 'first' });
    await writeBaseline({ path }, { ...MEASUREMENT, id: 'second' });
    expect((await readBaseline({ path })).id).toBe('second');
    expect(readdirSync(join(directory, '.spangate'))).toEqual(['baseline.json']);
  });

  test('behind a link is written where the link leads', async () => {
    const target = join(directory, 'kept-elsewhere.json');
    mkdirSync(join(directory, '.spangate'));
    writeFileSync(target, '');
    symlinkSync(target, path);
    await writeBaseline({ path }, MEASUREMENT);
    expect(readMeasurementFile(target).id).toBe(MEASUREMENT.id);
  });

  test('that is not there yet says so, with the code for a lenient policy to catch', async () => {
    expect(await failureOf(() => readBaseline({ path }))).toMatchObject({
      code: 'baseline-absent',
      exitCode: EXIT.inconclusive,
      where: { file: path },
    });
  });

  test('whose place is a folder cannot be read', async () => {
    mkdirSync(path, { recursive: true });
    expect(await failureOf(() => readBaseline({ path }))).toMatchObject({
      code: 'baseline-unreadable',
      exitCode: EXIT.usage,
    });
  });
});

describe('a measurement file', () => {
  test.each(['head.json', 'head.json.gz'])('%s is read back whole', (name) => {
    const file = join(directory, name);
    writeMeasurementFile(file, MEASUREMENT);
    expect(readMeasurementFile(file)).toStrictEqual(MEASUREMENT);
  });

  test('is gzipped where its name says so', () => {
    writeMeasurementFile(join(directory, 'a.json'), MEASUREMENT);
    writeMeasurementFile(join(directory, 'a.json.gz'), MEASUREMENT);
    expect([...readFileSync(join(directory, 'a.json.gz')).subarray(0, 2)]).toEqual([0x1f, 0x8b]);
    expect(statSync(join(directory, 'a.json.gz')).size).toBeLessThan(
      statSync(join(directory, 'a.json')).size / 3,
    );
  });

  test('may be a baseline', async () => {
    await writeBaseline({ path }, MEASUREMENT);
    expect(readMeasurementFile(path)).toStrictEqual(summarize(MEASUREMENT));
  });

  test('that is not there is a mistake of whoever named it', async () => {
    expect(await failureOf(() => readMeasurementFile(join(directory, 'haed.json')))).toMatchObject({
      code: 'measurement-absent',
      exitCode: EXIT.usage,
    });
  });

  test('that is half a gzip file is corrupt', async () => {
    const file = join(directory, 'half.json.gz');
    writeFileSync(file, gzipSync(JSON.stringify(MEASUREMENT)).subarray(0, 500));
    const error = await failureOf(() => readMeasurementFile(file));
    expect(error.code).toBe('measurement-corrupt');
    expect(error.message).toContain('cut off or damaged');
  });
});

describe('a bad baseline', () => {
  test.each(readdirSync(FIXTURES))('%s has its own message', async (name) => {
    const error = await failureOf(() => readBaseline({ path: join(FIXTURES, name) }));
    expect(error.exitCode).toBe(EXIT.usage);
    expectGolden(`${basename(name, '.json')}.txt`, textOf(error));
  });

  test('cut off at any place is never taken for a good one', async () => {
    await writeBaseline({ path }, MEASUREMENT);
    const whole = readFileSync(path);
    for (let length = 0; length < whole.length - 1; length += 97) {
      writeFileSync(path, whole.subarray(0, length));
      expect((await failureOf(() => readBaseline({ path }))).code).toBe('baseline-corrupt');
    }
  });
});

describe('a write that fails', () => {
  const before: Measurement = { ...MEASUREMENT, id: 'before' };

  test.runIf(process.platform === 'linux')(
    'because the disk is full leaves the old baseline and no other file',
    async () => {
      await writeBaseline({ path }, before);
      // The limit on the size of files stands for the full disk: the same system call fails in the same place.
      const script = `trap '' XFSZ; ulimit -f 8; exec node ${join(import.meta.dirname, 'programs', 'write.mjs')} ${path}`;
      expect(execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' })).toBe('baseline-disk-full 3\n');
      expect((await readBaseline({ path })).id).toBe('before');
      expect(readdirSync(join(directory, '.spangate'))).toEqual(['baseline.json']);
    },
  );

  test('because its folder is a file says so', async () => {
    writeFileSync(join(directory, '.spangate'), '');
    expect(await failureOf(() => writeBaseline({ path }, MEASUREMENT))).toMatchObject({
      code: 'baseline-not-writable',
      exitCode: EXIT.couldNotMeasure,
      where: { file: path },
    });
  });

  test('because its place is a folder leaves no other file', async () => {
    mkdirSync(path, { recursive: true });
    expect((await failureOf(() => writeBaseline({ path }, MEASUREMENT))).code).toBe('baseline-not-writable');
    expect(readdirSync(join(directory, '.spangate'))).toEqual(['baseline.json']);
  });

  test.skipIf(process.getuid?.() === 0)('because the folder is not writable says so', async () => {
    mkdirSync(join(directory, '.spangate'), { mode: 0o500 });
    expect((await failureOf(() => writeBaseline({ path }, MEASUREMENT))).message).toContain('EACCES');
  });
});

test('a writer that is killed at any moment leaves a whole baseline, and the next one clears up', async () => {
  await writeBaseline({ path }, MEASUREMENT);
  for (let round = 0; round < 3; round += 1) {
    const writer = spawn('node', [join(import.meta.dirname, 'programs', 'write.mjs'), path, 'forever'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(writer, 'exit');
    // It says a word for every write; after a few of them it is in the middle of another.
    for (let words = 0; words <= round; words += 1) await once(writer.stdout, 'data');
    writer.kill('SIGKILL');
    await ended;
    expect((await readBaseline({ path })).scenario).toBe(MEASUREMENT.scenario);
  }
  await writeBaseline({ path }, MEASUREMENT);
  expect(readdirSync(join(directory, '.spangate'))).toEqual(['baseline.json']);
});

function textOf(error: UserError): string {
  const where =
    typeof error.where === 'object' ? { ...error.where, file: basename(error.where.file) } : error.where;
  return [
    error.code,
    error.message,
    JSON.stringify(where),
    error.hint?.replaceAll(`${FIXTURES}/`, ''),
    ...error.detail,
    '',
  ].join('\n');
}

function expectGolden(name: string, got: string): void {
  const file = join(GOLDEN, name);
  try {
    expect(got).toBe(readFileSync(file, 'utf8'));
  } catch (error) {
    writeFileSync(`${file}.got`, got);
    throw error;
  }
}
