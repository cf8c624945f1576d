/** The configuration of head with the limits of base where those are stricter, scenario by scenario. */
import type { Config, Policy, Scenario, Waiver } from '../config.ts';
import { stricterCoverage } from './coverage-levels.ts';
import type { Loosening } from './loosening.ts';
import { stricterPolicy } from './stricter-policy.ts';

export interface ScenarioLoosening extends Loosening {
  readonly scenario: string;
}

export interface StricterConfig {
  /** That of head; each policy has the one of base with it. */
  readonly config: Config;
  readonly loosened: readonly ScenarioLoosening[];
  /** As in `StricterPolicy`, for all scenarios. */
  readonly isComplete: boolean;
}

/**
 * Services, load and rounds are head's; by what services are split is base's, since a commit that splits rows into such
 * with few samples, or joins those that moved with those that did not, would be judged by less. What base measures and
 * head does not, or measures less, is a loosening too: a scenario that is gone, a request that is not sent any more, a
 * shorter round.
 *
 * @param base null where base has no configuration yet
 */
export function stricterConfig(base: Config | null, head: Config): StricterConfig {
  const loosened: ScenarioLoosening[] = [];
  let isComplete = true;
  const scenarios = head.scenarios.map((scenario) => {
    const before = counterpart(base?.scenarios ?? [], scenario, head);
    const own = withNewWaivers(before?.policy ?? null, scenario.policy);
    if (before === null) return { ...scenario, policy: own };
    const stricter = stricterPolicy(before.policy, own);
    const covered = stricterCoverage(before.coverage, scenario.coverage);
    const found = [
      ...requestsRemoved(before, scenario),
      ...probeRemoved(before, scenario),
      ...measuredLess(before, scenario),
      ...logsRemoved(before, scenario),
      ...stricter.loosened,
      ...covered.loosened,
    ];
    loosened.push(...found.map((each) => ({ ...each, scenario: scenario.name })));
    isComplete &&= stricter.isComplete;
    const coverage = covered.loosened.length > 0 && { coverage: covered.coverage };
    return { ...splitAs(before, scenario), policy: stricter.policy, ...coverage };
  });
  return {
    config: { ...head, scenarios },
    loosened: [...scenariosRemoved(base, head), ...loosened],
    isComplete,
  };
}

/** Of the same name; a file with one scenario may have given it another name. */
function counterpart(candidates: readonly Scenario[], scenario: Scenario, head: Config): Scenario | null {
  const named = candidates.find((each) => each.name === scenario.name);
  if (named) return named;
  return candidates.length === 1 && head.scenarios.length === 1 ? (candidates[0] ?? null) : null;
}

/** Waivers are head's alone; those that base does not have, word for word but for the reason, are marked as new. */
function withNewWaivers(base: Policy | null, head: Policy): Policy {
  if (!head.waivers) return head;
  const known = new Set((base?.waivers ?? []).map(waiverKey));
  const waivers = head.waivers.map((waiver): Waiver => {
    const { source } = waiver;
    if (source.kind !== 'config' || known.has(waiverKey(waiver))) return waiver;
    return { ...waiver, source: { ...source, isNew: true } };
  });
  return { ...head, waivers };
}

function waiverKey({ operation, span, service, quantity, under, expires }: Waiver): string {
  return JSON.stringify([operation, span, service, quantity, under, expires]);
}

function scenariosRemoved(base: Config | null, head: Config): readonly ScenarioLoosening[] {
  const before = base?.scenarios ?? [];
  if (before.length === 1 && head.scenarios.length === 1) return [];
  return before
    .filter(({ name }) => !head.scenarios.some((scenario) => scenario.name === name))
    .map(({ name }) => ({ ...removed('scenario-removed', `scenarios.${name}`, name), scenario: name }));
}

function requestsRemoved(base: Scenario, head: Scenario): readonly Loosening[] {
  return base.load.requests
    .filter(({ name }) => !head.load.requests.some((request) => request.name === name))
    .map(({ name }) => removed('request-removed', 'load.requests', name));
}

function probeRemoved(base: Scenario, head: Scenario): readonly Loosening[] {
  const isGone = base.rounds.together.probe !== null && head.rounds.together.probe === null;
  return isGone ? [removed('probe-removed', 'rounds.together.probe', 'on')] : [];
}

/** Rows with too few samples are not judged, and hold up nothing: so who measures less is to say so. */
function measuredLess(base: Scenario, head: Scenario): readonly Loosening[] {
  const [before, after] = [amountsOf(base), amountsOf(head)];
  return [
    ...Object.entries(before).flatMap(([what, from]) => {
      const to = after[what];
      return to === undefined || to >= from ? [] : [less(what, from, to)];
    }),
    ...sharesLowered(base, head),
  ];
}

/** By their entry; those that are left to spangate are left out. */
function amountsOf({ rounds: { together } }: Scenario): Readonly<Record<string, number>> {
  const { instances, atMost, durationSeconds, budgetSeconds, probe } = together;
  return {
    'rounds.together.duration': durationSeconds,
    'rounds.together.budget': budgetSeconds,
    'rounds.together.at-most': atMost,
    ...(instances !== 'auto' && { 'rounds.together.instances': instances }),
    ...(probe && {
      'rounds.together.probe.slot': probe.slotSeconds,
      'rounds.together.probe.connections': probe.connections,
    }),
  };
}

/** Below half of it: a new request takes a little from all others. */
const MUCH_LESS = 0.5;

function sharesLowered(base: Scenario, head: Scenario): readonly Loosening[] {
  const shareOf = ({ load }: Scenario, name: string): number => {
    const total = load.requests.reduce((sum, { weight }) => sum + weight, 0);
    const own = load.requests.find((request) => request.name === name)?.weight ?? 0;
    return total === 0 ? 0 : own / total;
  };
  return base.load.requests.flatMap(({ name }) => {
    const [from, to] = [shareOf(base, name), shareOf(head, name)];
    // One that is gone is told as that.
    return to > 0 && to < MUCH_LESS * from ? [less(`load.requests.${name}.weight`, from, to)] : [];
  });
}

function less(what: string, from: number, to: number): Loosening {
  return { cause: 'measured-less', what, from, to, rows: null, line: null, baseLine: null };
}

/** Where base judged no log records, nothing is lost. */
function logsRemoved(base: Scenario, head: Scenario): readonly Loosening[] {
  if (!base.logs || head.logs) return [];
  const { limits, rules } = base.policy;
  const levels = (['error-logs', 'warn-logs'] as const).flatMap((quantity) => [
    limits[quantity].level,
    ...rules.map((rule) => rule.quantities[quantity]?.level ?? 'off'),
  ]);
  return levels.every((level) => level === 'off') ? [] : [removed('logs-removed', 'logs', 'on')];
}

function splitAs({ splitBy }: Scenario, { splitBy: _own, ...head }: Scenario): Scenario {
  return { ...head, ...(splitBy && { splitBy }) };
}

function removed(cause: Loosening['cause'], what: string, name: string): Loosening {
  return { cause, what, from: name, to: null, rows: null, line: null, baseLine: null };
}
