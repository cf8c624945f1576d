/** Under which names the spans of services go that are split by attributes of their resource. Pure. */
import { serviceParts, splitServiceName } from '../measurement.ts';
import { foldIds } from './name-folding.ts';

/** Names of one service; more would be as good as none, since each has its share of the spans. */
export const MOST_SPLITS = 20;

const LONGEST_VALUE = 80;

/** Stands for values that have an id or an address in them, and would be another in every instance. */
export const ID_VALUE = '(id)';
export const OTHER_VALUE = '(other)';

/** Who sent spans, and what its resource says. */
export interface SplitSender {
  readonly service: string;
  readonly resource: Readonly<Record<string, string>>;
}

export interface SplitProblems {
  /** Attributes of which a value had an id in it, with that service. */
  readonly withIds: readonly { readonly service: string; readonly attribute: string }[];
  /** Services with more names than are kept. */
  readonly overflowing: readonly string[];
  /** Attributes that no sender has. */
  readonly missing: readonly string[];
}

export interface SplitServices {
  /** In the order of the senders. */
  readonly names: readonly string[];
  readonly problems: SplitProblems;
}

/** The same senders get the same names, in whatever order they come. */
export function splitServices(senders: readonly SplitSender[], splitBy: readonly string[]): SplitServices {
  const withIds = new Map<string, { service: string; attribute: string }>();
  const found = senders.map(({ service, resource }) => {
    const pairs = splitBy.flatMap((attribute): (readonly [string, string])[] => {
      const value = resource[attribute];
      if (value === undefined || value === '') return [];
      if (!hasId(value)) return [[attribute, value.slice(0, LONGEST_VALUE)]];
      withIds.set(`${attribute} ${service}`, { service, attribute });
      return [[attribute, ID_VALUE]];
    });
    return { service, pairs, name: splitServiceName(service, pairs) };
  });
  const overflowing = new Set<string>();
  const names = found.map(({ service, pairs, name }) => {
    const all = [...new Set(found.filter((each) => each.service === service).map((each) => each.name))];
    if (all.length <= MOST_SPLITS || all.sort().indexOf(name) < MOST_SPLITS) return name;
    overflowing.add(service);
    return splitServiceName(
      service,
      pairs.map(([attribute]) => [attribute, OTHER_VALUE] as const),
    );
  });
  const missing = splitBy.filter((attribute) => senders.every(({ resource }) => !resource[attribute]));
  return {
    names,
    problems: { withIds: [...withIds.values()], overflowing: [...overflowing], missing },
  };
}

/** The attributes of a resource that a name stands for: what its sender had, as far as it was kept. */
export function resourceOfName(name: string): readonly (readonly [key: string, value: string])[] {
  const { service, resource } = serviceParts(name);
  return [['service.name', service], ...Object.entries(resource)];
}

/** As Kubernetes names pods: the hash of the template, then five random letters, none of them a vowel. */
const POD = /-[bcdfghjklmnpqrstvwxz2456789]{5,10}-[bcdfghjklmnpqrstvwxz2456789]{5}$/;
const ADDRESS = /\d{1,3}([.-])\d{1,3}\1\d{1,3}\1\d{1,3}/;

function hasId(value: string): boolean {
  return foldIds(value) !== value || POD.test(value) || ADDRESS.test(value);
}
