/** Where in the configuration the limits stand that a result has exceeded, or that a change has loosened. */
import type { Comparison, GateResult, Row } from '../compare/comparison.ts';
import { ruleMatches } from '../compare/policy.ts';
import type { Config, Policy } from '../config.ts';
import { looseningSentences } from '../report/accepted.ts';
import { type Phrase, plainText } from '../report/phrase.ts';
import { logLine } from '../report/safe-text.ts';
import { viewOf } from '../report/view.ts';

export interface LimitPlace {
  readonly kind: 'failed' | 'loosened';
  /** One line without characters that a runner would take for a command. */
  readonly sentence: string;
  /** Absolute; null where the configuration is no file. */
  readonly file: string | null;
  /** 1 where the limit is a default of its profile. */
  readonly line: number;
}

/** Failed rows first, in the order of the report: one place for each finding. */
export function limitPlaces(config: Config, result: GateResult): readonly LimitPlace[] {
  const { file } = config;
  const policies = new Map(config.scenarios.map(({ name, policy }) => [name, policy]));
  const failed = viewOf(result).scenarios.flatMap(({ name, failed: findings }) =>
    findings.map(({ sentence, rows }): LimitPlace => {
      const row = rows.find(({ outcome }) => outcome === 'fail') ?? rows[0];
      const line = limitLine(policies.get(name), row);
      return { kind: 'failed', sentence: oneLine(sentence), file, line };
    }),
  );
  const loosened = result.comparisons.flatMap((comparison) => loosenedPlaces(comparison, file));
  return [...failed, ...loosened];
}

/** Of the last rule that sets the quantity, else of the limit itself, else of the profile. */
export function limitLine(policy: Policy | undefined, row: Row): number {
  if (policy === undefined) return 1;
  const rule = policy.rules.findLast(
    (each) => each.quantities[row.quantity] !== undefined && ruleMatches(each, row),
  );
  const { lines = {} } = policy;
  return rule?.line ?? lines[row.quantity] ?? lines.profile ?? 1;
}

function loosenedPlaces(comparison: Comparison, file: string | null): readonly LimitPlace[] {
  const sentences = looseningSentences(comparison);
  return (comparison.loosened ?? []).flatMap(({ line }, index) => {
    const sentence = sentences[index];
    return sentence === undefined
      ? []
      : [{ kind: 'loosened' as const, sentence: oneLine(sentence), file, line: line ?? 1 }];
  });
}

function oneLine(sentence: Phrase): string {
  return logLine(plainText(sentence));
}
