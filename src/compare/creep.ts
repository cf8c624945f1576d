/**
 * Creep: what grew by small steps, none of which reached its limit, shows against a fixed run of long ago, the
 * anchor. It warns and never fails: the change under test is not to blame for what was merged before it.
 */
import type { Measurement, Warning } from '../measurement.ts';
import type { Crept } from './comparison.ts';
import type { Judgement, Pair } from './judgement.ts';
import { type Histories, type RowHistory, runValue } from './row-history.ts';
import { isOfErrors, placedInstances, seriesOf } from './series.ts';

/** The same spreads about another centre: the anchor is one run, as far from its own mean as any other. */
export function anchoredHistories(
  histories: Histories,
  pairs: readonly Pair[],
  anchor: Measurement,
): Histories {
  const instances = placedInstances(anchor);
  const rows = new Map<string, RowHistory>();
  for (const pair of pairs) {
    const history = histories.rows.get(pair.id);
    const value = history && runValue(pair, anchor.id, seriesOf(instances, pair));
    if (!history || !value) continue;
    rows.set(pair.id, { ...history, centre: Math.log(value.value), runs: 1, series: [value] });
  }
  return { ...histories, rows };
}

/**
 * @param since judgements against the anchor
 * @param now judgements against the baseline: a row that is flagged there is no creep
 */
export function creptRows(
  pairs: readonly Pair[],
  since: ReadonlyMap<string, Judgement>,
  now: ReadonlyMap<string, Judgement>,
): readonly Crept[] {
  const crept = pairs.flatMap(({ id, limit, quantity }): Crept[] => {
    const found = since.get(id);
    const flagged = now.get(id)?.verdict === 'regression' || now.get(id)?.reason === 'screened';
    const isWorse = found?.reason === 'screened' || found?.verdict === 'regression';
    if (limit.level === 'off' || isOfErrors(quantity) || flagged || !isWorse) return [];
    return found.effect === null ? [] : [{ row: id, effect: found.effect }];
  });
  return crept.toSorted((left, right) => Math.abs(Math.log(right.effect)) - Math.abs(Math.log(left.effect)));
}

/** More rows than these make a line that nobody reads. */
const SHOWN = 3;

export function creepWarning(name: string, crept: readonly Crept[], pairs: readonly Pair[]): Warning[] {
  if (crept.length === 0) return [];
  const shown = crept.slice(0, SHOWN).map(({ row, effect }) => {
    const pair = pairs.find(({ id }) => id === row);
    const place = [pair?.operation ?? 'outside requests', pair?.span?.name].filter(Boolean).join(' > ');
    return `${place} ${pair?.quantity} ${effect > 1 ? '+' : '-'}${Math.round(Math.abs(effect - 1) * 100)} %`;
  });
  const more = crept.length > SHOWN ? `, and ${crept.length - SHOWN} more` : '';
  return [
    {
      code: 'creep',
      message: `Worse than at the anchor ${name} by more than the limit, though no single step was: ${shown.join(', ')}${more}.`,
    },
  ];
}
