/**
 * Limits in paired mode are the stricter of base and head, so that no commit can loosen the limits it is judged by.
 *
 * Rules have globs, so two policies cannot be merged into one list of rules: the stricter limit is found row by row,
 * when the row is known. Part by part, the smaller of both holds: base with 5 % from 1 ms and head with 10 % from
 * 0.1 ms make 5 % from 0.1 ms, which is at least as strict as each of them. A part of a limit that is off, or of one
 * that only warns where the other fails, does not count: it never had an effect.
 */
import type { Level, Limit, Policy } from '../config.ts';
import { findLoosening, type Loosening } from './loosening.ts';
import { limitFor, metricLimit, type Subject } from './policy.ts';

export interface StricterPolicy {
  /** That of head, with `base`; limits of rows are to be asked from `strictestLimitFor`. */
  readonly policy: Policy;
  readonly loosened: readonly Loosening[];
  /** False where there are so many rules that not all combinations of them were looked at for `loosened`. */
  readonly isComplete: boolean;
}

export function stricterPolicy(base: Policy, head: Policy): StricterPolicy {
  const { loosened, isComplete } = findLoosening(base, head);
  const policy: Policy = {
    ...head,
    alpha: {
      // The larger chance of a false alarm finds more.
      screen: Math.max(base.alpha.screen, head.alpha.screen),
      confirm: Math.max(base.alpha.confirm, head.alpha.confirm),
    },
    added: stricterLevel(base.added, head.added),
    removed: stricterLevel(base.removed, head.removed),
    collapsed: stricterLevel(base.collapsed, head.collapsed),
    strict: base.strict || head.strict,
    requireBaseline: base.requireBaseline || head.requireBaseline,
    base,
  };
  return { policy, loosened, isComplete };
}

/** The limit of a row, by the policy and, where it has one, by that of the base commit. */
export function strictestLimitFor(policy: Policy, subject: Subject): Limit {
  const own = limitFor(policy, subject);
  return policy.base ? stricterLimit(limitFor(policy.base, subject), own) : own;
}

/** The same of a metric; base has a say where it names it too. */
export function strictestMetricLimit(policy: Policy, name: string): Limit {
  const own = metricLimit(policy, name);
  const isInBase = policy.base?.metrics?.some((metric) => metric.name === name) === true;
  return policy.base && isInBase ? stricterLimit(metricLimit(policy.base, name), own) : own;
}

/** A limit that flags whatever one of the two flags, and fails whatever one of the two fails. */
export function stricterLimit(left: Limit, right: Limit): Limit {
  if (left.level === 'off') return right;
  if (right.level === 'off') return left;
  const level = stricterLevel(left.level, right.level);
  const deciding = [left, right].filter((limit) => limit.level === level);
  return {
    level,
    warn: Math.min(left.warn, right.warn),
    fail: Math.min(...deciding.map((limit) => limit.fail)),
    atLeast: Math.min(left.atLeast, right.atLeast),
  };
}

const STRICTNESS: readonly Level[] = ['off', 'warn', 'fail'];

function stricterLevel(left: Level, right: Level): Level {
  return STRICTNESS.indexOf(left) >= STRICTNESS.indexOf(right) ? left : right;
}
