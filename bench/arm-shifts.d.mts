export const LEAST_SAMPLES: number;

interface InstanceQuantiles {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

export interface ExchangeabilityLine {
  readonly service: string;
  readonly model: string;
  readonly invalid: string | null;
  readonly rows: Readonly<
    Record<
      string,
      { readonly base: readonly InstanceQuantiles[]; readonly head: readonly InstanceQuantiles[] }
    >
  >;
}

export interface ArmShift {
  readonly row: string;
  readonly quantile: 'p50' | 'p90';
  readonly rounds: number;
  readonly shift: number;
  readonly standardError: number;
  readonly t: number;
  readonly spread: number;
}

export function armShifts(lines: readonly ExchangeabilityLine[]): ArmShift[];
export function rowsOf(pair: unknown): ExchangeabilityLine['rows'];
