/** Fields of JSON answers by paths such as `$.items[0].id`. */

/** A variable name and the path of its value. */
export type Save = readonly [name: string, path: string];

/**
 * @returns what was found: text, numbers and booleans, as text; nothing where `body` is not JSON
 */
export function fieldsOf(saves: readonly Save[], body: string): (readonly [name: string, value: string])[] {
  const json = parsed(body);
  return saves.flatMap(([name, path]) => {
    const value = fieldOf(json, path);
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return [];
    // Half of a surrogate pair cannot be sent; this turns it into U+FFFD.
    return [[name, Buffer.from(String(value)).toString()] as const];
  });
}

/** Names of the fields of a JSON object, for messages; none for anything else. */
export function fieldNames(body: string): string[] {
  const json = parsed(body);
  return typeof json === 'object' && json !== null ? Object.keys(json) : [];
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
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
