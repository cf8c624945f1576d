/**
 * Variables in requests whose name nobody knows. The form of the known ones, such as the numbers of `${int(1,50)}`,
 * is checked by those who fill them in.
 */

import type { DataPath } from '../schema.ts';
import type { Report } from './findings.ts';
import type { LoadSection, LoginSection } from './grammar/load.ts';
import { nearestWord } from './nearest-word.ts';

const FUNCTIONS: readonly string[] = ['int', 'choice', 'csv'];
const CONSTANTS: readonly string[] = ['uuid'];

const TEXT_KEYS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'headers', 'body'] as const;

export function checkVariables(load: LoadSection, report: Report): void {
  const requests = load.requests ?? [];
  const saved = [load.login, ...requests].flatMap((request) => Object.keys(request?.save ?? {}));
  for (const [index, request] of requests.entries()) {
    checkTexts(request, ['load', 'requests', index], saved, report);
  }
  if (load.login) checkTexts(load.login, ['load', 'login'], [], report);
}

function checkTexts(request: LoginSection, path: DataPath, saved: readonly string[], report: Report): void {
  const texts = TEXT_KEYS.map((key) => [key, request[key]] as const);
  forEachText(Object.fromEntries(texts), path, (text, at) => {
    for (const [reference, name = '', call] of text.matchAll(
      /(?<!\$)\$\{\s*([A-Za-z_][\w.-]*)\s*(\()?[^}]*\}/g,
    )) {
      const known = call === undefined ? [...CONSTANTS, ...saved] : FUNCTIONS;
      if (known.includes(name)) continue;
      report.mistake(at, `\`${reference}\` is not known${suggestion(name, known, call !== undefined)}`);
    }
  });
}

function suggestion(name: string, known: readonly string[], isCall: boolean): string {
  const nearest = nearestWord(name, known);
  if (nearest !== null) return `; did you mean \`${nearest}${isCall ? '(…)' : ''}\`?`;
  if (isCall) return `; known are ${known.map((each) => `${each}(…)`).join(', ')}`;
  return `; it is no variable, and no login or request saves \`${name}\``;
}

function forEachText(value: unknown, path: DataPath, visit: (text: string, path: DataPath) => void): void {
  if (typeof value === 'string') visit(value, path);
  if (typeof value !== 'object' || value === null) return;
  const entries = Array.isArray(value) ? value.entries() : Object.entries(value);
  for (const [key, item] of entries) forEachText(item, [...path, key], visit);
}
