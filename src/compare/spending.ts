/**
 * How the chance of a false alarm is spent over the looks at a growing number of rounds. Every round measured is one
 * look; each look has a share of its stage's alpha that is fixed before anything is measured, and the shares sum to
 * at most one. So the chance that any of the looks raises a false alarm is at most the stage's alpha (union bound),
 * however the looks hang together and whenever the gate stops.
 */
import type { TogetherRounds } from '../config.ts';
import { labelingsInRounds } from './statistics/labelings.ts';

export interface Looks {
  /** Rounds of the stage that counted so far; the look is the one after them. */
  readonly rounds: number;
  /** Rounds that the stage is planned to have. */
  readonly planned: number;
  /** Further rounds that the plan has room for. */
  readonly later: number;
  /** Of the stage, over all its looks. */
  readonly alpha: number;
  /** Labelings of one round: C(2k, k), or 2 where whole arms trade places. */
  readonly labelingsOfRound: number;
}

/**
 * Looks before the planned number of rounds share a tenth, the planned one has a half, later ones the rest: those are
 * made for rows that are still open, and need something to decide with.
 */
const EARLY = 0.1;
const PLANNED = 0.5;
/**
 * Later looks share it alike, as many as there may be, and at most so many: halves of halves, or many parts, would ask
 * for more labelings than are drawn.
 */
const MOST_LATER_LOOKS = 4;

/**
 * Alpha of the look after `rounds` rounds. A look that no p-value could pass, since there are fewer labelings than
 * 1 / alpha, is none: what it would have spent goes to the next.
 *
 * @example alphaOfLook({ rounds: 3, planned: 3, later: 2, alpha: 0.01, labelingsOfRound: 70 }) // 0.005
 */
export function alphaOfLook({ rounds, planned, later, alpha, labelingsOfRound }: Looks): number {
  let available = 0;
  for (let look = 1; look <= rounds; look += 1) {
    available += alpha * shareOf(look, { planned, later });
    const canDecide = labelingsInRounds(labelingsOfRound, look) * available >= 1;
    if (look < rounds && canDecide) available = 0;
  }
  return available;
}

/** The share of a stage's alpha that belongs to the look after `look` rounds; over all looks they sum to one at most. */
function shareOf(look: number, { planned, later }: Pick<Looks, 'planned' | 'later'>): number {
  if (look < planned) return EARLY / (planned - 1);
  const early = planned === 1 ? EARLY : 0;
  const looks = Math.min(Math.max(0, later), MOST_LATER_LOOKS);
  if (look === planned) return early + (looks === 0 ? 1 - EARLY : PLANNED);
  return look <= planned + looks ? (1 - EARLY - PLANNED) / looks : 0;
}

/** Rounds that there may be beside the planned ones of both stages. */
export function laterRounds({ screen, confirm, atMost }: Plan): number {
  return Math.max(0, atMost - screen - confirm);
}

type Plan = Pick<TogetherRounds, 'screen' | 'confirm' | 'atMost'>;

/** One for each stage. */
export interface Alpha {
  readonly screen: number;
  readonly confirm: number;
}

/** Alpha of the look after `counted` rounds, of each stage. */
export function spentAt(
  plan: Plan,
  counted: { readonly screen: number; readonly confirm: number },
  { alpha, labelingsOfRound }: { readonly alpha: Alpha; readonly labelingsOfRound: number },
): Alpha {
  const of = (stage: 'screen' | 'confirm'): number =>
    alphaOfLook({
      rounds: counted[stage],
      planned: plan[stage],
      later: laterRounds(plan),
      alpha: alpha[stage],
      labelingsOfRound,
    });
  return { screen: of('screen'), confirm: of('confirm') };
}
