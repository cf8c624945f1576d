/** Results of the gate in files: written whole or not at all, checked when they are read. */
import { readFileSync } from 'node:fs';
import { writeFileAtomically } from '../baseline/atomic-file.ts';
import { COMPARISON_SCHEMA_VERSION, type GateResult } from '../compare/comparison.ts';
import { EXIT, UserError } from '../errors.ts';
import { conforms, pathText, validate } from '../schema.ts';

/**
 * @throws UserError `result-unreadable`, `result-corrupt`, `result-other-version`,
 * `result-is-a-measurement`, `result-invalid`
 */
export function readResult(path: string): GateResult {
  const data = parse(readText(path), path);
  const version = (data as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (typeof version === 'number' && version !== COMPARISON_SCHEMA_VERSION) {
    throw resultError(path, {
      code: 'result-other-version',
      what: `The result has schema version ${version}; this spangate reads ${COMPARISON_SCHEMA_VERSION}.`,
    });
  }
  const errors = validate('gate-result', data);
  if (errors.length > 0 && conforms('measurement', data)) {
    throw new UserError({
      code: 'result-is-a-measurement',
      what: 'The file is a measurement, not a result of `spangate gate -o`.',
      where: { file: path },
      hint: 'Compare it with another measurement: spangate compare BASELINE CANDIDATE',
      exitCode: EXIT.usage,
    });
  }
  if (errors.length > 0) {
    throw resultError(path, {
      code: 'result-invalid',
      what: 'The file is JSON, but not a result of `spangate gate -o`.',
      detail: errors.slice(0, 5).map((error) => `${pathText(error.path) || '(top)'}: ${error.message}`),
    });
  }
  return data as GateResult;
}

/** @throws UserError `report-not-written` */
export function writeReport(path: string, text: string): void {
  try {
    writeFileAtomically(path, text);
  } catch (cause) {
    throw new UserError({
      code: 'report-not-written',
      what: `The report was not written (${(cause as NodeJS.ErrnoException).code ?? cause}).`,
      where: { file: path },
      hint: 'Is there room on the disk, and may this user write there?',
      exitCode: EXIT.couldNotMeasure,
      cause,
    });
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw resultError(path, {
      code: 'result-unreadable',
      what: code === 'ENOENT' ? 'There is no such file.' : `The file cannot be read (${code}).`,
      cause,
    });
  }
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw resultError(path, {
      code: 'result-corrupt',
      what: 'The file is not JSON, or only half of it.',
      cause,
    });
  }
}

function resultError(
  path: string,
  problem: { code: string; what: string; detail?: readonly string[]; cause?: unknown },
): UserError {
  return new UserError({
    ...problem,
    where: { file: path },
    hint: 'A result is written by: spangate gate -o result.json',
    exitCode: EXIT.usage,
  });
}
