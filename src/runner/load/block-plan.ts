/**
 * Who is sent what next: blocks in which every target has one turn, in shuffled order, all with the same content
 * (common random numbers, blocked randomisation). A change of the machine's speed that is longer than a block meets
 * all targets alike, and no target is sent harder requests than another.
 */
import { type Random, shuffled } from '../../random.ts';
import { Cursor, type Names, type Workload } from './workload.ts';

export interface BlockOptions {
  /** How many there are. */
  readonly targets: number;
  /** Sessions of each target; they take turns block by block. */
  readonly sessions: number;
  /** How many requests with `writes: true` each target may be sent. */
  readonly writes: number;
  readonly random: Random;
}

/** Fields tell what `advance` chose. */
export class BlockPlan {
  /** Of the target. */
  position = 0;
  request = 0;
  slot = 0;
  session = 0;
  readonly #cursor: Cursor;
  readonly #options: BlockOptions;
  #order: readonly number[];
  #turn = 0;
  #blocks = 0;

  constructor(workload: Workload, options: BlockOptions) {
    this.#cursor = new Cursor(workload, options.writes);
    this.#options = options;
    this.#order = Array.from({ length: options.targets }, (_, position) => position);
  }

  /** Whether all targets have been sent the same. */
  get atBoundary(): boolean {
    return this.#turn === 0;
  }

  /** Blocks that are complete. */
  get blocks(): number {
    return this.#turn === 0 ? this.#blocks : this.#blocks - 1;
  }

  /**
   * Goes to the next turn, of which the first of a block chooses what all targets are sent.
   *
   * @param known names that have a value in a session of every target
   * @returns false where nothing can be sent
   */
  advance(known: (session: number) => Names): boolean {
    if (this.#turn === 0 && !this.#beginBlock(known)) return false;
    this.position = this.#order[this.#turn] as number;
    this.#turn = (this.#turn + 1) % this.#order.length;
    return true;
  }

  #beginBlock(known: (session: number) => Names): boolean {
    const session = this.#blocks % this.#options.sessions;
    if (!this.#cursor.advance(known(session))) return false;
    this.session = session;
    this.request = this.#cursor.request;
    this.slot = this.#cursor.slot;
    this.#order = shuffled(this.#order, this.#options.random);
    this.#blocks += 1;
    return true;
  }
}
