/** Durations and percentages as they are written in the configuration, in base units. */

const SECONDS: Readonly<Record<string, number>> = {
  us: 1e-6,
  µs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
};

const DURATION = /^(\d+(\.\d+)?(us|µs|ms|s|m|h|d))+$/;

/**
 * `250ms`, `8s`, `1m30s`.
 *
 * @returns seconds
 * @throws TypeError when it is none; the schema has let only durations pass
 */
export function parseDuration(text: string): number {
  if (!DURATION.test(text)) throw new TypeError(`not a duration: ${JSON.stringify(text)}`);
  let seconds = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(us|µs|ms|s|m|h|d)/g)) {
    // Dividing by a whole number keeps 250ms exactly 0.25, where multiplying by 1e-3 would not.
    const factor = SECONDS[unit ?? ''] ?? Number.NaN;
    seconds += factor < 1 ? Number(amount) / Math.round(1 / factor) : Number(amount) * factor;
  }
  return seconds;
}

/** Seconds in the largest unit that gives a whole number, for messages: `2m`, `90s`, `250ms`. */
export function durationText(seconds: number): string {
  for (const unit of ['d', 'h', 'm', 's', 'ms']) {
    const amount = Math.round((seconds / (SECONDS[unit] ?? 1)) * 1e6) / 1e6;
    if (amount >= 1 && Number.isInteger(amount)) return `${amount}${unit}`;
  }
  return seconds === 0 ? '0s' : `${Math.round(seconds * 1e6)}us`;
}

/**
 * `3%`, `2.5 %`.
 *
 * @returns a share: 0.03
 * @throws TypeError when it is none; the schema has let only percentages pass
 */
export function parsePercentage(text: string): number {
  const match = /^(\d+(?:\.\d+)?) ?%$/.exec(text);
  if (!match) throw new TypeError(`not a percentage: ${JSON.stringify(text)}`);
  return Number(match[1]) / 100;
}

/**
 * `200/s`, `0.5 /s`, or the number alone.
 *
 * @returns a second
 */
export function parseRate(rate: string | number): number {
  return typeof rate === 'number' ? rate : Number.parseFloat(rate);
}

/** A share for messages: 0.03 is `3%`. */
export function percentageText(share: number): string {
  return `${Math.round(share * 1e6) / 1e4}%`;
}
