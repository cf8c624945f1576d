/** Golden files: one expected text a case, a file that one can open. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';

const FOLDER = path.join(import.meta.dirname, 'golden');

/** Compares with `golden/<file>`. */
export function expectGolden(file: string, got: string): void {
  expectFile(path.join(FOLDER, file), got);
}

/** Compares with a file; where they differ, what was got is written beside it as `<file>.got`. */
export function expectFile(file: string, got: string): void {
  const gotFile = `${file}.got`;
  let expected: string | null = null;
  try {
    expected = readFileSync(file, 'utf8');
  } catch {
    // A missing file is a mismatch like any other.
  }
  if (got === expected) {
    rmSync(gotFile, { force: true });
    return;
  }
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(gotFile, got);
  expect(got, `differs from ${path.basename(file)}; see ${path.basename(gotFile)}`).toBe(expected ?? '');
}
