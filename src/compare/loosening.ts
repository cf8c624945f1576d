/**
 * What a policy lets pass that an earlier one would have flagged, as data: which entry of the file, from what, to
 * what. The limits of both are compared for every kind of row that their rules can tell apart, so that a rule which
 * another one overrides is no loosening, and a deleted rule is one although nothing else was changed.
 */
import type { Level, Limit, Policy, Quantity, Rule } from '../config.ts';
import { type SpanKey, type SpanKind, splitServiceName } from '../measurement.ts';
import { metricsLoosened } from './metrics-loosening.ts';
import { globMatches, ruleMatches, type Subject } from './policy.ts';
import { type RepresentativeTexts, representativeTexts } from './representative-texts.ts';

export type LooseningCause =
  /** An entry under `limits`, or a level such as `removed`, or `strict`. */
  | 'limit-changed'
  | 'profile-changed'
  | 'rule-added'
  | 'rule-changed'
  | 'rule-deleted'
  /** The same rules, but another one is the last that matches. */
  | 'rules-reordered'
  | 'scenario-removed'
  | 'request-removed'
  /** The concurrency probe is turned off. */
  | 'probe-removed'
  /** Shorter or fewer rounds, or a smaller share of a request: fewer samples, by which less can be seen. */
  | 'measured-less'
  /** Logs are not read any more, so no limit of their records holds. */
  | 'logs-removed'
  /** A metric is not named any more, or its name stands for another figure. */
  | 'metric-removed'
  | 'metric-changed';

export interface Loosening {
  readonly cause: LooseningCause;
  /** Entry of the file, e.g. `limits.p50.fail`, `limits.rules[2].p90.level`, `limits.strict`. */
  readonly what: string;
  /** In the unit of the entry; null where there is nothing any more. The strictest of the rows that are concerned. */
  readonly from: Level | string | number | boolean;
  readonly to: Level | string | number | boolean | null;
  /** Globs of the rule that the entry belongs to; null for all rows. */
  readonly rows: Pick<Rule, 'operation' | 'span' | 'service' | 'kind' | 'resource'> | null;
  /** Line of the entry in the file of head, or of what it is in; null where it is gone, or a default. */
  readonly line: number | null;
  /** The same in the file of base. */
  readonly baseLine: number | null;
}

export function findLoosening(
  base: Policy,
  head: Policy,
): { readonly loosened: readonly Loosening[]; readonly isComplete: boolean } {
  const { subjects, isComplete } = subjectsOf([...base.rules, ...head.rules]);
  const found = new Map<string, Loosening>();
  for (const subject of subjects) {
    for (const { key, loosening } of looserParts(base, head, subject)) {
      const before = found.get(key);
      if (before === undefined || isStricter(loosening.from, before.from)) found.set(key, loosening);
    }
  }
  const settings = [...settingsLoosened(base, head), ...metricsLoosened(base, head)];
  return { loosened: [...settings, ...found.values()], isComplete };
}

type Part = keyof Limit;

/** A part of a limit, and the rule that it was set by last; null for the limits themselves. */
type Origins = Readonly<Record<Part, { readonly value: Limit[Part]; readonly rule: Rule | null }>>;

const LEVELS: readonly Level[] = ['off', 'warn', 'fail'];
const PROFILES: readonly Policy['profile'][] = ['relaxed', 'standard', 'strict'];
const KINDS: readonly SpanKind[] = ['internal', 'server', 'client', 'producer', 'consumer'];
const CLIENT_QUANTITIES: readonly Quantity[] = [
  ...(['p50', 'p90', 'p95', 'p99', 'error-rate', 'throughput', 'error-logs', 'warn-logs'] as const),
];
const SPAN_QUANTITIES: readonly Quantity[] = ['p50', 'p90', 'p95', 'p99', 'self', 'error-rate', 'calls'];

/** Sets of attributes: a few rules have a few. */
const MOST_SPLITS = 1000;

/** Of a few rules there are some hundreds. */
const MOST_SUBJECTS = 50_000;

/** A row for every set of rules that a row can match; of a quantity that no rule names, one of each sort. */
function subjectsOf(rules: readonly Rule[]): { subjects: readonly Subject[]; isComplete: boolean } {
  const operations = textsFor(rules, 'operation');
  const names = textsFor(rules, 'span');
  const services = splitTexts(textsFor(rules, 'service'), rules);
  const kinds = kindsFor(rules);
  const isNamed = (quantity: Quantity) => rules.some((rule) => rule.quantities[quantity]);
  const subjects: Subject[] = [];
  for (const operation of [...operations.texts, null]) {
    if (operation !== null) subjects.push(...rowsOf(operation, null, CLIENT_QUANTITIES));
    for (const span of spansOf(services.texts, names.texts, kinds)) {
      const isFirst = operation === operations.texts[0] && !subjects.some((subject) => subject.span);
      const quantities = isFirst ? SPAN_QUANTITIES : SPAN_QUANTITIES.filter(isNamed);
      subjects.push(...rowsOf(operation, span, quantities));
      if (subjects.length > MOST_SUBJECTS) return { subjects, isComplete: false };
    }
  }
  return { subjects, isComplete: [operations, names, services].every((texts) => texts.isComplete) };
}

