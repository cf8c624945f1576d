/** The tables of a calibration: what equal builds differ by, what a gate finds, and what keeps rows from gating. */
import type { CalibratedRow } from '../compare/calibrated-row.ts';
import type { Calibration } from '../compare/calibration.ts';
import type { Column, Section, TableGroup, TableRow, Tone } from './document.ts';
import { name, type Phrase, phrase } from './phrase.ts';
import { QUANTITY_NAMES } from './row-sentence.ts';
import { changePercent, count, counted, percent, rowValue, signedPercent, wallTime } from './units.ts';

const right = (title: string): Column => ({ title, align: 'right' });

/** More rows than this are a listing: one screen shows those that cannot gate first, and counts the rest. */
const SCREEN_ROWS = 40;

export function calibrationSections(calibration: Calibration): readonly Section[] {
  const gated = calibration.rows.filter(({ state }) => state !== 'off');
  return [noiseSection(gated), findsSection(gated, calibration), unableSection(gated, calibration)].filter(
    (section) => section !== null,
  );
}

function noiseSection(rows: readonly CalibratedRow[]): Section | null {
  if (rows.length === 0) return null;
  return {
    title: `What equal builds differ by (${counted(rows.length, 'row')})`,
    tone: 'plain',
    folded: false,
    screenRows: SCREEN_ROWS,
    lines: [['noise: standard deviation between instances; A/A: head against base, ± standard error']],
    table: {
      columns: [{ title: 'row', align: 'left' }, ...['value', 'samples', 'noise', 'A/A'].map(right)],
      groups: grouped(rows, ({ value, unit, samples, noise }) => [
        rowValue(value, { unit }),
        count(samples),
        noise === null ? '-' : changePercent(noise.spread),
        noise === null ? '-' : `${signedPercent(noise.shift)} ± ${changePercent(noise.error)}`,
      ]),
    },
  };
}

function findsSection(rows: readonly CalibratedRow[], { gateRounds }: Calibration): Section | null {
  const able = rows.filter(({ noise }) => noise !== null);
  const known = able[0]?.noise?.detectable;
  if (!known) return null;
  const titles = [...known.map(({ rounds }) => counted(rounds, 'round')), 'a minute', 'limit', 'needs'];
  return {
    title: 'Smallest change that is found nine times in ten',
    tone: 'plain',
    folded: false,
    screenRows: SCREEN_ROWS,
    lines: [
      [
        `limit: its share, or what "at-least" makes of it; needs: rounds until a change as large as the limit is found; a gate has ${counted(gateRounds, 'round')} for that`,
      ],
    ],
    table: {
      columns: [{ title: 'row', align: 'left' }, ...titles.map(right)],
      groups: grouped(able, ({ noise, inForce }) => [
        ...known.map((_, index) => changeText(noise?.detectable[index]?.change)),
        changeText(noise?.perMinute),
        changePercent(inForce),
        noise?.roundsNeeded == null ? '-' : count(noise.roundsNeeded),
      ]),
    },
  };
}

function changeText(change: number | undefined): string {
  return change === undefined ? '-' : changePercent(change);
}

function unableSection(rows: readonly CalibratedRow[], calibration: Calibration): Section | null {
  const unable = rows.filter(({ state }) => state !== 'gates');
  if (unable.length === 0) return null;
  return {
    title: `Cannot gate (${unable.length})`,
    tone: 'caution',
    folded: false,
    lines: [
      ...unable
        .slice(0, NAMED)
        .map((row) => phrase`${titleOf(row)} of ${name(row.operation)}: ${whyText(row, calibration)}`),
      ...(unable.length > NAMED ? [[`and ${unable.length - NAMED} more`]] : []),
    ],
  };
}

/** More of them nobody reads; the tables and the JSON have all. */
const NAMED = 12;

function whyText(row: CalibratedRow, { gateRounds }: Calibration): string {
  switch (row.state) {
    case 'too-few-samples':
      return `${counted(row.samples, 'sample')} an instance are too few${helpText(row)}`;
    case 'too-few-labelings':
      return 'instances can be relabelled in too few ways for any verdict: measure more rounds';
    case 'incomplete':
      return 'not every instance has it';
    default:
      return `${counted(gateRounds, 'round')} cannot tell a change of ${percent(row.inForce)} from noise${helpText(row)}`;
  }
}

/** Nobody waits for more. */
const MOST_ROUNDS = 30;

function helpText({ help }: CalibratedRow): string {
  const ways: string[] = [];
  if (help?.rounds && help.rounds.count <= MOST_ROUNDS) {
    ways.push(`${counted(help.rounds.count, 'round')} (${wallTime(help.rounds.seconds)})`);
  }
  if (help?.durationSeconds) ways.push(`rounds of ${wallTime(help.durationSeconds)}`);
  return ways.length === 0 ? '' : `; ${ways.join(' or ')} would do`;
}

function grouped(
  rows: readonly CalibratedRow[],
  cellsOf: (row: CalibratedRow) => readonly string[],
): TableGroup[] {
  const groups = new Map<string, TableRow[]>();
  for (const row of rows) {
    const members = groups.get(row.operation) ?? [];
    groups.set(row.operation, members);
    members.push({ cells: [titleOf(row), ...cellsOf(row).map((cell) => [cell])], tone: toneOf(row) });
  }
  return [...groups].map(([operation, members]) => ({ title: [name(operation)], rows: members, notes: [] }));
}

function titleOf({ span, quantity }: CalibratedRow): Phrase {
  const what = QUANTITY_NAMES[quantity];
  return span === null ? [`client ${what}`] : phrase`${name(span.name)} ${what}`;
}

function toneOf({ state }: CalibratedRow): Tone {
  return state === 'gates' ? 'plain' : 'caution';
}
