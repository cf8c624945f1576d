/** Options that several commands have, and how their values are read. */
import { InvalidArgumentError, Option } from 'commander';
import { EXIT, UserError } from '../errors.ts';
import { isHeader } from '../handing-on/otlp-target.ts';
import { FORMATS } from '../report/format.ts';
import type { ReportFile } from './print-result.ts';
import type { Variable } from './run-ab.ts';

export function reportOption(): Option {
  return new Option('--report <format=file>', 'write another report beside the one on stdout; repeatable')
    .argParser(collectReport)
    .default([], 'none');
}

export function variableOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(collectVariable).default([], 'none');
}

/** To look at spans in another tool. */
export function exportOption(): Option {
  return new Option(
    '--export-otlp <url>',
    'send example traces to this OTLP/HTTP receiver, after the verdict',
  );
}

export function exportHeaderOption(): Option {
  return new Option('--export-header <name=value>', 'header for that receiver, such as a key; repeatable')
    .argParser(collectHeader)
    .default([], 'those of OTEL_EXPORTER_OTLP_HEADERS');
}

/** Of commands that measure. */
export function exportRoundsOption(): Option {
  return new Option('--export-rounds', 'send all spans of the measured rounds there');
}

export function formatOption(formats: readonly string[]): Option {
  return new Option('-f, --format <format>', 'what to print on stdout').choices(formats).default('terminal');
}

export function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

function collectReport(value: string, previous: readonly ReportFile[]): readonly ReportFile[] {
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

function collectVariable(text: string, previous: readonly Variable[]): readonly Variable[] {
  const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError('Give a name and a value, such as FEATURE_X=1.');
  }
  if (OURS.test(name)) throw new InvalidArgumentError(`${name} is set by spangate itself.`);
  return [...previous, [name, value]];
}

function collectHeader(text: string, previous: readonly Variable[]): readonly Variable[] {
  const at = text.indexOf('=');
  const [name, value] = [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  if (at < 1 || !isHeader(name, value)) throw noHeader();
  return [...previous, [name, value]];
}

/** Not commander's own error, which repeats what was given: that may be a key. */
function noHeader(): UserError {
  return new UserError({
    code: 'export-header-invalid',
    what: 'What is given is not a header.',
    where: '--export-header',
    hint: 'Give a name and a value, such as x-api-key=KEY.',
    exitCode: EXIT.usage,
  });
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