function rowsOf(operation: string | null, span: SpanKey | null, quantities: readonly Quantity[]): Subject[] {
  return quantities.map((quantity) => ({ operation, span, quantity }));
}

function spansOf(
  services: readonly string[],
  names: readonly string[],
  kinds: readonly SpanKind[],
): SpanKey[] {
  return names.flatMap((name) =>
    services.flatMap((service) => kinds.map((kind) => ({ service, kind, name }))),
  );
}

/** One kind for each set of rules that a kind can match. */
function kindsFor(rules: readonly Rule[]): readonly SpanKind[] {
  const globs = rules.flatMap((rule) => rule.kind ?? []);
  const kinds = KINDS.map((kind): [string, SpanKind] => [
    globs.map((glob) => Number(globMatches(glob, kind))).join(''),
    kind,
  ]);
  return [...new Map(kinds).values()];
}

/** Each service by itself, and with every set of attributes that some rule can tell apart. */
function splitTexts(services: RepresentativeTexts, rules: readonly Rule[]): RepresentativeTexts {
  const attributes = [...new Set(rules.flatMap(({ resource = {} }) => Object.keys(resource)))].sort();
  let isComplete = services.isComplete;
  let splits: readonly (readonly [string, string])[][] = [[]];
  for (const attribute of attributes) {
    const values = representativeTexts(rules.flatMap(({ resource }) => resource?.[attribute] ?? []));
    isComplete &&= values.isComplete;
    const pairs = values.texts.map((text) => [attribute, text] as const);
    splits = splits.flatMap((split) => [split, ...pairs.map((pair) => [...split, pair])]);
    if (splits.length > MOST_SPLITS) return { ...services, isComplete: false };
  }
  const texts = services.texts.flatMap((service) => splits.map((split) => splitServiceName(service, split)));
  return { texts: [...new Set(texts)], isComplete };
}

function textsFor(rules: readonly Rule[], key: 'operation' | 'span' | 'service') {
  return representativeTexts(rules.flatMap((rule) => rule[key] ?? []));
}

function looserParts(
  base: Policy,
  head: Policy,
  subject: Subject,
): readonly { readonly key: string; readonly loosening: Loosening }[] {
  const before = originsFor(base, subject);
  const after = originsFor(head, subject);
  return looser(before, after).map((part) => {
    const loosening = describe({ base, head }, { subject, part, before: before[part], after: after[part] });
    const { cause, what, line, baseLine } = loosening;
    return { key: JSON.stringify([cause, what, line, baseLine]), loosening };
  });
}

/** As `limitFor`, with the rule that decided. */
function originsFor(policy: Policy, subject: Subject): Origins {
  const { level, warn, fail, atLeast } = policy.limits[subject.quantity];
  const from = <Value extends Limit[Part]>(value: Value) => ({ value, rule: null as Rule | null });
  const origins: Record<Part, Origins[Part]> = {
    level: from(subject.operation === null ? 'off' : level),
    warn: from(warn),
    fail: from(fail),
    atLeast: from(atLeast),
  };
  for (const rule of policy.rules) {
    const override = rule.quantities[subject.quantity];
    if (!override || !ruleMatches(rule, subject)) continue;
    for (const part of PARTS) {
      const value = override[part];
      if (value !== undefined) origins[part] = { value, rule };
    }
  }
  return origins;
}

const PARTS: readonly Part[] = ['level', 'warn', 'fail', 'atLeast'];

/** Parts in which `after` lets something pass that `before` flags; those without an effect are left out. */
function looser(before: Origins, after: Origins): readonly Part[] {
  const strictness = { before: rank(before), after: rank(after) };
  const weaker = Math.min(strictness.before, strictness.after);
  return PARTS.filter((part) => {
    if (part === 'level') return strictness.after < strictness.before;
    const needed = part === 'fail' ? LEVELS.indexOf('fail') : LEVELS.indexOf('warn');
    return weaker >= needed && after[part].value > before[part].value;
  });
}

function rank(origins: Origins): number {
  return LEVELS.indexOf(origins.level.value as Level);
}

interface Change {
  readonly subject: Subject;
  readonly part: Part;
  readonly before: Origins[Part];
  readonly after: Origins[Part];
}

