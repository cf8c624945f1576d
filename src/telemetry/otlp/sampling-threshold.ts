/**
 * How many spans one stands for, by the consistent sampling of OpenTelemetry: the member `ot` of the W3C trace state has
 * the rejection threshold `th`, 1 to 14 hexadecimal digits, trailing zeros left out. With T of 56 bits, a span was kept
 * with probability (2^56 - T) / 2^56. https://opentelemetry.io/docs/specs/otel/trace/tracestate-handling/
 */

const THRESHOLD = /(?:^|,)\s*ot=(?:[^,]*;)?th:([0-9a-f]{1,14})(?=[;,\s]|$)/;
const DIGITS = 14;
const RANGE = 1n << 56n;

/** 1 where everything is kept, and where nothing is said. */
export function adjustedCount(traceState: string): number {
  const digits = THRESHOLD.exec(traceState)?.[1];
  if (digits === undefined) return 1;
  // 56 bits are three more than a number holds.
  const threshold = BigInt(`0x${digits.padEnd(DIGITS, '0')}`);
  return Number(RANGE) / Number(RANGE - threshold);
}
