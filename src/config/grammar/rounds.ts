/** `rounds`: how often and how long is measured. */
import type { Connections, Duration, InstanceCount, RoundCount, SideInstances } from './words.ts';

export interface RoundsSection {
  /**
   * Rounds. Each starts fresh instances.
   *
   * @default 4
   */
  count?: RoundCount;
  /**
   * Instances a round. With one, only counts and errors can fail the gate, since nothing then says how much one
   * start differs from the next. `auto` is 2.
   *
   * @default "auto"
   */
  instances?: 'auto' | InstanceCount;
  /**
   * Measured stretch of a round.
   *
   * @default "8s"
   */
  duration?: Duration;
  /**
   * Load that is thrown away before it. `auto` goes on until every instance had 500 requests and the median latency
   * stands still, or `max-warm-up` is reached.
   *
   * @default "auto"
   */
  'warm-up'?: 'auto' | Duration;
  /**
   * Longest warm-up where `warm-up` is `auto`.
   *
   * @default "20s"
   */
  'max-warm-up'?: Duration;
  /**
   * Wall time of the whole run; no further round is begun once it is used up. The default is what the rounds need at
   * most: count × (duration + longest warm-up + 10s), rounded up to whole minutes, at least 2m.
   */
  budget?: Duration;
  /** Where two builds are measured side by side (`gate --against`, `ab`). */
  together?: TogetherSection;
}

/** Rounds in which instances of two builds run side by side. Their warm-up is that of `rounds`. */
export interface TogetherSection {
  /**
   * Instances of each build in a round. `auto`: 4, fewer where memory or the time that starts take does not allow it.
   *
   * @default "auto"
   */
  instances?: 'auto' | SideInstances;
  /**
   * Rounds after which a build that looks no worse may pass.
   *
   * @default 1
   */
  screen?: RoundCount;
  /**
   * Further rounds that confirm what looks worse.
   *
   * @default 2
   */
  confirm?: RoundCount;
  /**
   * Rounds at most, where something stays undecided; at least `screen` and `confirm` together. With `profile: strict`, 7.
   *
   * @default 5
   */
  'at-most'?: RoundCount;
  /**
   * Measured stretch of a round.
   *
   * @default "24s"
   */
  duration?: Duration;
  /**
   * Wall time of all rounds; none is begun once it is used up. Set-up is not counted. Longer rounds have a longer
   * default: at-most × (duration + 10s), rounded up to whole minutes. With `profile: strict`, 6m.
   *
   * @default "4m"
   */
  budget?: Duration;
  /**
   * The concurrency probe, which loads one instance after the other by several connections at the end of a round;
   * `false` for none.
   */
  probe?: false | ProbeSection;
}

/** @title a mapping of `connections` and `slot` */
export interface ProbeSection {
  /**
   * Connections to the instance that is loaded, each with one request in flight.
   *
   * @default 8
   */
  connections?: Connections;
  /**
   * How long each instance is loaded.
   *
   * @default "1s"
   */
  slot?: Duration;
}
