/**
 * The result as OpenMetrics text, for GitLab's `artifacts:reports:metrics` and whatever else reads Prometheus' format:
 * what the candidate measured in each row that is judged, and the verdict of each scenario.
 * Sources: https://prometheus.io/docs/specs/om/open_metrics_spec/, https://docs.gitlab.com/ci/testing/metrics_reports/
 */
import type { Comparison, GateResult, Row } from '../compare/comparison.ts';
import { visibleText } from './safe-text.ts';

interface Family {
  readonly name: string;
  /** The name of a family with a unit ends with it. */
  readonly unit?: string;
  readonly help: string;
}

const FAMILIES: Readonly<Record<Row['unit'], Family>> = {
  seconds: {
    name: 'spangate_duration_seconds',
    unit: 'seconds',
    help: 'Times of operations and spans: quantiles, and the mean of self times.',
  },
  share: { name: 'spangate_errors_ratio', unit: 'ratio', help: 'Share of requests or spans that failed.' },
  'calls-per-request': { name: 'spangate_calls', help: 'Calls of a span in a request.' },
  'requests-per-second': { name: 'spangate_throughput', help: 'Requests a second.' },
  'records-per-request': { name: 'spangate_log_records', help: 'Log records in a request.' },
  metric: { name: 'spangate_metric', help: 'Metrics of the service that the configuration names.' },
};

/**
 * Times of the same code differ in their third digit always; GitLab compares text, and would list all of them as
 * changed. Calls are exact.
 */
const DIGITS = 2;
const DIGITS_OF_CALLS = 6;

/** Text that ends with a line feed. */
export function openMetrics(result: GateResult): string {
  const lines = Object.entries(FAMILIES).flatMap(([unit, family]) => {
    const samples = result.comparisons.flatMap((comparison) => samplesOf(comparison, unit, family));
    return samples.length === 0 ? [] : [...headOf(family), ...unique(samples)];
  });
  const failed: Family = { name: 'spangate_failed_rows', help: 'Rows that fail the gate.' };
  const passed: Family = { name: 'spangate_gate', help: '1 for the verdict of the scenario.' };
  return [
    ...[...headOf(passed), ...unique(result.comparisons.map((each) => verdictOf(each, passed)))],
    ...[...headOf(failed), ...unique(result.comparisons.map((each) => failuresOf(each, failed)))],
    ...lines,
    '# EOF\n',
  ].join('\n');
}

function headOf({ name, unit, help }: Family): readonly string[] {
  const unitLine = unit === undefined ? [] : [`# UNIT ${name} ${unit}`];
  return [`# TYPE ${name} gauge`, ...unitLine, `# HELP ${name} ${help}`];
}

function verdictOf({ scenario, verdict }: Comparison, { name }: Family): string {
  return `${name}${labelsOf({ scenario, verdict })} 1`;
}

function failuresOf({ scenario, rows }: Comparison, { name }: Family): string {
  return `${name}${labelsOf({ scenario })} ${rows.filter(({ outcome }) => outcome === 'fail').length}`;
}

function samplesOf({ scenario, rows }: Comparison, unit: string, { name }: Family): readonly string[] {
  return rows.flatMap((row) => {
    if (row.unit !== unit || row.level === 'off' || row.candidate === null) return [];
    const labels = {
      scenario,
      operation: row.operation ?? '',
      span: row.span?.name ?? '',
      kind: row.span?.kind ?? '',
      service: row.span?.service ?? row.service ?? '',
      quantity: row.metric?.name ?? row.quantity,
      under: row.under ?? '',
    };
    return [
      `${name}${labelsOf(labels)} ${valueText(row.candidate, row.quantity === 'calls' ? DIGITS_OF_CALLS : DIGITS)}`,
    ];
  });
}

function labelsOf(labels: Readonly<Record<string, string>>): string {
  const given = Object.entries(labels).filter(([, value]) => value !== '');
  return `{${given.map(([key, value]) => `${key}="${labelValue(value)}"`).join(',')}}`;
}

/**
 * GitLab takes what follows a `#` for a comment wherever it is, and splits the rest as a shell does; then a quote is
 * left open, and the whole report is lost.
 * Source: `Gitlab::Ci::Parsers::Metrics::Generic` in https://gitlab.com/gitlab-org/gitlab
 */
function labelValue(text: string): string {
  return visibleText(text).replace(/[\\"]/g, '\\$&').replaceAll('#', '%23');
}

/** A plain decimal: `0.0012`, `1200`. */
function valueText(value: number, digits: number): string {
  if (!Number.isFinite(value)) return 'NaN';
  const rounded = Number(value.toPrecision(digits));
  if (Number.isInteger(rounded)) return rounded.toFixed(0);
  const decimals = Math.min(20, Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(rounded)))));
  return rounded
    .toFixed(decimals)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
}

/** A sample that is there twice, since names differ only in what is written otherwise here, would be refused. */
function unique(samples: readonly string[]): readonly string[] {
  const series = new Map(samples.map((sample) => [sample.slice(0, sample.lastIndexOf(' ')), sample]));
  return [...series.values()];
}
