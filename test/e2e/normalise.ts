/**
 * What differs from run to run in the output of spangate, replaced by a name in angle brackets. Nothing else is: an
 * expected text shows a message as its reader sees it.
 */

/** Folders of the test, longest first, and what stands for them. */
export type Folders = readonly (readonly [path: string, name: string])[];

const VOLATILE: readonly (readonly [what: string, pattern: RegExp, replacement: string])[] = [
  ['the folder of one run', /\bspangate-[A-Za-z0-9]{6}\b/g, 'spangate-<id>'],
  ['the machine', /^( +machine {2,}).*$/gm, '$1<machine>'],
  ['checkouts', /\/checkouts\/[0-9a-f]{12}(\/[0-9a-f]{16}-\d)?\b/g, '/checkouts/<id>'],
  ['ports, which are taken by chance', /(\bports?:? |PORT=|:| instead of | gave it )\d{5}\b/g, '$1<port>'],
  ['what a load did in its time', /\b\d[\d,]* (of \d[\d,]* )?(requests|failed)\b/g, '<n> $2'],
  ['errors by their kind', /\b\d[\d,]* × /g, '<n> × '],
  ['shares of a load', /\b\d+(\.\d+)? %(?= of)/g, '<n> %'],
  ['durations that were measured', /\b\d+(\.\d+)? (µs|ms)\b|\b\d+\.\d+ s\b/g, '<time>'],
  ['the same, to full seconds, in a column of their own', / {2,}\d+ s$/gm, ' <time>'],
  ['the blanks that line such columns up', / {2,}<time>/g, ' <time>'],
  ['seeds', /\bseed \d+\b/g, 'seed <seed>'],
  ['dates', /\b\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?\b/g, '<date>'],
  ['the version of Node', /\bv\d+\.\d+\.\d+\b/g, '<version>'],
  ['which of several instances came first', /\b(\w+)-[0-3]\.log ends/g, '$1-<n>.log ends'],
  ['the version of spangate', /\bspangate \d+\.\d+\.\d+\b/g, 'spangate <version>'],
  [
    'stored runs',
    /\bbaseline\.history\/[0-9a-f]{12}\/[^\s/]+?(-accepted)?\.json\.gz/g,
    'baseline.history/<machine>/<run>$1.json.gz',
  ],
  ['process ids', /\bpid \d+\b/g, 'pid <pid>'],
];

/** Lines that are there or not, by the version of Node or the speed of the machine. */
const DROPPED: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['the sign of life that comes every ten seconds', /^\s*\S.* · .* left( ·|$)/],
  ['frames outside of the service', /^\s*at .*(node:|\/node_modules\/)/],
];

/** Node prints the line of its own code at which an error was thrown. */
const CRASH_INSIDE_NODE = /^ *node:[\w/]+:\d+\n(?:.*\n)*? *\^\n/gm;

export function normalise(text: string, folders: Folders): string {
  let result = text.replaceAll(CRASH_INSIDE_NODE, '');
  for (const [path, name] of folders) result = result.replaceAll(path, name);
  for (const [, pattern, replacement] of VOLATILE) result = result.replaceAll(pattern, replacement);
  return result
    .split('\n')
    .filter((line) => DROPPED.every(([, pattern]) => !pattern.test(line)))
    .join('\n');
}
