/** What a run tells whoever watches it. Reports are made elsewhere; the runner only says where it is. */
export interface RunProgress {
  /** A line that stays. */
  step(text: string): void;
  /** `index` counts from 1. */
  round(index: number, total: number): void;
  phase(phase: 'setting up' | 'starting' | 'warm-up' | 'measuring' | 'probing' | 'stopping'): void;
  live(figures: {
    readonly p50Seconds?: number;
    readonly requests?: number;
    readonly remainingSeconds?: number;
  }): void;
}