/** Blames the entry that is not the same in both files. */
function describe(policies: { readonly base: Policy; readonly head: Policy }, change: Change): Loosening {
  const { base, head } = policies;
  const before = change.before.rule;
  const after = change.after.rule;
  if (after !== null && !hasEqual(base, after, change)) {
    const counterpart = sameRows(base, after, change);
    const cause = counterpart ? 'rule-changed' : 'rule-added';
    return ofRule(head, after, change, { cause, line: after.line, baseLine: counterpart?.line });
  }
  if (before !== null && !hasEqual(head, before, change)) {
    const counterpart = sameRows(head, before, change);
    const cause = counterpart ? 'rule-changed' : 'rule-deleted';
    return ofRule(base, before, change, { cause, line: counterpart?.line, baseLine: before.line });
  }
  if (after === null) return ofLimits(policies, change);
  return ofRule(head, after, change, { cause: 'rules-reordered', line: after.line, baseLine: before?.line });
}

function ofRule(
  policy: Policy,
  rule: Rule,
  { subject, part, before, after }: Change,
  lines: {
    readonly cause: LooseningCause;
    readonly line: number | undefined;
    readonly baseLine: number | undefined;
  },
): Loosening {
  const { operation, span, service, kind, resource } = rule;
  const globs = Object.entries({ operation, span, service, kind, resource }).filter(
    ([, glob]) => glob !== undefined,
  );
  return {
    cause: lines.cause,
    what: `limits.rules[${policy.rules.indexOf(rule)}].${subject.quantity}.${KEYS[part]}`,
    from: before.value,
    to: after.value,
    rows: Object.fromEntries(globs),
    line: lines.line ?? null,
    baseLine: lines.baseLine ?? null,
  };
}

function ofLimits(
  { base, head }: { readonly base: Policy; readonly head: Policy },
  { subject, part, before, after }: Change,
): Loosening {
  const line = head.lines?.[subject.quantity] ?? null;
  const isProfile = base.profile !== head.profile && line === null;
  return {
    cause: isProfile ? 'profile-changed' : 'limit-changed',
    what: `limits.${subject.quantity}.${KEYS[part]}`,
    from: before.value,
    to: after.value,
    rows: null,
    line: line ?? (isProfile ? (head.lines?.profile ?? null) : null),
    baseLine: base.lines?.[subject.quantity] ?? null,
  };
}

/** As the file writes them. */
const KEYS: Readonly<Record<Part, string>> = {
  level: 'level',
  warn: 'warn',
  fail: 'fail',
  atLeast: 'at-least',
};

function hasEqual(policy: Policy, rule: Rule, change: Change): boolean {
  const value = partOf(rule, change);
  return policy.rules.some((each) => isForSameRows(each, rule) && partOf(each, change) === value);
}

function sameRows(policy: Policy, rule: Rule, change: Change): Rule | undefined {
  return policy.rules.find((each) => isForSameRows(each, rule) && partOf(each, change) !== undefined);
}

function isForSameRows(left: Rule, right: Rule): boolean {
  const isSameRest = (['operation', 'span', 'service', 'kind'] as const).every(
    (key) => left[key] === right[key],
  );
  return isSameRest && resourceText(left) === resourceText(right);
}

function resourceText({ resource = {} }: Rule): string {
  return JSON.stringify(Object.entries(resource).sort(([left], [right]) => (left < right ? -1 : 1)));
}

function partOf(rule: Rule, { subject, part }: Change): Limit[Part] | undefined {
  return rule.quantities[subject.quantity]?.[part];
}

function isStricter(left: Loosening['from'], right: Loosening['from']): boolean {
  if (typeof left === 'number' && typeof right === 'number') return left < right;
  return LEVELS.indexOf(left as Level) > LEVELS.indexOf(right as Level);
}

/** All that is not a limit of rows. */
function settingsLoosened(base: Policy, head: Policy): readonly Loosening[] {
  const entry = (key: string, from: Loosening['from'], to: Loosening['to']): Loosening => ({
    cause: key === 'profile' ? 'profile-changed' : 'limit-changed',
    what: `limits.${key}`,
    from,
    to,
    rows: null,
    line: head.lines?.[key] ?? null,
    baseLine: base.lines?.[key] ?? null,
  });
  const loosened: Loosening[] = [];
  if (PROFILES.indexOf(head.profile) < PROFILES.indexOf(base.profile)) {
    loosened.push(entry('profile', base.profile, head.profile));
  }
  for (const key of ['added', 'removed', 'collapsed'] as const) {
    if (LEVELS.indexOf(head[key]) < LEVELS.indexOf(base[key]))
      loosened.push(entry(key, base[key], head[key]));
  }
  const [before, after] = [base.concurrency ?? 'fail', head.concurrency ?? 'fail'];
  if (LEVELS.indexOf(after) < LEVELS.indexOf(before)) loosened.push(entry('concurrency', before, after));
  if (base.strict && !head.strict) loosened.push(entry('strict', true, false));
  if (base.requireBaseline && !head.requireBaseline) loosened.push(entry('require-baseline', true, false));
  return loosened;
}
