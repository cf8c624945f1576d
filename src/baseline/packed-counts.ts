/**
 * Bucket counts as text: most are 0 or small, so that bytes in base 64 take a third of what digits and commas take.
 * Each count is an unsigned LEB128 number; a 0 is followed by how many more zeros come.
 * Source: https://en.wikipedia.org/wiki/LEB128#Unsigned_LEB128
 */

export function packCounts(counts: readonly number[]): string {
  const bytes: number[] = [];
  let zeros = 0;
  const endZeros = () => {
    if (zeros > 0) bytes.push(0, ...unsigned(zeros - 1));
    zeros = 0;
  };
  for (const count of counts) {
    if (count === 0) {
      zeros += 1;
      continue;
    }
    endZeros();
    bytes.push(...unsigned(count));
  }
  endZeros();
  return Buffer.from(bytes).toString('base64');
}

/** Longer lists are a damaged file, not a histogram: 2,048 doublings at 128 buckets each hold every double. */
const MOST_COUNTS = 2048 * 128;

/** @throws TypeError when `text` was not made by `packCounts` */
export function unpackCounts(text: string): number[] {
  const numbers = readUnsigned(Buffer.from(text, 'base64'));
  const counts: number[] = [];
  for (let at = 0; at < numbers.length; at += 1) {
    const number = numbers[at] ?? 0;
    if (number !== 0) {
      counts.push(number);
      continue;
    }
    at += 1;
    const more = numbers[at];
    if (more === undefined || counts.length + more >= MOST_COUNTS)
      throw new TypeError('not packed bucket counts');
    for (let zero = 0; zero <= more; zero += 1) counts.push(0);
  }
  return counts;
}

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  // Division, not shifts: counts may need more than 32 bits.
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return bytes;
}

function readUnsigned(bytes: Buffer): number[] {
  const numbers: number[] = [];
  let value = 0;
  let factor = 1;
  for (const byte of bytes) {
    value += (byte & 0x7f) * factor;
    factor *= 0x80;
    if (byte & 0x80) continue;
    numbers.push(value);
    value = 0;
    factor = 1;
  }
  if (factor !== 1) throw new TypeError('not packed bucket counts');
  return numbers;
}
