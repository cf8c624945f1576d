/**
 * Names of spans should be few. Ids in them are folded, `order 10423` to `order :id`: those that cannot be anything
 * else always, short numbers only where a service has too many names.
 */

/** UUIDs, long hexadecimal numbers with a digit and a letter, and numbers of five digits and more. */
const ALWAYS_IDS =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<![0-9a-z])(?:(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{12,}|\d{5,})(?![0-9a-z])/gi;

const HAS_DIGIT = /\d/;

export const FOLDED_ID = ':id';

/** Folds what is an id in any case. */
export function foldIds(name: string): string {
  return HAS_DIGIT.test(name) ? name.replace(ALWAYS_IDS, FOLDED_ID) : name;
}

/** Folds all numbers. */
export function foldNumbers(name: string): string {
  return HAS_DIGIT.test(name) ? foldIds(name).replace(/\d+/g, FOLDED_ID) : name;
}

/** Names that differ only in their numbers stay apart up to this many: shards and steps are few, ids are many. */
export const FAMILY_LIMIT = 20;

/** From this many names on, the recorder folds all numbers in new names. */
export const FOLDING_FROM = 500;

/**
 * Which names are to be folded: those of a family of more than `FAMILY_LIMIT` that differ only in their numbers. The
 * recorder sees names one by one and cannot know; the reader does. Where the recorder has begun to fold by itself, the
 * names that it let through before follow.
 *
 * @returns the folded form by name, of folded names only
 */
export function foldFamilies(names: readonly string[]): ReadonlyMap<string, string> {
  const families = new Map<string, string[]>();
  for (const name of names) {
    const family = foldNumbers(name);
    const members = families.get(family);
    if (members === undefined) families.set(family, [name]);
    else members.push(name);
  }
  const folded = new Map<string, string>();
  for (const [family, members] of families) {
    const foldedByRecorder = names.length > FOLDING_FROM && members.includes(family);
    if (members.length <= FAMILY_LIMIT && !foldedByRecorder) continue;
    for (const name of members) if (name !== family) folded.set(name, family);
  }
  return folded;
}
