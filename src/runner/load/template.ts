/** Texts with variables: `${int(1,50)}`, `${uuid}`, `${choice(a,b)}`, `${csv(skus.csv).sku}` and saved names. */

export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'int'; readonly low: number; readonly high: number }
  | { readonly kind: 'choice'; readonly values: readonly string[] }
  | { readonly kind: 'csv'; readonly file: string; readonly column: string }
  | { readonly kind: 'uuid' }
  /** A value of the connection: kept from the login or from an earlier answer. */
  | { readonly kind: 'saved'; readonly name: string };

export type Template = readonly Part[];

/** What is wrong with one `${…}`; the caller knows the place and makes a UserError of it. */
export class TemplateError extends Error {}

const FORMS = 'int(a,b), uuid, choice(a,b,…), csv(file).column, or a name that a request saves';

/**
 * `$${` stands for a literal `${`.
 *
 * @throws TemplateError for a variable that has no such form
 */
export function parseTemplate(text: string): Template {
  const parts: Part[] = [];
  let from = 0;
  for (const match of text.matchAll(/\$\$\{|\$\{([^}]*)(\}?)/g)) {
    if (match.index > from) parts.push({ kind: 'text', text: text.slice(from, match.index) });
    from = match.index + match[0].length;
    if (match[0] === '$${') parts.push({ kind: 'text', text: '${' });
    else if (match[2] === '')
      throw new TemplateError(`\`${match[0].slice(0, 40)}\` is never closed by \`}\``);
    else parts.push(parseVariable((match[1] ?? '').trim()));
  }
  if (from < text.length) parts.push({ kind: 'text', text: text.slice(from) });
  return parts;
}

/** Names of the connection's values that a template needs. */
export function savedNames(template: Template): string[] {
  return template.flatMap((part) => (part.kind === 'saved' ? [part.name] : []));
}

function parseVariable(source: string): Part {
  if (source === 'uuid') return { kind: 'uuid' };
  const csv = /^csv\(\s*([^)]+?)\s*\)\.(.+)$/.exec(source);
  if (csv) return { kind: 'csv', file: csv[1] ?? '', column: csv[2] ?? '' };
  const call = /^(int|choice)\((.*)\)$/s.exec(source);
  if (call) return call[1] === 'int' ? parseInt32(source, call[2] ?? '') : parseChoice(source, call[2] ?? '');
  if (/^[A-Za-z_][\w.-]*$/.test(source)) return { kind: 'saved', name: source };
  throw new TemplateError(`\`\${${source}}\` is not a variable; known are ${FORMS}`);
}

function parseInt32(source: string, list: string): Part {
  const bounds = list.split(',').map((bound) => bound.trim());
  const [low, high] = bounds.map(Number);
  const whole = bounds.every((bound) => /^-?\d+$/.test(bound) && Number.isSafeInteger(Number(bound)));
  if (bounds.length !== 2 || !whole || low === undefined || high === undefined || low > high) {
    throw new TemplateError(
      `\`\${${source}}\` needs two whole numbers, the smaller first, such as int(1,50)`,
    );
  }
  return { kind: 'int', low, high };
}

function parseChoice(source: string, list: string): Part {
  const values = list.split(',').map((value) => value.trim());
  if (list.trim() === '') throw new TemplateError(`\`\${${source}}\` has nothing to choose from`);
  return { kind: 'choice', values };
}
