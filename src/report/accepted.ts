/** What is said of accepted regressions, and of limits that a change loosens. */
import type { AppliedWaiver, Comparison, Row } from '../compare/comparison.ts';
import { joinPhrases, name, type Phrase, phrase } from './phrase.ts';
import { QUANTITY_NAMES } from './row-sentence.ts';
import { count, counted, figure, percent, points, seconds, wallTime } from './units.ts';
import type { LooseningCounts } from './view-model.ts';

type Loosening = NonNullable<Comparison['loosened']>[number];

/** One sentence for waivers that differ in their quantity alone, those first that do something. */
export function waiverSentences(waivers: readonly AppliedWaiver[] = []): readonly Phrase[] {
  const order: readonly AppliedWaiver['state'][] = ['applied', 'expired', 'unmatched', 'unneeded'];
  const groups = new Map<string, [AppliedWaiver, ...AppliedWaiver[]]>();
  for (const waiver of waivers) {
    const { quantity, ...others } = waiver;
    const group = groups.get(JSON.stringify(others));
    if (group) group.push(waiver);
    else groups.set(JSON.stringify(others), [waiver]);
  }
  return [...groups.values()]
    .sort(([left], [right]) => order.indexOf(left.state) - order.indexOf(right.state))
    .map((group) => {
      const [first] = group;
      const quantities = group.map(({ quantity }) => QUANTITY_NAMES[quantity]).join(', ');
      const state = stateText(first, group.length > 1);
      return phrase`${quantities} ${rowText(first)} ${state} (${placeText(first)}): ${reason(first)}`;
    });
}

/** `accepted until 2026-12-31 (commit 1a2b3c4): the index moved to the replica` */
export function acceptedNote(waiver: AppliedWaiver): Phrase {
  return phrase`accepted ${untilText(waiver)} (${placeText(waiver)}): ${reason(waiver)}`;
}

/** What this change accepts of itself, as base did not. */
export function isOwnWaiver({ source, state }: AppliedWaiver): boolean {
  if (state !== 'applied') return false;
  return source.kind === 'commit' || (source.kind === 'config' && source.isNew === true);
}

/** A person accepts one commit, of which the next one is another. */
function untilText({ source, expires }: AppliedWaiver): string {
  return source.kind === 'person' ? 'for this commit' : `until ${expires}`;
}

/** `of summarize in GET /orders/:id` */
function rowText({ under, span, service, operation }: AppliedWaiver): Phrase {
  const parts = [
    ...(under === undefined ? [] : [phrase`under concurrency`]),
    ...(span === null ? [] : [phrase`of ${name(span)}`]),
    ...(service === null ? [] : [phrase`from ${name(service)}`]),
    operation === null ? phrase`in every operation` : phrase`in ${name(operation)}`,
  ];
  return joinPhrases(parts, ' ');
}

function stateText(waiver: AppliedWaiver, several: boolean): string {
  const { state, expires, operation, span } = waiver;
  switch (state) {
    case 'applied':
      return `${several ? 'are' : 'is'} accepted ${untilText(waiver)}`;
    case 'unneeded':
      return several
        ? 'need no waiver any more, since they do not fail'
        : 'needs no waiver any more, since it does not fail';
    case 'expired': {
      const was = several ? 'were' : 'was';
      return `${was} accepted until ${expires}, which is over: nothing is accepted any more`;
    }
    case 'unmatched': {
      const hasStar = `${operation ?? ''}${span ?? ''}`.includes('*');
      const match = several ? 'match' : 'matches';
      return `${match} no row of this scenario${hasStar ? ' (names are exact here: * stands for itself)' : ''}`;
    }
  }
}

function placeText({ source }: AppliedWaiver): Phrase {
  if (source.kind === 'commit') return phrase`commit ${name(source.sha.slice(0, 7))}`;
  if (source.kind === 'person') return phrase`${source.through} of ${name(source.login)}`;
  return phrase`configuration, line ${source.line}${source.isNew ? ', added by this change' : ''}`;
}

/** Written by whoever made the change, so it is shown as a name is. */
function reason({ reason: text }: AppliedWaiver): Phrase {
  return [name(text)];
}

/** One sentence a loosened limit. */
export function looseningSentences({ loosened = [] }: Comparison): readonly Phrase[] {
  return loosened.map((each) => phrase`${looseningText(each)}${lineText(each)}`);
}

/** Where limits were loosened, what was done about it. */
export function looseningNote({ loosened = [] }: Comparison): Phrase | null {
  if (loosened.length === 0) return null;
  const { limits, gone, less } = looseningCounts({ loosened });
  const notes = [
    limits === 0 ? '' : 'each row was judged by the stricter limit, that of base where it is lower',
    gone === 0 ? '' : 'what is not measured any more was not judged',
    less === 0 ? '' : 'what is measured less was judged by fewer samples than base would have had',
  ];
  return [notes.filter((note) => note !== '').join('; ')];
}

