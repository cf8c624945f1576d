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
  const { rows } = calibration;
  if (rows.length === 0) return [];
  return [noiseSection(rows), findsSection(calibration), unableSection(calibration)].filter(
    (section) => section !== null,
  );
}

function noiseSection(rows: readonly CalibratedRow[]): Section {
  return {
    title: `What equal builds differ by (${counted(rows.length, 'row')})`,
    tone: 'plain',
    folded: false,
    screenRows: SCREEN_ROWS,
    lines: [['noise: standard deviation between instances; A/A: head against base, ± standard error']],
    table: {
      columns: [{ title: 'row', align: 'left' }, ...['value', 'samples', 'noise', 'A/A'].map(right)],
      groups: grouped(rows, ({ value, unit, samples, noise }) => [
        rowValue(value, unit),
        count(samples),
        noise === null ? '-' : changePercent(noise.spread),
        noise === null ? '-' : `${signedPercent(noise.shift)} ± ${changePercent(noise.error)}`,
      ]),
    },
  };
}

function findsSection({ rows, gateRounds }: Calibration): Section {
  const known = rows.find((row) => row.noise !== null)?.noise?.detectable ?? [];
  const titles = [...known.map(({ rounds }) => counted(rounds, 'round')), 'a minute', 'limit', 'needs'];
  return {
    title: 'Smallest change that is found nine times in ten',
    tone: 'plain',
    folded: false,
    screenRows: SCREEN_ROWS,
    lines: [
      [
        `needs: rounds until a change as large as the limit is found; a gate has ${counted(gateRounds, 'round')} for that`,
      ],
    ],
    table: {
      columns: [{ title: 'row', align: 'left' }, ...titles.map(right)],
      groups: grouped(rows, ({ noise, inForce, state }) => [
        ...known.map((_, index) => changeText(noise?.detectable[index]?.change)),
        changeText(noise?.perMinute),
        state === 'off' ? 'off' : changePercent(inForce),
        noise?.roundsNeeded == null ? '-' : count(noise.roundsNeeded),
      ]),
    },
  };
}

function changeText(change: number | undefined): string {
  return change === undefined ? '-' : changePercent(change);
}

function unableSection(calibration: Calibration): Section | null {
  const unable = calibration.rows.filter(({ state }) => state !== 'gates' && state !== 'off');
  if (unable.length === 0) return null;
  return {
    title: `Cannot gate (${unable.length})`,
    tone: 'caution',
    folded: false,
    lines: unable.map(
      (row) => phrase`${titleOf(row)} of ${name(row.operation)}: ${whyText(row, calibration)}`,
    ),
  };
}

function whyText(row: CalibratedRow, { gateRounds }: Calibration): string {
  switch (row.state) {
    case 'too-few-samples':
      return `${counted(row.samples, 'sample')} an instance are too few${helpText(row)}`;
    case 'incomplete':
      return 'not every instance has it';
    default:
      return `${counted(gateRounds, 'round')} cannot tell a change of ${percent(row.inForce)} from noise${helpText(row)}`;
  }
}

function helpText({ help }: CalibratedRow): string {
  const ways: string[] = [];
  if (help?.rounds) ways.push(`${counted(help.rounds.count, 'round')} (${wallTime(help.rounds.seconds)})`);
  if (help?.durationSeconds) ways.push(`rounds of ${wallTime(help.durationSeconds)}`);
  return ways.length === 0 ? '' : `; ${ways.join(', or ')} would do`;
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
  if (state === 'off') return 'quiet';
  return state === 'gates' ? 'plain' : 'caution';
}
