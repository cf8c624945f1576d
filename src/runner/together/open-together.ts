/** Opens a run of two builds on one machine at the same time. */
import type { ArmPair, Measurement } from '../../measurement.ts';
import type { ProcessRegistry } from '../process-registry.ts';
import type { RunProgress } from '../run-progress.ts';
import type { ArmSource, Stage, TogetherRun } from './together-run.ts';

export interface TogetherOptions {
  /** Set up already; both scenarios have the same load, rounds, dependencies by name, and names of services. */
  readonly base: ArmSource;
  readonly head: ArmSource;
  /** Decides all that is drawn: which position is which arm, the order of starts, ports, the order of requests. */
  readonly seed: number;
  /** Environment of spangate; what must not reach the services is taken out. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  readonly registry: ProcessRegistry;
  /** Folder for logs and recordings; it exists. */
  readonly directory: string;
  readonly progress: RunProgress;
  readonly now: () => Date;
  /** Name and version of this program. */
  readonly tool: string;
  /** Called after every round with its stage so far, so that finished rounds are never lost. */
  readonly onRound?: (stage: Stage, soFar: ArmPair<Measurement>) => Promise<void>;
  /**
   * Variables for all services of one arm, such as those of an injected change, over those of the configuration. The
   * environment of the other arm is filled up to the same size.
   */
  readonly env?: Partial<ArmPair<Readonly<Record<string, string>>>>;
}

/**
 * Starts the dependencies of both arms; no service yet.
 *
 * @throws UserError as `startDependencies`; nothing runs then
 */
export async function openTogether(options: TogetherOptions): Promise<TogetherRun> {
  throw new Error(`not there yet: ${options.tool}`);
}
