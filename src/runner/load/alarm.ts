/**
 * Wakes the event loop at a given time, to a fifth of a millisecond. Timers of Node count whole milliseconds and are
 * 0.6 ms late in the middle; turning in the event loop until the time has come is exact, but takes 40 % of a core at
 * 400 starts a second. A sleeping thread costs little more than the timers (bench/pacing.mjs).
 */
import { Worker } from 'node:worker_threads';

/** Cells of the shared memory: how often the alarm was set, and whether the thread is to end. */
const SET = 0;
const STOP = 1;

/**
 * The thread. It is a text, since Node runs a file only where that lies as JavaScript beside this one, which is so
 * neither in a bundle nor under a test runner.
 */
const SLEEPER = `
const { parentPort, workerData } = require('node:worker_threads');
const cells = new Int32Array(workerData.cells);
const due = new Float64Array(workerData.due);
let rung = 0;
while (Atomics.load(cells, ${STOP}) === 0) {
  const set = Atomics.load(cells, ${SET});
  const left = set === rung ? Infinity : due[0] - Number(process.hrtime.bigint()) / 1e6;
  // It also wakes by a notification that is older than this wait, so all is looked at anew.
  if (left > 0) Atomics.wait(cells, ${SET}, set, left);
  else parentPort.postMessage((rung = set));
}
parentPort.close();
`;

export class Alarm implements AsyncDisposable {
  readonly #cells = new Int32Array(new SharedArrayBuffer(8));
  readonly #due = new Float64Array(new SharedArrayBuffer(8));
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  /** Between the clock that threads share and that of this one. */
  readonly #offset = Number(process.hrtime.bigint()) / 1e6 - performance.now();

  /**
   * @param onRing called once for each `set`, unless it was set anew before
   * @param onError the thread failed
   */
  constructor(onRing: () => void, onError: (error: unknown) => void) {
    const workerData = { cells: this.#cells.buffer, due: this.#due.buffer };
    this.#worker = new Worker(SLEEPER, { eval: true, workerData, execArgv: [], stdin: false });
    this.#exited = new Promise((resolve) => this.#worker.once('exit', () => resolve()));
    this.#worker.on('message', (set: number) => {
      if (set === this.#cells[SET]) onRing();
    });
    this.#worker.on('error', onError);
  }

  /** @param at milliseconds of `performance.now()`; at once where that is over */
  set(at: number): void {
    this.#due[0] = at + this.#offset;
    this.#wake();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#cells[STOP] = 1;
    this.#wake();
    await this.#exited;
  }

  #wake(): void {
    Atomics.add(this.#cells, SET, 1);
    Atomics.notify(this.#cells, SET);
  }
}
