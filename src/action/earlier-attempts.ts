/** What earlier attempts of this run found in the same commit, by the ledger. */
import { configurationOf, failuresByScenario, projectOf, readLedger, remoteOf } from '../commands/ledger.ts';
import type { GateResult } from '../compare/comparison.ts';
import type { EarlierFailure } from '../compare/earlier-attempts.ts';
import type { Config } from '../config.ts';
import { UserError } from '../errors.ts';
import type { ActionContext } from './context.ts';
import { measuredSha } from './measured-sha.ts';
import { attemptOf, jobKey } from './run-ledger.ts';

export interface EarlierFailures {
  /** By the name of the scenario. */
  readonly failures: ReadonlyMap<string, readonly EarlierFailure[]>;
  readonly problems: readonly string[];
}

const NONE: EarlierFailures = { failures: new Map(), problems: [] };

/** The same commit, compared with the same base by the same configuration, in the same job of the same run. */
export async function earlierFailures(
  context: ActionContext,
  { result, config }: { readonly result: GateResult; readonly config: Config },
): Promise<EarlierFailures> {
  const { inputs, world } = context;
  const attempt = attemptOf(context);
  const run = world.env.GITHUB_RUN_ID ?? '';
  if (attempt === 1 || run === '' || inputs.ledger === 'never') return NONE;
  try {
    const { runs } = await readLedger(world, { remote: remoteOf(config) });
    const same = {
      ...{ run, commit: measuredSha(context, result.comparisons), job: jobKey(context) },
      ...{ project: await projectOf(world, config), configuration: configurationOf(config) },
    };
    const earlier = runs.filter(
      (each) =>
        each.attempt < attempt &&
        Object.entries(same).every(([key, value]) => each[key as keyof typeof same] === value),
    );
    if (earlier.length === 0) {
      world.stderr.write('spangate: no earlier attempt of this run is in the ledger: measured anew\n');
    }
    return { failures: failuresByScenario(result, earlier), problems: [] };
  } catch (error) {
    world.signal.throwIfAborted();
    const reason = error instanceof UserError ? error.message : String(error);
    return { ...NONE, problems: [`What earlier attempts of this run found is not known: ${reason}`] };
  }
}
