/** What was compared with what, and how: the facts of a comparison. */
import type { Comparison, Side, TogetherFacts } from '../compare/comparison.ts';
import type { Commit } from '../measurement.ts';
import { name, type Phrase, phrase } from './phrase.ts';
import { age, counted, percent, wallTime } from './units.ts';
import type { Fact } from './view-model.ts';

export interface SideNames {
  readonly baseline: string;
  readonly candidate: string;
}

/** Longer ones would push the figures of a table out of sight. */
const SHORT_NAME = /^[A-Za-z][A-Za-z0-9.-]{0,11}$/;

/** What the two sides are called in this report. */
export function sideNames({ names, mode }: Comparison): SideNames {
  const usual = mode === 'together' ? { baseline: 'base', candidate: 'head' } : null;
  const given = names ?? usual ?? { baseline: 'baseline', candidate: 'candidate' };
  const isShort = SHORT_NAME.test(given.baseline) && SHORT_NAME.test(given.candidate);
  return isShort ? given : { baseline: 'A', candidate: 'B' };
}

export function comparedFacts(comparison: Comparison): readonly Fact[] {
  const { baseline, candidate } = comparison;
  const facts: Fact[] = [{ label: 'scenario', text: [name(comparison.scenario)] }];
  if (comparison.mode === 'together') facts.push(...togetherFacts(comparison));
  else facts.push(...storedFacts(comparison));
  if (candidate.environment !== '') facts.push({ label: 'machine', text: [candidate.environment] });
  if (baseline && baseline.environment !== candidate.environment) {
    facts.push({ label: `${sideNames(comparison).baseline} on`, text: [baseline.environment] });
  }
  return facts;
}

function togetherFacts(comparison: Comparison): readonly Fact[] {
  const { baseline, candidate, together, policy, seed } = comparison;
  const names = sideNames(comparison);
  const sides: Fact[] = [
    ...(baseline ? [{ label: names.baseline, text: commitText(baseline) }] : []),
    { label: names.candidate, text: commitText(candidate) },
  ];
  if (!together) return sides;
  const { exchangeable } = together;
  const what =
    exchangeable === 'instances'
      ? 'by relabelling instances, any of which may trade places'
      : 'by relabelling whole arms, since a dependency is tied to each';
  return [
    ...sides,
    { label: 'measured', text: [amountTogether(together)] },
    ...(together.load === undefined ? [] : [{ label: 'load', text: [LOADS[together.load]] }]),
    {
      label: 'judged',
      text: [`${what}; profile ${policy.profile}, alpha ${percent(policy.alpha.confirm)}, seed ${seed}`],
    },
  ];
}

/** `base a81be02 and head 3f2a91c (with changes not committed) side by side: 4 + 4 instances, 3 + 3 rounds, seed 42` */
export function togetherLead(comparison: Comparison): Phrase | null {
  const { baseline, candidate, together, seed } = comparison;
  if (!together || !baseline) return null;
  const names = sideNames(comparison);
  const { instances, screenRounds, confirmRounds } = together;
  const confirming = confirmRounds === 0 ? '' : ` + ${confirmRounds}`;
  const rounds = `${screenRounds}${confirming} ${screenRounds + confirmRounds === 1 ? 'round' : 'rounds'}`;
  const sides = phrase`${names.baseline}${shortCommit(baseline)} and ${names.candidate}${shortCommit(candidate)}`;
  const time = together.seconds > 0 ? `, ${wallTime(together.seconds)}` : '';
  return phrase`${sides} side by side: ${instances} + ${instances} instances, ${rounds}${time}, seed ${seed}`;
}

function shortCommit({ commit }: Side): Phrase {
  if (!commit) return [];
  return phrase` ${name(commit.sha.slice(0, 7))}${commit.dirty ? ' (with changes not committed)' : ''}`;
}

const LOADS: Readonly<Record<NonNullable<TogetherFacts['load']>, string>> = {
  interleaved:
    'interleaved: a fixed number of requests in flight, to the instances of both in shuffled turns',
  closed: 'closed: every connection of both sides sends as soon as it was answered',
  open: 'open: requests are due at times of their own, and go to a side at random',
  command: 'by a command: one run of it an instance, all at the same time and with the same seed',
};

/** `side by side on one machine, 4 + 4 instances a round, 3 rounds and 3 that confirm, 62 s` */
function amountTogether({ instances, screenRounds, confirmRounds, seconds }: TogetherFacts): string {
  const confirming =
    confirmRounds === 0 ? '' : ` and ${confirmRounds} that ${confirmRounds === 1 ? 'confirms' : 'confirm'}`;
  const time = seconds > 0 ? `, ${wallTime(seconds)}` : '';
  return `side by side on one machine, ${instances} + ${instances} instances a round, ${counted(screenRounds, 'round')}${confirming}${time}`;
}

const STORED_TEXTS: Readonly<Record<Exclude<Comparison['mode'], 'together'>, string>> = {
  stored: 'against a stored baseline',
  none: 'nothing to compare with',
};

function storedFacts(comparison: Comparison): readonly Fact[] {
  const { baseline, candidate, confirmation, policy, mode, seed } = comparison;
  const names = sideNames(comparison);
  const facts: Fact[] = [{ label: names.candidate, text: sideText(candidate) }];
  if (baseline) {
    const old = (Date.parse(candidate.createdAt) - Date.parse(baseline.createdAt)) / 1000;
    const ageText = mode === 'stored' && Number.isFinite(old) ? `, ${age(old)} older` : '';
    facts.push({
      label: names.baseline,
      text: phrase`${sideText(baseline)}${ageText}${distanceText(comparison)}`,
    });
  }
  facts.push(...historyFacts(comparison));
  const confirmed = confirmation ? phrase`, confirmed with ${amountText(confirmation)}` : [];
  const how = mode === 'together' ? '' : STORED_TEXTS[mode];
  facts.push({
    label: 'judged',
    text: phrase`${how}${confirmed}; profile ${policy.profile}, alpha ${percent(policy.alpha.confirm)}, seed ${seed}`,
  });
  return facts;
}

/** `, 3 commits before` */
function distanceText({ history }: Comparison): string {
  if (!history || history.distance === null) return '';
  return history.distance === 0 ? ', of the same commit' : `, ${counted(history.distance, 'commit')} before`;
}

/** The stored runs of the machine, and the fixed one that creep is measured from. */
function historyFacts({ history }: Comparison): readonly Fact[] {
  if (!history) return [];
  const { runs, fingerprint, anchor } = history;
  const facts: Fact[] = [
    {
      label: 'history',
      text: [`${counted(runs, 'stored run')} of this machine (${fingerprint}) and workload`],
    },
  ];
  if (anchor) facts.push({ label: 'anchor', text: phrase`${name(anchor.name)}: ${sideText(anchor.side)}` });
  return facts;
}

/** `3f2a91c on feature/summary with changes not committed` */
export function commitText({ commit, source }: Side): Phrase {
  if (source !== undefined) return commit ? phrase`${name(source)}, ${shaText(commit)}` : [name(source)];
  return commit ? shaText(commit) : ['no commit'];
}

function shaText(commit: Commit): Phrase {
  const branch = commit.branch === null ? [] : phrase` on ${name(commit.branch)}`;
  return phrase`${name(commit.sha.slice(0, 7))}${branch}${commit.dirty ? ' with changes not committed' : ''}`;
}

function sideText(side: Side): Phrase {
  return phrase`${commitText(side)}, ${amountText(side)}`;
}

function amountText(side: Side): string {
  return `${counted(side.rounds, 'round')}, ${counted(side.instances, 'instance')}`;
}
