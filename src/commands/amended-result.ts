/** A result as people and earlier attempts amend it: accepted by somebody who may, or red from before. Pure. */

import type { Comparison, GateResult } from '../compare/comparison.ts';
import { type EarlierFailure, withEarlierFailures } from '../compare/earlier-attempts.ts';
import { acceptedByPeople, accepts, type PersonWaiver } from '../compare/people-waivers.ts';
import { parseWaiverTrailer } from '../config/waiver-trailer.ts';
import { gateResult } from '../gate.ts';
import type { Warning } from '../measurement.ts';

/** That somebody accepts what failed; whether that counts is known. */
export interface AcceptanceClaim {
  readonly login: string;
  readonly through: 'label' | 'review';
  /** Line of the review; null for a label. */
  readonly line: string | null;
  readonly standing: 'writer' | 'not-a-writer' | 'stale';
}

export interface Amendments {
  readonly claims: readonly AcceptanceClaim[];
  /** By the name of the scenario. */
  readonly earlier: ReadonlyMap<string, readonly EarlierFailure[]>;
}

/** Claims that do not count are told with the first scenario that fails. */
export function amendedResult(result: GateResult, { claims, earlier }: Amendments): GateResult {
  const read = claims.map(personWaiver);
  const people = read.flatMap((each) => ('waiver' in each ? [each.waiver] : []));
  const untold = read.flatMap((each) => ('warning' in each ? [each.warning] : []));
  const comparisons = result.comparisons.map((comparison): Comparison => {
    const accepted = acceptedByPeople(comparison, people);
    const failures = earlier.get(comparison.scenario) ?? [];
    const amended = withEarlierFailures(accepted, failures, (row) =>
      people.some((each) => (row === null ? each.only === null : accepts(each, row))),
    );
    if (amended.verdict !== 'fail') return amended;
    return { ...amended, warnings: [...amended.warnings, ...untold.splice(0)] };
  });
  return gateResult(comparisons);
}

type Read = { readonly waiver: PersonWaiver } | { readonly warning: Warning };

function personWaiver({ login, through, line, standing }: AcceptanceClaim): Read {
  const who = `the ${through} of ${login}`;
  if (standing === 'not-a-writer') {
    const message = `Requested, and not accepted: ${who}, who may not write to this repository.`;
    return { warning: { code: 'waiver-requested', message } };
  }
  if (standing === 'stale') {
    const again =
      through === 'label' ? 'take the label away and add it again' : 'approve the new commit as well';
    const message = `Not accepted: ${who} is not known to be for the commit that was measured. To accept this one, ${again}.`;
    return { warning: { code: 'waiver-stale', message } };
  }
  if (line === null) return { waiver: { login, through, reason: 'no reason given', only: null } };
  const [, reason] = /^spangate[ -]accept\s*:?\s*\*\s*:\s*(.+)$/i.exec(line) ?? [];
  if (reason !== undefined) return { waiver: { login, through, reason, only: null } };
  const parsed = parseWaiverTrailer(line.replace(/^spangate[ -]accept\s*:?\s*/i, ''));
  if ('mistake' in parsed) {
    const message = `Not accepted: ${who} could not be read: ${parsed.mistake}. Write "spangate accept *: reason", or the line that the report shows.`;
    return { warning: { code: 'waiver-not-read', message } };
  }
  const [first] = parsed.waivers;
  return { waiver: { login, through, reason: first?.reason ?? '', only: parsed.waivers } };
}
