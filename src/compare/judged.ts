/** What a mode of comparison hands back. */
import type { Warning } from '../measurement.ts';
import type { Comparison } from './comparison.ts';
import type { Judgement, Pair } from './judgement.ts';

export interface Judged {
  readonly mode: Comparison['mode'];
  /** The rows to show, as they were judged; where a second measurement decided, its values. */
  readonly pairs: readonly Pair[];
  /** By row id; a row without one is not shown. */
  readonly judgements: ReadonlyMap<string, Judgement>;
  readonly warnings: readonly Warning[];
}
