/** The section `rounds`, complete with defaults. */
import type { Rounds } from '../config.ts';
import {
  DEFAULT_DURATION,
  DEFAULT_INSTANCES,
  DEFAULT_MAX_WARM_UP,
  DEFAULT_ROUNDS,
  DEFAULT_TOGETHER,
  LEAST_BUDGET_SECONDS,
  ROUND_OVERHEAD_SECONDS,
} from './defaults.ts';
import type { Report } from './findings.ts';
import type { ScenarioSection } from './grammar/config-file.ts';
import type { RoundsSection } from './grammar/rounds.ts';
import { loadedUrl } from './running-service.ts';
import { normaliseTogether } from './together-rounds.ts';
import { durationText, parseDuration } from './units.ts';

export function normaliseRounds(section: ScenarioSection, report: Report): Rounds {
  const rounds: RoundsSection = section.rounds ?? {};
  const { count = DEFAULT_ROUNDS } = rounds;
  const instances = instancesOf(section, report);
  const durationSeconds = parseDuration(rounds.duration ?? DEFAULT_DURATION);
  // The load generator ends a run on a tick of one second.
  if (durationSeconds < 1) report.mistake(['rounds', 'duration'], 'must be at least 1s');
  const warmUp = warmUpOf(rounds, report);
  const roundSeconds = durationSeconds + (warmUp.kind === 'fixed' ? warmUp.seconds : warmUp.atMostSeconds);
  return {
    count,
    instances,
    durationSeconds,
    warmUp,
    budgetSeconds:
      rounds.budget === undefined
        ? defaultBudget(count, roundSeconds)
        : budgetOf(
            rounds.budget,
            count,
            durationSeconds + (warmUp.kind === 'fixed' ? warmUp.seconds : 0),
            report,
          ),
    together: {
      ...normaliseTogether(rounds.together ?? {}, section.limits?.profile ?? 'standard', report),
      ...togetherWarmUp(rounds),
      // Only HTTP is sent by the probe.
      ...((section.load?.command ?? section.load?.grpc) !== undefined && { probe: null }),
    },
  };
}

/** A service that runs already is one process, however often it is looked at. */
function instancesOf(section: ScenarioSection, report: Report): number {
  const given = section.rounds?.instances ?? 'auto';
  const running = loadedUrl(section);
  if (running !== null) {
    const message = `${running} gets the load and runs already, so all rounds measure one process`;
    if (given !== 'auto' && given > 1) report.mistake(['rounds', 'instances'], `has to be 1: ${message}`);
    const consequence = 'only counts and errors can fail the gate; times are shown';
    report.doubt(['services', running, 'url'], 'single-instance', `${message}: ${consequence}`);
    return 1;
  }
  if (given === 1) {
    const message = 'with one instance a round, only counts and errors can fail the gate; times are shown';
    report.doubt(['rounds', 'instances'], 'single-instance', message);
  }
  return given === 'auto' ? DEFAULT_INSTANCES : given;
}

function warmUpOf(rounds: RoundsSection, report: Report): Rounds['warmUp'] {
  const { 'warm-up': warmUp = 'auto', 'max-warm-up': most } = rounds;
  if (warmUp !== 'auto') {
    if (most !== undefined) {
      const message = `has no effect beside \`warm-up: ${warmUp}\`; it belongs to \`warm-up: auto\``;
      report.mistake(['rounds', 'max-warm-up'], message, 'key');
    }
    return { kind: 'fixed', seconds: parseDuration(warmUp) };
  }
  const atMostSeconds = parseDuration(most ?? DEFAULT_MAX_WARM_UP);
  if (atMostSeconds < 1) report.mistake(['rounds', 'max-warm-up'], 'must be at least 1s');
  return { kind: 'auto', atMostSeconds };
}

/** A shorter one than where one build is measured alone, unless the file says how long it is to be. */
function togetherWarmUp(rounds: RoundsSection): Pick<Rounds['together'], 'warmUp'> {
  const isGiven = rounds['max-warm-up'] !== undefined || (rounds['warm-up'] ?? 'auto') !== 'auto';
  if (isGiven) return {};
  return { warmUp: { kind: 'auto', atMostSeconds: parseDuration(DEFAULT_TOGETHER.maxWarmUp) } };
}

function defaultBudget(count: number, roundSeconds: number): number {
  const seconds = count * (roundSeconds + ROUND_OVERHEAD_SECONDS);
  return Math.max(LEAST_BUDGET_SECONDS, Math.ceil(seconds / 60) * 60);
}

function budgetOf(budget: string, count: number, leastRoundSeconds: number, report: Report): number {
  const seconds = parseDuration(budget);
  const least = count * leastRoundSeconds;
  if (seconds < least) {
    const message = `is too little: ${count} rounds take at least ${durationText(least)}, starts and stops not counted`;
    report.mistake(['rounds', 'budget'], message);
  }
  return seconds;
}
