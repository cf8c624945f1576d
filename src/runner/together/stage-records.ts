/** What the rounds of a stage add up to: a measurement of each build. */
import type { Arm, ArmPair, Measurement, WorkloadSummary } from '../../measurement.ts';
import { isDiskFull } from '../full-disk.ts';
import { ofArm } from '../of-arm.ts';
import { assertMeasurable, losesSpans } from '../quality.ts';
import type { RoundResult } from '../round.ts';
import { RunRecord, type RunRecordOptions } from '../run-record.ts';
import { ofOneArm } from './arm-split.ts';
import { type ProbedRound, probeOfArm, probeRound } from './probe-round.ts';
import type { ArmSource } from './together-run.ts';

export interface StageRecordsOptions extends Omit<RunRecordOptions, 'arm' | 'commit' | 'model'> {
  readonly model: WorkloadSummary['model'];
  readonly sources: ArmPair<ArmSource>;
  /** With the recordings. */
  readonly directory: string;
}

const ARMS: readonly Arm[] = ['base', 'head'];

export class StageRecords {
  readonly #options: StageRecordsOptions;
  readonly #records: ArmPair<RunRecord>;

  constructor(options: StageRecordsOptions) {
    this.#options = options;
    const recordOf = (arm: Arm) => new RunRecord({ ...options, arm, commit: options.sources[arm].commit });
    this.#records = { base: recordOf('base'), head: recordOf('head') };
  }

  /** Those that are invalid too. */
  get rounds(): number {
    return this.#records.head.rounds;
  }

  /**
   * @param arms by position
   * @throws UserError as `assertMeasurable`; it says which arm
   */
  add(finished: RoundResult, arms: readonly Arm[]): void {
    for (const arm of ARMS) this.#addRound(ofOneArm(finished, arms, arm), arm);
  }

  /** @param probed a round that was added */
  addProbe(probed: ProbedRound, arms: readonly Arm[]): void {
    const round = probeRound(probed);
    for (const arm of ARMS) {
      this.#records[arm].addProbe(probeOfArm(round, arms, arm));
      for (const warning of probed.probe.warnings) this.#records[arm].warn(warning);
    }
  }

  measurements(): ArmPair<Measurement> {
    const { base, head } = this.#records;
    return { base: base.measurement(), head: head.measurement() };
  }

  #addRound(finished: RoundResult, arm: Arm): void {
    const { scenario, directory } = this.#options;
    const fullFolder = losesSpans(finished) && isDiskFull(directory) ? directory : null;
    try {
      assertMeasurable(scenario, finished, fullFolder);
    } catch (error) {
      throw ofArm(error, arm);
    }
    this.#records[arm].add(finished, fullFolder);
  }
}
