/**
 * From base units (seconds, shares, calls a request, requests a second) to text. No other file formats numbers.
 * Values have three significant digits, so that a table keeps its shape from run to run; changes have two.
 */
import type { Row } from '../compare/comparison.ts';

const SECOND_UNITS = [
  { unit: 's', seconds: 1 },
  { unit: 'ms', seconds: 1e-3 },
  { unit: 'µs', seconds: 1e-6 },
  { unit: 'ns', seconds: 1e-9 },
] as const;

type SecondUnit = (typeof SECOND_UNITS)[number];

/** Unit in which a duration is at least 1, after rounding to three digits: 0.9996 ms is `1.00 ms`. */
function secondUnit(seconds: number): SecondUnit {
  const size = Number(Math.abs(seconds).toPrecision(3));
  if (size === 0) return SECOND_UNITS[1];
  return SECOND_UNITS.find((unit) => size >= unit.seconds) ?? SECOND_UNITS[3];
}

/** `1.23 ms`, `12.3 ms`, `812 µs`, `2.50 s`. */
export function seconds(value: number): string {
  const { unit, seconds: size } = secondUnit(value);
  return `${significant(value / size, 3)} ${unit}`;
}

/** A shift in the unit and with the decimals of the value it shifts: 1.02 ms to 1.64 ms is `+0.62 ms`. */
export function secondsShift(shift: number, reference: number): string {
  const { unit, seconds: size } = secondUnit(reference);
  // From far below a unit to far above it: its own unit then, not 58,775 of the other.
  if (Math.abs(shift) >= 1000 * size) return `${sign(shift)}${seconds(Math.abs(shift))}`;
  const decimals = significantDecimals(reference / size, 3);
  const text = (Math.abs(shift) / size).toFixed(decimals);
  // A shift that the value's own decimals cannot show gets a unit of its own.
  if (Number(text) === 0 && shift !== 0) return `${sign(shift)}${seconds(Math.abs(shift))}`;
  return `${sign(shift)}${text} ${unit}`;
}

/** A share as typed or measured, without trailing zeros: `25 %`, `0.4 %`, `0.021 %`. */
export function percent(share: number): string {
  const value = share * 100;
  return `${group(trimZeros(significant(value, Math.abs(value) >= 10 ? 3 : 2)))} %`;
}

/** An effect (candidate divided by baseline) as a change: `+61 %`, `-3.4 %`; from tenfold on `x11`. */
export function effectChange(effect: number): string {
  // A percentage of four digits is read wrongly more often than a factor.
  if (effect >= 10) return `x${trimZeros(significant(effect, 3))}`;
  return signedPercent(effect - 1);
}

/** `+4.0 %`, `+61 %`, `-0.4 %`. */
export function signedPercent(change: number): string {
  const text = changePercent(Math.abs(change));
  return text === '0.0 %' ? text : `${sign(change)}${text}`;
}

/** Size of a change or spread: one decimal below 10 %, none from there on. */
export function changePercent(size: number): string {
  const value = size * 100;
  return `${group(value < 9.95 ? value.toFixed(1) : value.toFixed(0))} %`;
}

/** A limit of a shift of a share: `+0.5 pp`. */
export function points(share: number): string {
  return `${trimZeros(significant(share * 100, 2))} pp`;
}

/** `+55 % to +66 %`, from the interval of an effect. */
export function effectRange(interval: { readonly lower: number; readonly upper: number }): string {
  return `${effectChange(interval.lower)} to ${effectChange(interval.upper)}`;
}

/** Shift of a share in percentage points: `+4.7 pp`. */
export function pointsShift(shift: number): string {
  return `${sign(shift)}${trimZeros(significant(Math.abs(shift) * 100, 2))} pp`;
}

/** Calls a request and other small figures: `1`, `11`, `1.5`, `0.033`, `1,250`. */
export function figure(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return group(String(value));
  const size = Math.abs(value);
  return group(trimZeros(significant(value, size >= 1000 ? Math.ceil(Math.log10(size)) : 3)));
}

