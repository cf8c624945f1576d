/** Measurements in files: `.json`, and gzipped where the name ends in `.gz`. */
import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { EXIT, type ExitCode, UserError } from '../errors.ts';
import { MEASUREMENT_SCHEMA_VERSION, type Measurement } from '../measurement.ts';
import { pathText, type SchemaError, validate } from '../schema.ts';
import { writeFileAtomically } from './atomic-file.ts';
import type { Json } from './columns.ts';
import { jsonText } from './json-text.ts';
import { fromStored, isStored, type StoredBaseline } from './stored-form.ts';

/** What the file is to the user; codes begin with it. */
export type FileRole = 'baseline' | 'measurement';

/** A file of more than this is not a Measurement: the largest seen are 5 MB. It also stops gzip bombs. */
const MOST_BYTES = 256 * 1024 * 1024;

/** More violations of the schema than this help nobody. */
const MOST_ERRORS = 5;

/**
 * Reads a Measurement, or a stored baseline, which is one as well.
 *
 * @throws UserError, its code begun by the role: `-absent` (for a baseline with exit code 4: whether that is an error
 *   is the policy's to say), `-unreadable`, `-corrupt`, `-merge-conflict`, `-newer`, `-older`, `-invalid`
 */
export function readMeasurementFile(path: string, role: FileRole = 'measurement'): Measurement {
  const text = readText(path, role);
  const data = parse(text, path, role);
  checkVersion(data, path, role);
  const measurement = decode(data, path, role);
  const errors = validate('measurement', measurement);
  if (errors.length > 0) throw invalid(path, role, errors);
  return measurement;
}

/** @throws UserError `measurement-disk-full`, `measurement-not-writable`; the file is as it was then */
export function writeMeasurementFile(path: string, measurement: Measurement): void {
  writeRecord(path, measurement, 'measurement');
}

/** @throws UserError, its code begun by the role: `-disk-full`, `-not-writable` */
export function writeRecord(path: string, record: Measurement | StoredBaseline, role: FileRole): void {
  const text = jsonText(record as unknown as Json);
  try {
    writeFileAtomically(path, path.endsWith('.gz') ? gzipSync(text) : text);
  } catch (cause) {
    throw writeError(path, role, cause);
  }
}

function readText(path: string, role: FileRole): string {
  try {
    const bytes = readFileSync(path);
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return (isGzip ? gunzipSync(bytes, { maxOutputLength: MOST_BYTES }) : bytes).toString('utf8');
  } catch (cause) {
    throw readError(path, role, cause);
  }
}

function readError(path: string, role: FileRole, cause: unknown): UserError {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    const isBaseline = role === 'baseline';
    return fileError(path, role, {
      problem: 'absent',
      what: isBaseline ? 'There is no baseline yet.' : 'There is no such file.',
      hint: isBaseline
        ? 'Record one on the main branch: spangate baseline record'
        : 'Check its name. Measurements are written by: spangate run -o FILE',
      exitCode: isBaseline ? EXIT.inconclusive : EXIT.usage,
    });
  }
  if (code.startsWith('Z_') || code === 'ERR_BUFFER_TOO_LARGE') {
    return fileError(path, role, {
      problem: 'corrupt',
      what: `The ${role} cannot be unpacked: its gzip data is cut off or damaged (${message}).`,
      hint: restoreHint(role),
      cause,
    });
  }
  return fileError(path, role, {
    problem: 'unreadable',
    what: `The ${role} cannot be read (${code || message}).`,
    hint: code === 'EISDIR' ? 'That is a folder; name a file in it.' : 'Check who may read the file (ls -l).',
    cause,
  });
}

function parse(text: string, path: string, role: FileRole): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const conflict = /^(<{7}|={7}|>{7})/m.exec(text);
    if (conflict) {
      throw fileError(path, role, {
        problem: 'merge-conflict',
        what: `The ${role} has the marks of a merge conflict in it.`,
        position: positionOf(text, conflict.index),
        hint: `Numbers of two runs cannot be mixed: take one side whole (git checkout --theirs -- ${path}), or record it anew.`,
      });
    }
    throw corrupt(text, path, role, cause as SyntaxError);
  }
}

