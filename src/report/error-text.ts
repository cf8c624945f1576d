/** How an error is printed: a mistake of the user by what, where and what to do; a bug of ours with its stack. */
import type { Place, UserError } from '../errors.ts';
import { paintOf } from './colour.ts';
import { logLine } from './safe-text.ts';

export interface ErrorTextOptions {
  readonly colour?: boolean;
}

/** Several lines that end with a line feed. Never throws, whatever was thrown. */
export function errorText(error: unknown, options: ErrorTextOptions = {}): string {
  const paint = paintOf(options.colour ?? false);
  const lines = isUserError(error) ? userErrorLines(error) : bugLines(error);
  return lines
    .map(({ label, text, tone }) => {
      const safe = logLine(text);
      if (tone === 'error') return `${paint.red(paint.bold(label))} ${safe}`;
      if (tone === 'hint') return `${paint.bold(label)} ${safe}`;
      return `  ${paint.dim(safe)}`.trimEnd();
    })
    .join('\n')
    .concat('\n');
}

/** `spangate.yml:3:5 (load.requests[0].weight)` */
export function placeText(place: string | Place): string {
  if (typeof place === 'string') return place;
  const position = [place.file, place.line, place.line === undefined ? undefined : place.column];
  const text = position.filter((part) => part !== undefined).join(':');
  return place.path === undefined || place.path === '' ? text : `${text} (${place.path})`;
}

interface Line {
  readonly label: string;
  readonly text: string;
  readonly tone: 'error' | 'hint' | 'detail';
}

function isUserError(error: unknown): error is UserError {
  return error instanceof Error && error.name === 'UserError' && 'code' in error && 'detail' in error;
}

function userErrorLines(error: UserError): readonly Line[] {
  const where = error.where === undefined ? [] : [`at ${placeText(error.where)}`];
  return [
    ...headLines(`error[${error.code}]:`, error.message),
    ...[...where, ...error.detail].map(detailLine),
    ...(error.hint === undefined ? [] : headLines('hint:', error.hint, 'hint')),
  ];
}

function bugLines(error: unknown): readonly Line[] {
  const stack = error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : describe(error);
  const [first = '', ...frames] = stack.split('\n');
  return [
    { label: 'bug:', text: first, tone: 'error' },
    ...frames.map((frame) => detailLine(frame.trim())),
    ...(error instanceof Error ? causeLines(error) : []),
    {
      label: 'hint:',
      text: 'this is a mistake in spangate, not in your service; please report it with the lines above',
      tone: 'hint',
    },
  ];
}

/** Chains longer than this are loops or noise. */
const MAX_CAUSES = 5;

function causeLines(error: Error): readonly Line[] {
  const lines: Line[] = [];
  let cause: unknown = error.cause;
  for (let depth = 0; cause !== undefined && depth < MAX_CAUSES; depth += 1) {
    const text = cause instanceof Error ? (cause.stack ?? cause.message) : describe(cause);
    lines.push(
      ...text.split('\n').map((line, index) => detailLine(index === 0 ? `caused by ${line}` : line.trim())),
    );
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return lines;
}

/** A message of several lines keeps them: the first carries the label. */
function headLines(label: string, message: string, tone: 'error' | 'hint' = 'error'): readonly Line[] {
  const [first = '', ...rest] = message.split('\n');
  return [{ label, text: first, tone }, ...rest.map(detailLine)];
}

function detailLine(text: string): Line {
  return { label: '', text, tone: 'detail' };
}

function describe(value: unknown): string {
  try {
    return `thrown: ${typeof value === 'string' ? value : JSON.stringify(value)}`;
  } catch {
    return `thrown: ${typeof value}`;
  }
}
