/** Lays out what was measured: operations as the load client saw them, then the spans of each. */

import type { Column, Section, TableGroup, TableRow } from './document.ts';
import type { Measured } from './measured.ts';
import { joinPhrases, name, type Phrase, phrase } from './phrase.ts';
import { changePercent, count, figure, percent, rate, seconds } from './units.ts';

const right = (title: string): Column => ({ title, align: 'right' });

/** More spans than this are a listing, not a report: one screen shows the slowest, and counts the rest. */
const SCREEN_SPANS = 30;

export function measuredSections(measured: readonly Measured[]): readonly Section[] {
  const operations = measured.filter((each) => each.operation !== null && each.span === null);
  const spans = measured.filter((each) => each.span !== null);
  const detectable = measured.some((each) => each.detectable !== null);
  return [operationsSection(operations, detectable), spansSection(spans, detectable)].filter(
    (section) => section !== null,
  );
}

function operationsSection(operations: readonly Measured[], detectable: boolean): Section | null {
  if (operations.length === 0) return null;
  const titles = [
    'requests',
    'errors',
    'rate',
    'p50',
    'p90',
    'p99',
    'noise',
    ...(detectable ? ['finds'] : []),
  ];
  const rows = operations.map((each): TableRow => {
    const cells = [
      count(each.observations),
      percentCell(each.errorRate),
      each.throughput === null ? '-' : rate(each.throughput),
      ...[each.p50, each.p90, each.p99].map(secondsCell),
      changeCell(each.noise),
      ...(detectable ? [detectableCell(each.detectable)] : []),
    ];
    return row([name(each.operation ?? '')], cells);
  });
  return {
    title: `Operations (${count(operations.length)})`,
    tone: 'plain',
    folded: false,
    lines: [],
    table: {
      columns: [{ title: 'operation', align: 'left' }, ...titles.map(right)],
      groups: [{ title: null, rows, notes: [] }],
    },
  };
}

function spansSection(spans: readonly Measured[], detectable: boolean): Section | null {
  if (spans.length === 0) return null;
  const services = [...new Set(spans.flatMap((each) => each.span?.service ?? []))];
  // Seldom of interest, and the room is better given to the names.
  const errors = spans.some((each) => (each.errorRate ?? 0) > 0);
  const titles = [
    'calls',
    ...(errors ? ['errors'] : []),
    ...['p50', 'p90', 'self', 'noise'],
    ...(detectable ? ['finds'] : []),
  ];
  const groups = new Map<string | null, TableRow[]>();
  for (const each of spans) {
    const cells = [
      each.calls === null ? count(each.observations) : figure(each.calls),
      ...(errors ? [percentCell(each.errorRate)] : []),
      ...[each.p50, each.p90, each.self].map(secondsCell),
      changeCell(each.noise),
      ...(detectable ? [detectableCell(each.detectable)] : []),
    ];
    const rows = groups.get(each.operation) ?? [];
    groups.set(each.operation, rows);
    rows.push(row(spanTitle(each, services.length > 1), cells));
  }
  return {
    title: `Spans (${count(spans.length)})`,
    tone: 'plain',
    folded: true,
    screenRows: SCREEN_SPANS,
    lines: [
      phrase`of ${joinPhrases(
        services.map((service) => [name(service)]),
        ', ',
      )}; calls are a request, self time is a mean`,
    ],
    table: {
      columns: [{ title: 'span', align: 'left' }, ...titles.map(right)],
      groups: [...groups].map(
        ([operation, rows]): TableGroup => ({
          title: operation === null ? ['outside requests (calls in all)'] : [name(operation)],
          rows,
          notes: [],
        }),
      ),
    },
  };
}

function spanTitle(each: Measured, withService: boolean): Phrase {
  if (!each.span) return [];
  return withService
    ? phrase`${name(each.span.name)} · ${name(each.span.service)}`
    : phrase`${name(each.span.name)}`;
}

function row(title: Phrase, cells: readonly string[]): TableRow {
  return { cells: [title, ...cells.map((cell) => [cell])], tone: 'plain' };
}

function secondsCell(value: number | null): string {
  return value === null ? '-' : seconds(value);
}

function percentCell(value: number | null): string {
  return value === null ? '-' : percent(value);
}

function changeCell(value: number | null): string {
  return value === null ? '-' : changePercent(value);
}

function detectableCell(value: number | null): string {
  return value === null ? '-' : `+${changePercent(value)}`;
}
