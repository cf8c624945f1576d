/** Names in sentences. */

/** More than these nobody reads; the rest is counted. */
const SHOWN = 3;
const LONGEST = 80;

/** `"a", "b", "c" and 4 more` */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).map(quoted).join(', ');
  return names.length > SHOWN ? `${shown} and ${names.length - SHOWN} more` : shown;
}

export function quoted(name: string): string {
  return `"${name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name}"`;
}
