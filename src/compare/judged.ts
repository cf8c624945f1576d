/** What a mode of comparison hands back. */
import type { Warning } from '../measurement.ts';
import type { Comparison, StoredHistory } from './comparison.ts';
import type { Judgement, Pair } from './judgement.ts';

export interface Judged {
  readonly mode: Comparison['mode'];
  readonly pairs: readonly Pair[];
  /** The same rows of the confirming measurement, by row id; empty where there is none. */
  readonly confirmations: ReadonlyMap<string, Pair>;
  /** The same rows over both measurements, where rows were judged by them together. */
  readonly joined?: ReadonlyMap<string, Pair>;
  /** By row id; a row without one is not shown. */
  readonly judgements: ReadonlyMap<string, Judgement>;
  readonly warnings: readonly Warning[];
  /** Of rounds measured together: how many counted. */
  readonly counted?: { readonly screen: number; readonly confirm: number; readonly instances: number };
  /** Only where mode is `stored`. */
  readonly history?: StoredHistory;
}
