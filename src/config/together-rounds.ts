/** The section `rounds.together`, complete with defaults. */
import type { Policy, TogetherRounds } from '../config.ts';
import type { DataPath } from '../schema.ts';
import { DEFAULT_TOGETHER, ROUND_OVERHEAD_SECONDS } from './defaults.ts';
import type { Report } from './findings.ts';
import type { ProbeSection, TogetherSection } from './grammar/rounds.ts';
import { durationText, parseDuration } from './units.ts';

const PATH: DataPath = ['rounds', 'together'];

/** Defaults that depend on the profile: for how long what stays undecided is measured. */
interface Longest {
  readonly atMost: number;
  readonly budget: string;
}

/**
 * `strict` looks for half the change: within the default of the others, nearly one change of 3 % in ten is not found, and
 * a gate that needs no more is not longer for this (docs/statistics.md).
 */
const STRICT: Longest = { atMost: 7, budget: '6m' };

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
  const longest = profile === 'strict' ? STRICT : DEFAULT_TOGETHER;
  const atMost = atMostOf({ ...section, stages: screen + confirm }, longest, report);
  return {
    instances,
    screen,
    confirm,
    atMost,
    durationSeconds,
    budgetSeconds: budgetOf({ ...section, screen, atMost, durationSeconds }, longest, report),
    probe: probe === false ? null : probeOf(probe, report),
  };
}

function atMostOf(
  { 'at-most': atMost, stages }: Pick<TogetherSection, 'at-most'> & { readonly stages: number },
  longest: Longest,
  report: Report,
): number {
  if (atMost === undefined) return Math.max(longest.atMost, stages);
  if (atMost < stages) {
    const message = `is too few: \`screen\` and \`confirm\` alone are ${stages} rounds`;
    report.mistake([...PATH, 'at-most'], message);
  }
  return atMost;
}

function budgetOf(
  {
    budget,
    screen,
    atMost,
    durationSeconds,
  }: Pick<TogetherSection, 'budget'> & Pick<TogetherRounds, 'screen' | 'atMost' | 'durationSeconds'>,
  longest: Longest,
  report: Report,
): number {
  if (budget === undefined) {
    const seconds = atMost * (durationSeconds + ROUND_OVERHEAD_SECONDS);
    return Math.max(parseDuration(longest.budget), Math.ceil(seconds / 60) * 60);
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