function corrupt(text: string, path: string, role: FileRole, cause: SyntaxError): UserError {
  if (text.startsWith('version https://git-lfs')) {
    return fileError(path, role, {
      problem: 'corrupt',
      what: `The ${role} is a pointer of Git LFS, not the file.`,
      hint: 'Get the file by "git lfs pull".',
      cause,
    });
  }
  // V8 names the position of some errors only.
  const found = /at position (\d+)/.exec(cause.message)?.[1];
  const end = text.trimEnd().length;
  const isCutOff = /end of JSON|Unterminated/.test(cause.message) || (found && Number(found) >= end);
  return fileError(path, role, {
    problem: 'corrupt',
    what:
      end === 0
        ? `The ${role} is empty.`
        : isCutOff
          ? `The ${role} ends in the middle: only its first ${text.length} characters are there.`
          : `The ${role} is not JSON.`,
    ...(isCutOff || found ? { position: positionOf(text, isCutOff ? end : Number(found)) } : {}),
    hint: restoreHint(role),
    cause,
  });
}

function checkVersion(data: unknown, path: string, role: FileRole): void {
  const { schemaVersion, tool } = (data ?? {}) as { schemaVersion?: unknown; tool?: unknown };
  if (typeof schemaVersion !== 'number' || schemaVersion === MEASUREMENT_SCHEMA_VERSION) return;
  const newer = schemaVersion > MEASUREMENT_SCHEMA_VERSION;
  const by = typeof tool === 'string' ? ` by ${tool.slice(0, 40)}` : '';
  throw fileError(path, role, {
    problem: newer ? 'newer' : 'older',
    what: `The ${role} was written${by} with schema version ${schemaVersion}; this spangate reads ${MEASUREMENT_SCHEMA_VERSION}.`,
    hint: newer
      ? 'Update spangate, so that those who record and those who compare use the same version.'
      : role === 'baseline'
        ? 'Record it anew: spangate baseline record'
        : 'Measure anew: spangate run -o FILE',
  });
}

function decode(data: unknown, path: string, role: FileRole): Measurement {
  if (!isStored(data)) return data as Measurement;
  try {
    return fromStored(data);
  } catch (cause) {
    throw fileError(path, role, {
      problem: 'invalid',
      what: `The ${role} does not fit together: ${(cause as Error).message}.`,
      hint: restoreHint(role),
      cause,
    });
  }
}

function invalid(path: string, role: FileRole, errors: readonly SchemaError[]): UserError {
  const [first] = errors;
  const more = errors.length - MOST_ERRORS;
  return fileError(path, role, {
    problem: 'invalid',
    what: `The ${role} is JSON, but not a measurement of spangate.`,
    ...(first && first.path.length > 0 ? { position: { path: pathText(first.path) } } : {}),
    hint: restoreHint(role),
    detail: [
      ...errors.slice(0, MOST_ERRORS).map((error) => `${pathText(error.path) || '(top)'}: ${error.message}`),
      ...(more > 0 ? [`and ${more} more`] : []),
    ],
  });
}

function writeError(path: string, role: FileRole, cause: unknown): UserError {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  const full = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
  return fileError(path, role, {
    problem: full ? 'disk-full' : 'not-writable',
    what: full
      ? `The ${role} was not written: the disk is full (${code}).`
      : `The ${role} was not written (${code || message}).`,
    hint: full
      ? 'Make room (df -h) and run again; what was there before is untouched.'
      : 'Check who may write to that folder, and whether it is mounted read-only; what was there before is untouched.',
    exitCode: EXIT.couldNotMeasure,
    cause,
  });
}

function restoreHint(role: FileRole): string {
  return role === 'baseline'
    ? 'Restore it (git checkout), or record it anew: spangate baseline record'
    : 'Measure anew: spangate run -o FILE';
}

interface Problem {
  readonly problem: string;
  readonly what: string;
  readonly hint: string;
  readonly position?: { readonly line?: number; readonly column?: number; readonly path?: string };
  readonly detail?: readonly string[];
  readonly exitCode?: ExitCode;
  readonly cause?: unknown;
}

function fileError(path: string, role: FileRole, problem: Problem): UserError {
  return new UserError({
    code: `${role}-${problem.problem}`,
    what: problem.what,
    where: { file: path, ...problem.position },
    hint: problem.hint,
    ...(problem.detail ? { detail: problem.detail } : {}),
    exitCode: problem.exitCode ?? EXIT.usage,
    cause: problem.cause,
  });
}

function positionOf(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at);
  return { line: before.split('\n').length, column: at - before.lastIndexOf('\n') };
}
