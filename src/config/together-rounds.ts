/** The section `rounds.together`, complete with defaults. */
import type { Policy, TogetherRounds } from '../config.ts';
import type { DataPath } from '../schema.ts';
import { DEFAULT_TOGETHER, ROUND_OVERHEAD_SECONDS } from './defaults.ts';
import type { Report } from './findings.ts';
import type { ProbeSection, TogetherSection } from './grammar/rounds.ts';
import { durationText, parseDuration } from './units.ts';

const PATH: DataPath = ['rounds', 'together'];

/**
 * Where something stays undecided. `strict` looks for half the change: within the default of the others, one in ten of
 * 3 % is not found, and a gate that needs no more is not longer for this (docs/statistics.md).
 */
const AT_MOST = {
  relaxed: { rounds: DEFAULT_TOGETHER.atMost, budget: DEFAULT_TOGETHER.budget },
  standard: { rounds: DEFAULT_TOGETHER.atMost, budget: DEFAULT_TOGETHER.budget },
  strict: { rounds: 7, budget: '6m' },
} as const;

/** A slot holds a ramp-up too, and some requests of a slow service. */
const SHORTEST_SLOT_SECONDS = 0.2;

export function normaliseTogether(
  section: TogetherSection,
  profile: Policy['profile'],
  report: Report,
): TogetherRounds {
  const { instances = 'auto', probe = {} } = section;
  const { screen = DEFAULT_TOGETHER.screen, confirm = DEFAULT_TOGETHER.confirm } = section;
  const durationSeconds = parseDuration(section.duration ?? DEFAULT_TOGETHER.duration);
  if (durationSeconds < 1) report.mistake([...PATH, 'duration'], 'must be at least 1s');
  const { rounds, budget } = AT_MOST[profile];
  const atMost = atMostOf(section, { stages: screen + confirm, rounds }, report);
  return {
    instances,
    screen,
    confirm,
    atMost,
    durationSeconds,
    budgetSeconds: budgetOf(
      { budget: section.budget, shortest: budget },
      { screen, atMost, durationSeconds },
      report,
    ),
    probe: probe === false ? null : probeOf(probe, report),
  };
}

function atMostOf(
  section: TogetherSection,
  { stages, rounds }: { readonly stages: number; readonly rounds: number },
  report: Report,
): number {
  const atMost = section['at-most'];
  if (atMost === undefined) return Math.max(rounds, stages);
  if (atMost < stages) {
    const message = `is too few: \`screen\` and \`confirm\` alone are ${stages} rounds`;
    report.mistake([...PATH, 'at-most'], message);
  }
  return atMost;
}

function budgetOf(
  { budget, shortest }: { readonly budget: string | undefined; readonly shortest: string },
  rounds: Pick<TogetherRounds, 'screen' | 'atMost' | 'durationSeconds'>,
  report: Report,
): number {
  const { screen, atMost, durationSeconds } = rounds;
  if (budget === undefined) {
    const seconds = atMost * (durationSeconds + ROUND_OVERHEAD_SECONDS);
    return Math.max(parseDuration(shortest), Math.ceil(seconds / 60) * 60);
  }
  const seconds = parseDuration(budget);
  const least = screen * durationSeconds;
  if (seconds < least) {
    const message = `is too little: ${screen} rounds take at least ${durationText(least)}, starts and stops not counted`;
    report.mistake([...PATH, 'budget'], message);
  }
  return seconds;
}

function probeOf(
  { connections = DEFAULT_TOGETHER.probe.connections, slot = DEFAULT_TOGETHER.probe.slot }: ProbeSection,
  report: Report,
): TogetherRounds['probe'] {
  const slotSeconds = parseDuration(slot);
  if (slotSeconds < SHORTEST_SLOT_SECONDS) {
    report.mistake([...PATH, 'probe', 'slot'], `must be at least ${durationText(SHORTEST_SLOT_SECONDS)}`);
  }
  return { connections, slotSeconds };
}
