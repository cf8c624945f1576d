/** The section `limits`, complete with the defaults of its profile. */
import type { Limit, Policy, Quantity, Rule } from '../config.ts';
import type { DataPath } from '../schema.ts';
import { ALPHA, PROFILES, QUANTITIES } from './defaults.ts';
import type { Report } from './findings.ts';
import type { ScenarioSection } from './grammar/config-file.ts';
import type { LimitsSection, QuantityLimits, RuleSection } from './grammar/limits.ts';
import { nearestWord } from './nearest-word.ts';
import { textMap } from './services.ts';
import { parseDuration, parsePercentage, percentageText } from './units.ts';
import { normaliseWaivers } from './waivers.ts';

/** A metric is named once, and has its limit there. */
const OF_RULES = QUANTITIES.filter((quantity) => quantity !== 'metric');

export interface LimitsContext {
  readonly report: Report;
  /** Line of the file on which the value at a path begins. */
  readonly lineOf: (path: DataPath) => number;
}

export function normalisePolicy(section: ScenarioSection, context: LimitsContext): Policy {
  const limits: LimitsSection = section.limits ?? {};
  const profile = limits.profile ?? 'standard';
  const base = PROFILES[profile];
  const resolved = Object.fromEntries(
    QUANTITIES.map((quantity) => {
      const parts = partsOf(limits, quantity, base.limits[quantity]);
      checkOrder(parts, base.limits[quantity], ['limits', quantity], context.report);
      return [quantity, { ...base.limits[quantity], ...parts }];
    }),
  ) as Record<Quantity, Limit>;
  return {
    profile,
    limits: resolved,
    rules: (limits.rules ?? []).map((rule, index) => normaliseRule(rule, index, resolved, context)),
    alpha: ALPHA,
    added: limits.added ?? base.added,
    removed: limits.removed ?? base.removed,
    collapsed: limits.collapsed ?? base.collapsed,
    ...(limits.concurrency !== undefined && { concurrency: limits.concurrency }),
    strict: limits.strict ?? false,
    requireBaseline: limits['require-baseline'] ?? false,
    ...linesOf(limits, context),
    ...waiversOf(limits, context),
  };
}

function linesOf(limits: LimitsSection, { report, lineOf }: LimitsContext): Pick<Policy, 'lines'> {
  const keys = Object.keys(limits).filter((key) => key !== 'rules' && key !== 'waivers');
  if (keys.length === 0) return {};
  return { lines: Object.fromEntries(keys.map((key) => [key, lineOf(report.locate(['limits', key]))])) };
}

function waiversOf({ waivers }: LimitsSection, context: LimitsContext): Pick<Policy, 'waivers'> {
  return waivers === undefined ? {} : { waivers: normaliseWaivers(waivers, context) };
}

function normaliseRule(
  rule: RuleSection,
  index: number,
  limits: Readonly<Record<Quantity, Limit>>,
  { report, lineOf }: LimitsContext,
): Rule {
  const path = ['limits', 'rules', index];
  const quantities: Partial<Record<Quantity, Partial<Limit>>> = {};
  for (const quantity of OF_RULES) {
    const parts = partsOf(rule, quantity, limits[quantity]);
    checkOrder(parts, limits[quantity], [...path, quantity], report);
    if (Object.keys(parts).length > 0) quantities[quantity] = parts;
  }
  if (Object.keys(quantities).length === 0) {
    report.mistake(
      path,
      `the rule sets nothing; give it a limit, as in \`p50: 10%\` (${OF_RULES.join(', ')})`,
    );
  }
  checkKind(rule.kind, [...path, 'kind'], report);
  const { operation, span, service, kind } = rule;
  const resource = rule.resource && textMap(rule.resource);
  const match = { operation, span, service, kind };
  const given = Object.entries(match).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    ...Object.fromEntries(given),
    ...(resource && { resource }),
    quantities,
    line: lineOf(report.locate(path)),
  };
}

export type Parts = Partial<{ -readonly [Key in keyof Limit]: Limit[Key] }>;

/**
 * What the file says about a quantity; all else stays as in `base`. Whoever names the smallest effect that fails (or
 * warns) wants it to fail (or warn), unless the level is given too.
 */
function partsOf(limits: QuantityLimits, quantity: Quantity, base: Limit): Parts {
  const given = quantity === 'metric' ? (limits as LimitsSection).metric : limits[quantity];
  return given === undefined ? {} : limitParts(given, quantity, base);
}

/** @param given what may stand behind the name of the quantity */
export function limitParts(
  given: NonNullable<LimitsSection[Quantity]>,
  quantity: Quantity,
  base: Limit,
): Parts {
  if (given === 'off' || given === 'warn' || given === 'fail') return { level: given };
  if (typeof given === 'number') return { level: flagged(base), atLeast: given };
  if (typeof given === 'string') {
    const share = parsePercentage(given);
    if (quantity === 'error-rate') return { level: flagged(base), atLeast: share };
    return withRoomToWarn({ level: 'fail', fail: share }, base);
  }
  const parts: Parts = {};
  if ('warn' in given && given.warn !== undefined) parts.warn = parsePercentage(given.warn);
  if ('fail' in given && given.fail !== undefined) parts.fail = parsePercentage(given.fail);
  if (given['at-least'] !== undefined) parts.atLeast = absolute(given['at-least'], quantity);
  if (given.level !== undefined) parts.level = given.level;
  else if (parts.fail !== undefined) parts.level = 'fail';
  else if (Object.keys(parts).length > 0 && base.level === 'off') parts.level = 'warn';
  return withRoomToWarn(parts, base);
}

function flagged(base: Limit): Limit['level'] {
  return base.level === 'off' ? 'fail' : base.level;
}

/** A `fail` below the profile's `warn` takes that down with it; nobody means to fail without a word before. */
function withRoomToWarn(parts: Parts, base: Limit): Parts {
  if (parts.fail === undefined || parts.warn !== undefined || base.warn <= parts.fail) return parts;
  return { ...parts, warn: parts.fail };
}

/** Calls a request and requests a second are plain numbers. */
function absolute(amount: string | number, quantity: Quantity): number {
  if (typeof amount === 'number') return amount;
  return quantity === 'error-rate' ? parsePercentage(amount) : parseDuration(amount);
}

export function checkOrder(parts: Parts, base: Limit, path: DataPath, report: Report): void {
  const { warn = base.warn, fail = base.fail } = parts;
  if (fail >= warn || (parts.warn === undefined && parts.fail === undefined)) return;
  const [own, other] = parts.fail === undefined ? ['', ' of the profile; give `fail` as well'] : ['', ''];
  report.mistake(
    path,
    `\`fail\` (${percentageText(fail)}${other}) is below \`warn\` (${percentageText(warn)}${own})`,
  );
}

const KINDS: readonly string[] = ['internal', 'server', 'client', 'producer', 'consumer'];

function checkKind(kind: string | undefined, path: DataPath, report: Report): void {
  if (kind === undefined || kind.includes('*') || KINDS.includes(kind)) return;
  const nearest = nearestWord(kind, KINDS);
  const meant = nearest === null ? '' : `; did you mean "${nearest}"?`;
  report.mistake(path, `must be a span kind (${KINDS.join(', ')}), not ${JSON.stringify(kind)}${meant}`);
}
