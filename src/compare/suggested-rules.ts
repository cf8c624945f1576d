/** Limits that fit what a service varies by: wider where a gate could not decide, tighter where it sees more. */
import type { Policy, Quantity } from '../config.ts';
import type { CalibratedRow } from './calibrated-row.ts';
import { limitFor } from './policy.ts';

/** An entry of `limits.rules`. */
export interface SuggestedRule {
  readonly operation: string;
  /** `*` for all spans of the operation; absent for the load client's rows, and with them all spans. */
  readonly span?: string;
  readonly service?: string;
  readonly kind?: string;
  /** By quantity: the share that fails; `warn` where no share is of use. */
  readonly limits: Readonly<Partial<Record<Quantity, number | 'warn'>>>;
  /** `restores`: takes back for the spans what the rule before it says of the load client. */
  readonly why: 'noise' | 'restores';
}

/** Limits are round numbers: more digits than the figures have would only look exact. */
const ROUND_SHARES = [0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5];

/** Room for a noisier day than that of the calibration. */
const ROOM = 1.25;
/** A limit that is not tighter by this factor is not worth a rule. */
const WORTHWHILE = 2;

/**
 * @param rows in the order of a comparison: of an operation, those of the load client first
 * @returns rules in the order in which they have to be in the file
 */
export function suggestedRules(
  rows: readonly CalibratedRow[],
  context: { readonly gateRounds: number; readonly policy: Policy },
): readonly SuggestedRule[] {
  const rules: SuggestedRule[] = [];
  for (const members of bySubject(rows)) {
    const [first] = members;
    const limits = limitsOf(members, context.gateRounds);
    if (!first || Object.keys(limits).length === 0) continue;
    const { operation, span } = first;
    if (span === null) {
      rules.push({ operation, limits, why: 'noise' });
      const restored = limitsBefore(limits, operation, context.policy);
      rules.push({ operation, span: '*', limits: restored, why: 'restores' });
    } else {
      rules.push({
        operation,
        span: span.name,
        service: span.service,
        kind: span.kind,
        limits,
        why: 'noise',
      });
    }
  }
  return rules;
}

function bySubject(rows: readonly CalibratedRow[]): Iterable<readonly CalibratedRow[]> {
  const subjects = new Map<string, CalibratedRow[]>();
  for (const row of rows) {
    const { operation, span } = row;
    const key = JSON.stringify([operation, span?.service, span?.kind, span?.name]);
    const members = subjects.get(key);
    if (members) members.push(row);
    else subjects.set(key, [row]);
  }
  return subjects.values();
}

type Limits = Partial<Record<Quantity, number | 'warn'>>;

function limitsOf(rows: readonly CalibratedRow[], gateRounds: number): Limits {
  const limits: Limits = {};
  for (const row of rows) {
    const share = suggestedShare(row, gateRounds);
    if (share !== null) limits[row.quantity] = share;
  }
  return limits;
}

function suggestedShare(
  { noise, state, limit, value, inForce }: CalibratedRow,
  gateRounds: number,
): number | 'warn' | null {
  if (noise === null || (state !== 'gates' && state !== 'noisy')) return null;
  const known = noise.detectable.at(-1);
  if (!known) return null;
  const found = Math.expm1(Math.log1p(known.change) * Math.sqrt(known.rounds / gateRounds));
  const share = ROUND_SHARES.find((each) => each >= (state === 'noisy' ? found : found * ROOM));
  if (state === 'noisy') return share === undefined ? 'warn' : share > inForce ? share : null;
  if (share === undefined) return null;
  // Where `at-least` is what counts, a smaller `fail` would change nothing.
  return share * WORTHWHILE <= limit.fail && share >= limit.atLeast / value ? share : null;
}

/** What all spans of the operation have without the new rule. */
function limitsBefore(limits: Limits, operation: string, policy: Policy): Limits {
  const anySpan = { service: '', kind: 'internal', name: '' } as const;
  return Object.fromEntries(
    (Object.keys(limits) as Quantity[]).map((quantity) => [
      quantity,
      limitFor(policy, { operation, span: anySpan, quantity }).fail,
    ]),
  );
}
