/** Finds every mistake of a workload before any load is sent. */
import type { Load } from '../../config.ts';
import { EXIT, UserError } from '../../errors.ts';
import type { Mistake } from './content.ts';
import type { WorkloadRequest } from './workload.ts';

/** @throws UserError (exit 2) for the first mistake; its detail lists all of them */
export function checkWorkload(
  load: Load,
  requests: readonly WorkloadRequest[],
  login: WorkloadRequest | null,
  mistakes: readonly Mistake[],
): void {
  const all = [...mistakes, ...unknownNames(load, requests, login)];
  const first = all[0];
  if (!first) return;
  throw new UserError({
    code: first.code,
    what: `request \`${first.request}\`: ${first.what}`,
    where: `request \`${first.request}\``,
    hint: HINTS[first.code],
    detail: all.length > 1 ? all.map((mistake) => `request \`${mistake.request}\`: ${mistake.what}`) : [],
    exitCode: EXIT.usage,
  });
}

const HINTS: Readonly<Record<Mistake['code'], string>> = {
  'bad-variable':
    'use int(a,b), uuid, choice(a,b), csv(file).column, or a name that the login or a request saves; write $${ for a plain ${',
  'file-unreadable':
    'file names are relative to the folder of the configuration; check the name and the content',
  'reserved-header': 'leave it out',
  'missing-column': 'the first line of the CSV file names its columns',
};

/** Names that no login and no request that can ever be sent would save. */
function unknownNames(
  load: Load,
  requests: readonly WorkloadRequest[],
  login: WorkloadRequest | null,
): Mistake[] {
  const saved = new Set(Object.keys(load.login?.save ?? {}));
  const mistakes: Mistake[] = (login?.needs ?? []).map((name) => ({
    code: 'bad-variable',
    request: login?.template.name ?? 'login',
    what: `\`\${${name}}\` cannot be known before the login`,
  }));
  let left = requests;
  for (;;) {
    const sendable = left.filter((request) => request.needs.every((name) => saved.has(name)));
    if (sendable.length === 0) break;
    for (const request of sendable) {
      for (const name of Object.keys(request.template.save)) saved.add(name);
    }
    left = left.filter((request) => !sendable.includes(request));
  }
  for (const request of left) {
    for (const name of request.needs.filter((needed) => !saved.has(needed))) {
      const what = `\`\${${name}}\` is not a variable, and nothing that can be sent before it saves \`${name}\``;
      mistakes.push({ code: 'bad-variable', request: request.template.name, what });
    }
  }
  return mistakes;
}