/** A number of things: `5,230`. */
export function count(value: number): string {
  return group(String(Math.round(value)));
}

/** `1 row`, `12 rows`; the plural is the singular with an s unless given. */
export function counted(value: number, singular: string, plural = `${singular}s`): string {
  return `${count(value)} ${value === 1 ? singular : plural}`;
}

export function bytes(value: number): string {
  if (value < 1024) return `${count(value)} B`;
  const exponent = Math.min(4, Math.floor(Math.log2(value) / 10));
  return `${trimZeros(significant(value / 1024 ** exponent, 3))} ${['B', 'KiB', 'MiB', 'GiB', 'TiB'][exponent]}`;
}

/** Never 0: a permutation test cannot give it. */
export function probability(p: number): string {
  if (p < 0.0001) return 'p < 0.0001';
  return `p = ${trimZeros(significant(p, 2))}`;
}

/** Wall time of a run: `8 s`, `1 min 20 s`, `3 h 5 min`. */
export function wallTime(value: number): string {
  const nearest = Math.max(0, Math.round(value));
  const whole = nearest < 3600 ? nearest : Math.round(nearest / 60) * 60;
  if (whole < 60) return value > 0 && value < 9.95 ? `${trimZeros(value.toFixed(1))} s` : `${whole} s`;
  const [large, small, names] = whole < 3600 ? [60, 1, ['min', 's']] : [3600, 60, ['h', 'min']];
  const rest = (whole % large) / small;
  return `${Math.floor(whole / large)} ${names[0]}${rest === 0 ? '' : ` ${rest} ${names[1]}`}`;
}

/** Age of a baseline: `4 minutes`, `3 days`. */
export function age(value: number): string {
  if (value < 90) return 'less than 2 minutes';
  if (value < 5400) return counted(Math.round(value / 60), 'minute');
  if (value < 48 * 3600) return counted(Math.round(value / 3600), 'hour');
  return counted(Math.round(value / 86_400), 'day');
}

/** `412/s`, `1,234/s`, `0.8/s`. */
export function rate(value: number): string {
  return Math.abs(value) >= 1000 ? `${count(value)}/s` : `${trimZeros(significant(value, 3))}/s`;
}

/** A value of a row in its unit. */
export function rowValue(value: number, { unit, metric }: Pick<Row, 'unit' | 'metric'>): string {
  switch (unit) {
    case 'seconds':
      return seconds(value);
    case 'share':
      return percent(value);
    case 'requests-per-second':
      return rate(value);
    case 'calls-per-request':
    case 'records-per-request':
      return figure(value);
    case 'metric':
      return metricValue(value, metric?.unit ?? '');
  }
}

/** The service chooses the unit, and the report goes to places where text can do things. */
const PLAIN_UNIT = /^[A-Za-z0-9%/. -]{1,20}$/;

/** Units are codes of UCUM; what stands in braces is a name, such as `{job}`, and `1` is none. */
export function metricValue(value: number, unit: string): string {
  if (unit === 's') return seconds(value);
  if (unit === 'ms') return seconds(value / 1e3);
  if (unit === 'By') return value < 0 ? figure(value) : bytes(value);
  const own = unit.replace(/^\{(.*)\}$/, '$1');
  return own === '1' || !PLAIN_UNIT.test(own) ? figure(value) : `${figure(value)} ${own}`;
}

/** Seconds as XML and CSV want them: a plain decimal without exponent, to the nanosecond. */
export function plainDecimal(value: number): string {
  return trimZeros(value.toFixed(9));
}

function sign(value: number): string {
  return value < 0 ? '-' : '+';
}

function significantDecimals(value: number, digits: number): number {
  const size = Number(Math.abs(value).toPrecision(digits));
  if (size === 0) return 0;
  return Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
}

function significant(value: number, digits: number): string {
  if (!Number.isFinite(value)) return String(value);
  return value.toFixed(Math.min(20, significantDecimals(value, digits)));
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function group(text: string): string {
  const [whole = '', fraction] = text.split('.');
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}
