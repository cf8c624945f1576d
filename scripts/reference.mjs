/**
 * Fills the tables of docs/configuration.md from schemas/config.schema.json and from the profiles in the code; the
 * prose around them is written by hand. `--check` writes nothing and exits 1 where the file is not in step; a test
 * runs it. Needs `npm run build`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { ALPHA, PROFILES, QUANTITIES } from '../build/config/defaults.js';
import { durationText, percentageText } from '../build/config/units.js';

const root = new URL('..', import.meta.url);
const page = new URL('docs/configuration.md', root);
const { $defs } = JSON.parse(readFileSync(new URL('schemas/config.schema.json', root), 'utf8'));

const documented = new Set();
const before = readFileSync(page, 'utf8');
const after = before.replace(
  /(<!-- (keys|values|profiles)(?:: ([^\n]*?))? -->\n)[\s\S]*?(<!-- \/\2 -->)/g,
  (_, open, kind, names, close) => `${open}\n${tableOf(kind, names?.split(', ') ?? [])}\n\n${close}`,
);

const missing = Object.keys($defs).filter(
  (name) => $defs[name].properties && !documented.has(name) && name !== 'ScenarioSection',
);
if (missing.length > 0) {
  console.error(
    `docs/configuration.md has no table for ${missing.join(', ')}: add <!-- keys: NAME --><!-- /keys -->`,
  );
  process.exitCode = 1;
} else if (!process.argv.includes('--check')) {
  writeFileSync(page, after);
} else if (before !== after) {
  console.error('docs/configuration.md is not in step with the schema: run npm run reference');
  process.exitCode = 1;
}

function tableOf(kind, names) {
  if (kind === 'profiles') return profilesTable();
  return kind === 'keys' ? keysTable(names) : valuesTable(names);
}

function keysTable(names) {
  for (const name of names) documented.add(name);
  const [first] = names;
  const rows = Object.entries($defs[first].properties).map(([key, node]) => [
    `\`${key}\``,
    valueText(node),
    'default' in node ? `\`${textOf(node.default)}\`` : '',
    [node.description ?? targetOf(node)?.description ?? '', ...examplesOf(node)].join(' '),
  ]);
  const description = $defs[first].description;
  const lines = table(['key', 'value', 'default', 'meaning'], merged(rows));
  return description === undefined ? lines : `${description}\n\n${lines}`;
}

function valuesTable(names) {
  for (const name of names) documented.add(name);
  const rows = names.map((name) => {
    const node = $defs[name];
    const range = [
      node.minimum === undefined ? '' : `at least ${node.minimum}`,
      node.maximum === undefined ? '' : `at most ${node.maximum}`,
    ];
    return [
      capital(node.title ?? name),
      [node.description ?? '', range.filter(Boolean).join(', ')].filter(Boolean).join(' '),
    ];
  });
  return table(['value', 'meaning'], rows);
}

function profilesTable() {
  const names = Object.keys(PROFILES);
  const rows = QUANTITIES.map((quantity) => [
    `\`${quantity}\``,
    ...names.map((name) => limitText(quantity, PROFILES[name].limits[quantity])),
  ]);
  const levels = ['added', 'removed', 'collapsed'].map((state) => [
    `\`${state}\``,
    ...names.map((name) => PROFILES[name][state]),
  ]);
  const { screen, confirm } = ALPHA;
  return [
    table(['', ...names], [...rows, ...levels]),
    `Accepted chance of a false alarm over a whole comparison: ${screen} in the screening stage and ${confirm} in the`,
    `confirming one, in all profiles.`,
  ]
    .join('\n\n')
    .replace('the\n\nconfirming', 'the\nconfirming');
}

function limitText(quantity, { level, warn, fail, atLeast }) {
  if (level === 'off') return 'shown only';
  const least = {
    'error-rate': `${percentageText(atLeast)} in points`,
    calls: `${atLeast} a request`,
    throughput: `${atLeast} a second`,
    'error-logs': `${atLeast} records a request`,
    'warn-logs': `${atLeast} records a request`,
  }[quantity];
  if (quantity === 'error-rate' || quantity.endsWith('-logs')) return `${level}s from ${least}`;
  const warns = `warns from ${percentageText(warn)}`;
  const fails = fail === 0 ? 'fails from any growth' : `fails from ${percentageText(fail)}`;
  const parts = level === 'warn' ? [warns] : warn < fail ? [warns, fails] : [fails];
  return [...parts, ...(atLeast > 0 ? [`at least ${least ?? durationText(atLeast)}`] : [])].join(', ');
}

/** What may stand as the value, in the words of error messages. */
function valueText(node) {
  if (node.$ref) {
    const target = targetOf(node);
    return target.title ?? valueText({ ...target, title: undefined });
  }
  if (node.title) return node.title;
  if (node.anyOf) return node.anyOf.map(valueText).join(', or ');
  if (node.enum) return node.enum.map((word) => `\`${word}\``).join(', ');
  if ('const' in node) return `\`${node.const}\``;
  if (node.type === 'array') return `a list; each is ${valueText(node.items)}`;
  if (node.type === 'object' && node.additionalProperties)
    return `a mapping by name; each is ${valueText(node.additionalProperties)}`;
  return (
    { object: 'a mapping', boolean: '`true` or `false`', string: 'a text', number: 'a number' }[node.type] ??
    'anything'
  );
}

function targetOf({ $ref }) {
  return $ref === undefined ? undefined : $defs[$ref.split('/').at(-1)];
}

/** Rows that differ in nothing but their first cell become one, such as those of the methods. */
function merged(rows) {
  const groups = [];
  for (const [key, ...rest] of rows) {
    const last = groups.at(-1);
    if (last && last.slice(1).join('|') === rest.join('|')) last[0] += `, ${key}`;
    else groups.push([key, ...rest]);
  }
  return groups;
}

function examplesOf({ examples = [] }) {
  const texts = examples.flatMap((example) => (typeof example === 'string' ? [`\`${example}\``] : []));
  return texts.length === 0 ? [] : [`For example ${texts.join(', ')}.`];
}

function textOf(value) {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function table(head, rows) {
  const line = (cells) =>
    `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|').trim()).join(' | ')} |`.replaceAll(
      '  ',
      ' ',
    );
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
