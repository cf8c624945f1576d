/** Waivers in the commits of a change. */
import { parseWaiverTrailer, WAIVER_TRAILER } from '../config/waiver-trailer.ts';
import type { Config, Waiver } from '../config.ts';
import type { Warning } from '../measurement.ts';
import { readTrailers, type TrailersOfCommits } from '../runner/checkout/commit-trailers.ts';
import type { Git } from '../runner/checkout/git.ts';

export interface CommitWaivers {
  /** Newest commit first; what several commits say in the same words is listed once. */
  readonly waivers: readonly Waiver[];
  /** Of trailers that could not be read, each with its commit. */
  readonly warnings: readonly Warning[];
}

/**
 * Reads `Spangate-Accept` of the commits that head has and base has not.
 *
 * @throws UserError as `readTrailers`
 */
export async function readCommitWaivers(
  git: Git,
  range: { readonly base: string; readonly head: string },
): Promise<CommitWaivers> {
  return commitWaiversOf(await readTrailers(git, range, PREFIX));
}

/** The same configuration, where every scenario has the waivers as well. */
export function withWaivers(config: Config, waivers: readonly Waiver[]): Config {
  if (waivers.length === 0) return config;
  const scenarios = config.scenarios.map((scenario) => ({
    ...scenario,
    policy: { ...scenario.policy, waivers: [...(scenario.policy.waivers ?? []), ...waivers] },
  }));
  return { ...config, scenarios };
}

/** Of every trailer that is for spangate: a mistyped one is told rather than passed over. */
const PREFIX = 'Spangate-';

/** Nobody reads more. */
const MOST_WARNINGS = 10;

export function commitWaiversOf({ commits, isComplete }: TrailersOfCommits): CommitWaivers {
  const waivers = new Map<string, Waiver>();
  const mistakes: Warning[] = [];
  for (const { sha, trailers, misplaced } of commits) {
    const commit = sha.slice(0, 7);
    for (const { name, value } of trailers) {
      if (name.toLowerCase() !== WAIVER_TRAILER.toLowerCase()) {
        mistakes.push(notRead(commit, `${name}: ${value}`, `the only trailer is ${WAIVER_TRAILER}`));
        continue;
      }
      const parsed = parseWaiverTrailer(value);
      if ('mistake' in parsed) mistakes.push(notRead(commit, `${name}: ${value}`, parsed.mistake));
      else for (const fields of parsed.waivers) add(waivers, { ...fields, source: { kind: 'commit', sha } });
    }
    for (const line of misplaced) {
      const reason =
        'it is not in the last paragraph of the message, where git looks for trailers; that paragraph holds nothing else';
      mistakes.push(notRead(commit, line, reason));
    }
  }
  return { waivers: [...waivers.values()], warnings: [...shown(mistakes), ...(isComplete ? [] : [CUT])] };
}

function add(waivers: Map<string, Waiver>, waiver: Waiver): void {
  const { source, ...fields } = waiver;
  const key = JSON.stringify(fields);
  if (!waivers.has(key)) waivers.set(key, waiver);
}

/** As much as it takes to find the line. */
const LONGEST_QUOTE = 120;

function notRead(commit: string, line: string, mistake: string): Warning {
  const quote = line.length > LONGEST_QUOTE ? `${line.slice(0, LONGEST_QUOTE)}…` : line;
  return {
    code: 'waiver-not-read',
    message: `Commit ${commit} accepts nothing by ${JSON.stringify(quote)}: ${mistake}.`,
  };
}

function shown(mistakes: readonly Warning[]): readonly Warning[] {
  if (mistakes.length <= MOST_WARNINGS) return mistakes;
  const rest = mistakes.length - MOST_WARNINGS;
  const message = `${rest} more trailers of these commits could not be read.`;
  return [...mistakes.slice(0, MOST_WARNINGS), { code: 'waiver-not-read', message }];
}

const CUT: Warning = {
  code: 'commits-not-fetched',
  message: `Not all commits since base are here, so that a ${WAIVER_TRAILER} in another one was not seen: git fetch --unshallow, or fetch-depth: 0 on GitHub.`,
};
