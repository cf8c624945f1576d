/** Fields of JSON answers by paths such as `$.items[0].id`. */

/**
 * @param save variable name to path
 * @returns what was found; text, numbers and booleans only. Nothing is parsed where nothing is to be saved.
 */
export function saveFields(
  save: Readonly<Record<string, string>>,
  body: string,
): (readonly [name: string, value: string])[] {
  const entries = Object.entries(save);
  if (entries.length === 0) return [];
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return [];
  }
  return entries.flatMap(([name, path]) => {
    const value = fieldOf(json, path);
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return [];
    // Half of a surrogate pair cannot be sent; this turns it into U+FFFD.
    return [[name, Buffer.from(String(value)).toString()] as const];
  });
}

function fieldOf(json: unknown, path: string): unknown {
  let value = json;
  for (const match of path.matchAll(/\.([^.[\]]+)|\[(\d+)\]|\["([^"]*)"\]|\['([^']*)'\]/g)) {
    const key = match[1] ?? match[2] ?? match[3] ?? match[4] ?? '';
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}
