/** What is to be said of dependencies: what their scope costs, and what was seen of them. Pure. */
import type { Dependency, Scenario } from '../config.ts';
import type { DependencyUse, Round, Warning } from '../measurement.ts';
import type { Target } from './instance-target.ts';

/**
 * What may trade places under the hypothesis of no difference: a server for each arm is tied to that arm through all
 * rounds, and only whole arms are alike then.
 */
export function exchangeableUnits({ dependencies }: Pick<Scenario, 'dependencies'>): 'instances' | 'arms' {
  return dependencies.some(({ scope }) => scope === 'per-arm') ? 'arms' : 'instances';
}

/** What the scopes cost where two builds are measured together. @param dependencies head's */
export function armWarnings(dependencies: readonly Dependency[], hasWrites: boolean): readonly Warning[] {
  // What requests write is taken to go where instances have data of their own.
  const isWrittenTo = hasWrites && dependencies.every(({ scope }) => scope === 'shared');
  return dependencies.flatMap((dependency) => {
    if (dependency.scope === 'per-arm') return [perArm(dependency)];
    return dependency.scope === 'shared' && (isWrittenTo || isFilled(dependency)) ? [shared(dependency)] : [];
  });
}

/** Longer fingerprints are cut: the beginning is enough to see what is meant. */
const SHOWN_STATE = 80;

export function stateDiffers(
  name: string,
  { database }: Target,
  { expected, found }: { readonly expected: string; readonly found: string },
): Warning {
  return {
    code: 'state-differs',
    message: `The round began with other data than the first one: the state command of dependency ${name} printed ${shown(found)} for ${database}, and ${shown(expected)} before. Let "reset" put back all that the requests change.`,
  };
}

/** No fault: a migration of head may be meant to change data. */
export function armsDiffer(name: string): Warning {
  return {
    code: 'arms-start-differently',
    message: `The arms start from different data: the state command of dependency ${name} printed something else for head than for base. A difference in time may come from the data instead of the code.`,
  };
}

/** Nearly all of what there is; the rest is what the readings can be off by in a stretch of seconds. */
const SATURATED = 0.9;
/** Share of all demand: two connections that are equally busy have one half each. */
const DOMINANT = 0.6;
/** Demand over cores: every fifth second of it is one of waiting. */
const CROWDED = 1.25;

/**
 * Dependencies that were as busy as they can be in a round. One that serves both builds hides a slower query then:
 * all wait for it alike. One that serves a single build hides nothing.
 *
 * @param cores CPUs that this machine has for all
 */
export function saturationWarnings(
  conditions: Pick<Round['conditions'], 'dependencies'>,
  cores: number,
): readonly Warning[] {
  const messages = (conditions.dependencies ?? []).flatMap((use) =>
    use.arm === undefined ? (saturation(use, cores) ?? []) : [],
  );
  // A single one: a run keeps one warning of each code.
  return messages.length === 0 ? [] : [{ code: 'dependency-saturated', message: messages.join(' ') }];
}

function saturation(use: DependencyUse, cores: number): string | null {
  const how = hasFullThread(use)
    ? `had a thread that was busy ${Math.round((use.busiestThread ?? 0) * 100)} % of the time`
    : fillsAllCores(use, cores)
      ? `used ${use.cpu?.toFixed(1)} of ${cores} cores, and waited for more`
      : null;
  if (how === null) return null;
  return `The dependency ${use.name} was saturated: it ${how}. Whatever makes it slower slows down all instances alike, so times of requests that call it say little of a single build. Send less load ("in-flight", "connections" or "rate" under "load"), or give it more to work with.`;
}

/** One thread does the work of all. With a thread a connection, each serves a single instance and holds up no other. */
function hasFullThread({ busiestThread, demand }: DependencyUse): boolean {
  return busiestThread !== null && busiestThread >= SATURATED && busiestThread >= DOMINANT * (demand ?? 0);
}

/** Load that keeps as many requests in flight as there are cores can fill these, and nobody waits for another. */
function fillsAllCores({ cpu, demand }: DependencyUse, cores: number): boolean {
  return cpu !== null && cpu >= SATURATED * cores && (demand === null || demand >= CROWDED * cores);
}

function isFilled({ migrate, seed, reset }: Dependency): boolean {
  return [migrate, seed, reset].some((command) => command !== null);
}

function perArm({ name }: Dependency): Warning {
  return {
    code: 'dependency-per-arm',
    message: `The dependency ${name} has one server an arm (scope: per-arm): what that server has of its own is in all instances of the arm, so that only whole arms can be relabelled and it takes more rounds to be sure. They are started and filled anew for every round, which takes time as well. "per-instance" has none of these faults.`,
  };
}

function shared({ name }: Dependency): Warning {
  return {
    code: 'dependency-shared',
    message: `The instances of both arms share the data of dependency ${name} (scope: shared): it is migrated and seeded as head has it, also for base, each arm sees what the other writes, and a slow query or a lock of one slows down both, which hides it. "per-instance" gives each instance a database of its own.`,
  };
}

function shown(state: string): string {
  return JSON.stringify(state.length > SHOWN_STATE ? `${state.slice(0, SHOWN_STATE)}…` : state);
}
