/**
 * The file that a command writes its output to, directly: a pipe through spangate would cost CPU while the service
 * is measured. Nobody bounds its size; whoever reads it while it grows looks at its end only.
 */
import { closeSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';

/** Enough for a stack trace and what led to it. */
const TAIL_LINES = 20;

/** Longest end of the file that is looked at. */
const TAIL_BYTES = 64 * 1024;

/** Longer lines are cut: a minified bundle in a stack trace fills the screen otherwise. */
const LINE_LENGTH = 300;

export interface LogFile extends Disposable {
  readonly path: string;
  /** Bytes that were in it before. */
  readonly start: number;
  /** For the standard output and error of a child. */
  readonly descriptor: number;
  /** Last lines that were written since it was opened, without colours, the empty ones left out. */
  lastLines(count?: number): readonly string[];
  /** Text written since the last call of this function; at most the last 64 kB of it. */
  readNew(): string;
}

/** Opens the file for appending, with its folder. */
export function openLogFile(path: string): LogFile {
  mkdirSync(dirname(path), { recursive: true });
  const descriptor = openSync(path, 'a+', 0o600);
  const start = fstatSync(descriptor).size;
  let position = start;
  let open = true;
  const read = (from: number) => {
    if (!open) return readBetween(path, from);
    return readEnd(descriptor, from);
  };
  return {
    path,
    start,
    descriptor,
    lastLines(count = TAIL_LINES) {
      return readableLines(read(start).text).slice(-count);
    },
    readNew() {
      const { text, end } = read(position);
      position = end;
      return text;
    },
    [Symbol.dispose]() {
      if (open) closeSync(descriptor);
      open = false;
    },
  };
}

function readBetween(path: string, from: number): { text: string; end: number } {
  const descriptor = openSync(path, 'r');
  try {
    return readEnd(descriptor, from);
  } finally {
    closeSync(descriptor);
  }
}

function readEnd(descriptor: number, from: number): { text: string; end: number } {
  const end = fstatSync(descriptor).size;
  const begin = Math.max(from, end - TAIL_BYTES);
  if (end <= begin) return { text: '', end };
  const bytes = Buffer.alloc(end - begin);
  const length = readSync(descriptor, bytes, 0, bytes.length, begin);
  return { text: bytes.toString('utf8', 0, length), end };
}

function readableLines(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map(readable)
    .filter((line) => line.trim() !== '');
}

/** Without escape sequences and control characters: the text of a service must not steer the reader's terminal. */
function readable(line: string): string {
  const plain = line
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is removed
    .replace(/\u001b(\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(\u0007|\u001b\\)?|.)/g, '')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is removed
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '');
  return plain.length > LINE_LENGTH ? `${plain.slice(0, LINE_LENGTH - 1)}…` : plain;
}
