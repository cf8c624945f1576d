/** Finds out before minutes of measuring that a file could not be written behind them. */
import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { EXIT, UserError } from '../errors.ts';

/** @throws UserError `output-not-writable` */
export function assertWritable(path: string): void {
  if (statOf(path)?.isDirectory()) throw notWritable(path, 'it is a folder');
  const folder = nearestFolder(dirname(path));
  if (!statOf(folder)?.isDirectory()) throw notWritable(path, `${folder} is not a folder`);
  try {
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw notWritable(path, code === 'EROFS' ? `${folder} is read-only` : `no right to write to ${folder}`);
  }
}

/** Folders that are not there yet are made when the file is written. */
function nearestFolder(folder: string): string {
  return statOf(folder) || dirname(folder) === folder ? folder : nearestFolder(dirname(folder));
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    // A part of its path is a file, or may not be looked into: then the folder above is the one to look at.
    return undefined;
  }
}

function notWritable(path: string, why: string): UserError {
  return new UserError({
    code: 'output-not-writable',
    what: `This file could not be written at the end: ${why}.`,
    where: { file: path },
    hint: 'Name a file in a folder that may be written to. Nothing was measured yet.',
    exitCode: EXIT.couldNotMeasure,
  });
}
