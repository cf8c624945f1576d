/**
 * Which limit applies to a row.
 *
 * The start is the policy's limit of the quantity. Then every rule that matches is applied in the order of the file,
 * so a later rule wins, quantity by quantity and part by part (`p50: { fail: 10% }` leaves `warn` as it was).
 *
 * A rule matches when all of its globs match. A glob knows `*` only, which stands for any characters, also none;
 * the whole text has to match, and upper and lower case differ. A rule with `span`, `service` or `kind` matches rows
 * of spans alone; a rule with `operation` alone matches the rows of the load client and of all spans of that
 * operation; one with `service` matches the rows of its log records too. A service that is split by resource attributes
 * is matched by its name alone or with these; `resource` matches rows of spans whose service has all of the attributes. Rows of spans outside any request have no operation, so a rule with `operation` never matches them;
 * they start at level `off`, and only a rule that names a level changes that.
 */
import type { Limit, Policy, Quantity, Rule } from '../config.ts';
import { type SpanKey, serviceParts } from '../measurement.ts';

/** What a row is about: an operation, a span key of it, or a span key outside any request (operation null). */
export interface Subject {
  readonly operation: string | null;
  readonly span: SpanKey | null;
  readonly quantity: Quantity;
  /** Of rows that are of a service and of no span: those of log records. */
  readonly service?: string;
}

export function limitFor(policy: Policy, subject: Subject): Limit {
  const own = policy.limits[subject.quantity];
  let limit: Limit = subject.operation === null ? { ...own, level: 'off' } : own;
  for (const rule of policy.rules) {
    const override = rule.quantities[subject.quantity];
    if (override && ruleMatches(rule, subject)) limit = { ...limit, ...override };
  }
  return limit;
}

/** The limit of a metric that the policy names; that of any metric where it does not. */
export function metricLimit(policy: Policy, name: string): Limit {
  return policy.metrics?.find((metric) => metric.name === name)?.limit ?? policy.limits.metric;
}

/** Whether all globs of the rule match. */
export function ruleMatches(rule: Rule, { operation, span, service }: Subject): boolean {
  return (
    matches(rule.operation, operation) &&
    matches(rule.span, span?.name) &&
    matchesService(rule.service, span?.service ?? service) &&
    matches(rule.kind, span?.kind) &&
    matchesResource(rule.resource, span)
  );
}

function matchesService(glob: string | undefined, name: string | undefined): boolean {
  if (glob === undefined) return true;
  return name !== undefined && (globMatches(glob, name) || globMatches(glob, serviceParts(name).service));
}

function matchesResource(globs: Rule['resource'], span: SpanKey | null): boolean {
  if (globs === undefined) return true;
  const resource = span === null ? {} : serviceParts(span.service).resource;
  return Object.entries(globs).every(([attribute, glob]) => matches(glob, resource[attribute]));
}

function matches(glob: string | undefined, text: string | null | undefined): boolean {
  if (glob === undefined) return true;
  return text !== null && text !== undefined && globMatches(glob, text);
}

/**
 * Whether `glob` matches the whole of `text`. Without a regular expression, so that no glob can be slow: each part
 * between stars is found as far left as it can be.
 */
export function globMatches(glob: string, text: string): boolean {
  const parts = glob.split('*');
  const first = parts[0] ?? '';
  if (parts.length === 1) return glob === text;
  const last = parts.at(-1) ?? '';
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last))
    return false;
  let position = first.length;
  const end = text.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, position);
    if (found < 0 || found + part.length > end) return false;
    position = found + part.length;
  }
  return position <= end;
}
