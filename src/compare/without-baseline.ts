/** The first measurement of a service: nothing to compare with, but the noise that later gates will see. */
import type { Policy } from '../config.ts';
import type { Measurement } from '../measurement.ts';
import type { Judged } from './judged.ts';
import { type Judgement, judgement, type Pair } from './judgement.ts';
import { logShifts } from './log-shift.ts';
import { pairsOf } from './rows.ts';
import { isTimed } from './series.ts';
import { studentTQuantile } from './statistics/student-t.ts';

export function judgeWithoutBaseline(candidate: Measurement, policy: Policy): Judged {
  const pairs = pairsOf(null, candidate, policy);
  // Against itself: the difference is none, and its standard error is the noise between instances.
  const mirrored = pairs
    .filter((pair) => isTimed(pair.quantity))
    .map((pair) => ({ ...pair, baseline: pair.candidate }));
  const noise = logShifts(mirrored, () => 0);
  const judge = (pair: Pair): Judgement => {
    const seen = noise.get(pair.id);
    const minimumDetectable = seen
      ? Math.expm1((studentTQuantile(0.95, seen.df) + studentTQuantile(0.9, seen.df)) * seen.error)
      : null;
    return judgement('added', 'no-baseline', { minimumDetectable });
  };
  return {
    mode: 'none',
    pairs,
    confirmations: new Map(),
    judgements: new Map(pairs.map((pair) => [pair.id, judge(pair)])),
    warnings: [],
  };
}
