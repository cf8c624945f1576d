/** Values of options as commander reads them: checked at once, so that a mistake is told before anything begins. */
import { InvalidArgumentError } from 'commander';
import { FORMATS } from '../report/format.ts';
import type { ReportFile } from './print-result.ts';
import type { Variable } from './run-ab.ts';

export function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

export function collectReport(value: string, previous: readonly ReportFile[]): readonly ReportFile[] {
  const [format, ...rest] = value.split('=');
  const file = rest.join('=');
  const known = FORMATS.find((each) => each === format);
  if (!known || file === '') {
    throw new InvalidArgumentError(
      `Give a format and a file, such as junit=spangate.xml; formats: ${FORMATS.join(', ')}.`,
    );
  }
  return [...previous, { format: known, file }];
}

export function collectVariable(text: string, previous: readonly Variable[]): readonly Variable[] {
  const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError('Give a name and a value, such as FEATURE_X=1.');
  }
  if (OURS.test(name)) throw new InvalidArgumentError(`${name} is set by spangate itself.`);
  return [...previous, [name, value]];
}

/** Another value would keep the load or the telemetry from the service. */
const OURS = /^(PORT|SPANGATE_.*)$/;

export function atLeastOne(value: string): number {
  const number = wholeNumber(value);
  if (number < 1) throw new InvalidArgumentError('Give a whole number, 1 or more.');
  return number;
}

export function wholeNumber(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0 || number > 0xffff_ffff) {
    throw new InvalidArgumentError('Give a whole number from 0 to 4294967295.');
  }
  return number;
}
