/** The sections of a report that say why: where the time of each changed operation went, and what else differs. */
import type { Explanation, TimePart, TimeSplit } from '../compare/explanation.ts';
import { causesOf } from './causes.ts';
import type { Column, Section, TableGroup, TableRow } from './document.ts';
import { name, type Phrase, phrase } from './phrase.ts';
import { changePercent, count, counted, figure, seconds, secondsShift } from './units.ts';
import type { ScenarioView } from './view-model.ts';
import { hasChanged, splitTitle } from './why.ts';
import { linesBesideRows } from './why-lines.ts';

/** What a person takes in at a glance. */
const SCREEN_ROWS = 10;
const MOST_PARTS = 5;
const MOST_LINES = 8;
/** Share of the change from which a part has a row. */
const SHOWN = 0.05;

export function whySections({ why, names, rows }: ScenarioView): readonly Section[] {
  const services = new Set(rows.flatMap(({ span }) => span?.service ?? []));
  const groups = why
    .filter((explanation) => hasChanged(explanation, rows))
    .flatMap((explanation) => timeGroup(explanation, { withService: services.size > 1 }));
  const lines = why.flatMap((explanation) =>
    linesBesideRows(explanation, rows).map((line) => phrase`${name(explanation.operation)}: ${line}`),
  );
  return [
    ...(groups.length === 0
      ? []
      : [
          {
            title: 'Where the time went',
            tone: 'plain' as const,
            folded: true,
            drawn: true as const,
            screenRows: SCREEN_ROWS,
            lines: [],
            table: { columns: columnsOf(names), groups },
          },
        ]),
    ...(lines.length === 0 ? [] : [linesSection(lines)]),
  ];
}

/** As wide as the tables above it. */
function columnsOf({ baseline, candidate }: ScenarioView['names']): readonly Column[] {
  return [
    { title: '', align: 'left', minWidth: 30 },
    { title: baseline, align: 'right', minWidth: 8 },
    { title: candidate, align: 'right', minWidth: 8 },
    { title: 'change', align: 'right', minWidth: 8 },
    { title: 'of it', align: 'right', minWidth: 5 },
    { title: 'calls', align: 'right', minWidth: 7 },
  ];
}

/** Nothing where no span stands out: then there is no reason to tell. */
function timeGroup(
  { operation, time }: Explanation,
  options: { readonly withService: boolean },
): readonly TableGroup[] {
  if (!time || causesOf(time).length === 0) return [];
  const shown = time.parts
    .filter((part) => Math.abs(part.shift) >= SHOWN * Math.abs(time.shift))
    .slice(0, MOST_PARTS);
  const others = time.parts.filter((part) => !shown.includes(part));
  const rest = {
    baseline: time.rest.baseline + total(others, 'baseline'),
    candidate: time.rest.candidate + total(others, 'candidate'),
    shift: time.rest.shift + total(others, 'shift'),
  };
  const what = time.by === 'critical-path' ? '' : ' (by self time)';
  return [
    {
      title: phrase`${name(operation)}: ${splitTitle(time)}${what}`,
      rows: [...shown.map((part) => partRow(part, time, options)), restRow(rest, time, others.length)],
      notes: [],
    },
  ];
}

function total(parts: readonly TimePart[], side: 'baseline' | 'candidate' | 'shift'): number {
  return parts.reduce((sum, part) => sum + part[side], 0);
}

function partRow(
  part: TimePart,
  split: TimeSplit,
  { withService }: { readonly withService: boolean },
): TableRow {
  const { calls } = part;
  const callText =
    Math.abs(calls.baseline - calls.candidate) < 0.01
      ? figure(calls.candidate)
      : `${figure(calls.baseline)} -> ${figure(calls.candidate)}`;
  const isWorse = causesOf(split).includes(part) && part.shift > 0;
  const subject = withService
    ? phrase`${name(part.span.service)} > ${name(part.span.name)}`
    : [name(part.span.name)];
  return {
    cells: [subject, ...figures(part, split), [callText]],
    tone: isWorse ? 'bad' : 'plain',
  };
}

/** So that the rows of an operation add up to its change. */
function restRow(
  rest: { readonly baseline: number; readonly candidate: number; readonly shift: number },
  split: TimeSplit,
  others: number,
): TableRow {
  const spans = others === 0 ? '' : `${counted(others, 'other span')} and `;
  return { cells: [[`${spans}the rest`], ...figures(rest, split), []], tone: 'quiet' };
}

function figures(
  part: { readonly baseline: number; readonly candidate: number; readonly shift: number },
  split: TimeSplit,
): readonly Phrase[] {
  const share = split.shift === 0 ? '' : signedShare(part.shift / split.shift);
  return [
    [seconds(part.baseline)],
    [seconds(part.candidate)],
    [secondsShift(part.shift, Math.max(Math.abs(part.baseline), Math.abs(part.candidate)))],
    [share],
  ];
}

function signedShare(share: number): string {
  return `${share < 0 ? '-' : ''}${changePercent(Math.abs(share))}`;
}

function linesSection(lines: readonly Phrase[]): Section {
  const more = lines.length - MOST_LINES;
  return {
    title: `Calls, errors and names (${lines.length})`,
    tone: 'plain',
    folded: false,
    drawn: true,
    lines: [
      ...lines.slice(0, MOST_LINES),
      ...(more > 0 ? [[`and ${count(more)} more, which the HTML report has`]] : []),
    ],
  };
}
