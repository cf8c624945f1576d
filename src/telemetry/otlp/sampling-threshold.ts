/**
 * How many spans one stands for, by the consistent sampling of OpenTelemetry: the member `ot` of the W3C trace state has
 * the rejection threshold `th`, 1 to 14 hexadecimal digits, trailing zeros left out. With T of 56 bits, a span was kept
 * with probability (2^56 - T) / 2^56.
 * https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/
 */

const DIGITS = 14;
const HALF = 2 ** 28;
const RANGE = 2 ** 56;

const SPACE = 0x20;
const TAB = 0x09;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const COLON = 0x3a;
const EQUALS = 0x3d;
const [O, T, H] = [0x6f, 0x74, 0x68];

/** 1 where everything is kept, and where nothing is said. */
export function adjustedCount(traceState: string): number {
  // Most trace states are of others, and need no bytes.
  if (!traceState.includes('ot=')) return 1;
  const bytes = Buffer.from(traceState, 'latin1');
  return adjustedCountIn(bytes, 0, bytes.length);
}

/** The same of a trace state in the middle of other bytes: nothing is copied, and no text is made. */
export function adjustedCountIn(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to) {
    while (at < to && isBlank(bytes[at])) at += 1;
    if (bytes[at] === O && bytes[at + 1] === T && bytes[at + 2] === EQUALS && at + 3 <= to)
      return countOfMember(bytes, at + 3, to);
    while (at < to && bytes[at] !== COMMA) at += 1;
    at += 1;
  }
  return 1;
}

/** Looks for `th` among the pairs of the member, which have no order. */
function countOfMember(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] !== COMMA) {
    if (bytes[at] === T && bytes[at + 1] === H && bytes[at + 2] === COLON)
      return countOfThreshold(bytes, at + 3, to);
    while (at < to && bytes[at] !== SEMICOLON && bytes[at] !== COMMA) at += 1;
    if (bytes[at] === SEMICOLON) at += 1;
  }
  return 1;
}

/** What is no threshold says nothing. 56 bits are three more than a number holds, so they are read as two halves. */
function countOfThreshold(bytes: Uint8Array, from: number, to: number): number {
  let high = 0;
  let low = 0;
  let at = from;
  for (; at < to; at += 1) {
    const digit = digitOf(bytes[at] as number);
    if (digit < 0) break;
    const place = at - from;
    if (place >= DIGITS) return 1;
    if (place < DIGITS / 2) high += digit * 16 ** (DIGITS / 2 - 1 - place);
    else low += digit * 16 ** (DIGITS - 1 - place);
  }
  const next = bytes[at];
  const isEnd = at >= to || next === SEMICOLON || next === COMMA || isBlank(next);
  return at === from || !isEnd ? 1 : RANGE / ((HALF - high) * HALF - low);
}

/** Upper case is no digit here: the specification knows lower case alone. */
function digitOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  return byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : -1;
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}