export function looseningCounts({ loosened = [] }: Pick<Comparison, 'loosened'>): LooseningCounts {
  const gone = loosened.filter(isGone).length;
  const less = loosened.filter(({ cause }) => cause === 'measured-less').length;
  return { limits: loosened.length - gone - less, gone, less };
}

/** `2 limits loosened`, for a headline; empty where there is none. */
export function looseningAmount({ limits, gone, less }: LooseningCounts): string {
  const parts = [
    limits === 0 ? '' : `${counted(limits, 'limit')} loosened`,
    gone === 0 ? '' : `${count(gone)} no longer measured`,
    less === 0 ? '' : `${count(less)} measured less`,
  ];
  return parts.filter((part) => part !== '').join(' and ');
}

/** There is no limit of it to judge by: it is not measured. */
function isGone({ cause }: Loosening): boolean {
  return ['scenario-removed', 'request-removed', 'probe-removed', 'logs-removed', 'metric-removed'].includes(
    cause,
  );
}

function looseningText(each: Loosening): Phrase {
  const { cause, what, rows } = each;
  const was = valueText(what, each.from);
  const is = each.to === null ? 'gone' : valueText(what, each.to);
  switch (cause) {
    case 'scenario-removed':
      return phrase`the scenario ${name(String(each.from))} is not measured any more`;
    case 'request-removed':
      return phrase`the request ${name(String(each.from))} is not sent any more`;
    case 'probe-removed':
      return ['the concurrency probe is turned off'];
    case 'measured-less':
      return phrase`${name(what)} ${amountText(each, each.from)} -> ${amountText(each, each.to)}`;
    case 'logs-removed':
      return ['the logs of the services are not read any more'];
    case 'metric-removed':
      return phrase`the metric ${name(String(each.from))} is not looked at any more`;
    case 'metric-changed':
      return phrase`the metric ${name(String(each.from))} stands for another figure`;
    case 'rule-added':
      return phrase`a new rule for ${rowsText(rows)}: ${partText(what)} ${was} -> ${is}`;
    case 'rule-changed':
      return phrase`the rule for ${rowsText(rows)}: ${partText(what)} ${was} -> ${is}`;
    case 'rule-deleted':
      return phrase`the rule for ${rowsText(rows)} is gone: ${partText(what)} ${was} -> ${is}`;
    case 'rules-reordered':
      return phrase`another rule comes last, that for ${rowsText(rows)}: ${partText(what)} ${was} -> ${is}`;
    case 'profile-changed':
    case 'limit-changed':
      return phrase`${name(what)} ${was} -> ${is}`;
  }
}

function lineText({ line, baseLine }: Loosening): string {
  if (line !== null) return ` (line ${line})`;
  return baseLine === null ? '' : ` (line ${baseLine} of base)`;
}

function rowsText(rows: Loosening['rows']): Phrase {
  const { resource = {}, ...names } = rows ?? {};
  const globs = [...Object.entries(names), ...Object.entries(resource)].map(
    ([key, glob]) => phrase`${key} ${name(String(glob))}`,
  );
  return globs.length === 0 ? ['all rows'] : joinPhrases(globs, ', ');
}

/** `p90.level` of `limits.rules[2].p90.level`. */
function partText(what: string): string {
  return what.split('.').slice(-2).join('.');
}

function valueText(what: string, value: Loosening['from']): string {
  if (typeof value !== 'number') return String(value);
  const [quantity = '', part = ''] = what.split('.').slice(-2);
  if (part !== 'at-least') return percent(value);
  if (quantity === 'error-rate') return points(value);
  const isPlain = ['calls', 'throughput', 'error-logs', 'warn-logs', 'metric', 'limit'].includes(quantity);
  return isPlain ? figure(value) : seconds(value);
}

/** Of what is measured: wall time, a share of the requests, or a number. */
function amountText({ what }: Loosening, value: Loosening['to']): string {
  if (typeof value !== 'number') return String(value);
  if (/\.(duration|budget|slot)$/.test(what)) return wallTime(value);
  return what.endsWith('.weight') ? `${percent(value)} of the requests` : count(value);
}

/** The waiver of a row, where one accepts it. */
export function waiverOf(row: Row, { waivers = [] }: Pick<Comparison, 'waivers'>): AppliedWaiver | null {
  return row.waivedBy === undefined ? null : (waivers[row.waivedBy] ?? null);
}
