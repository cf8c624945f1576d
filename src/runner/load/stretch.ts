/** The measured stretch of a load: how long it was, when, and how busy the generator was meanwhile. */
import type { Clock } from './load-result.ts';

/**
 * Share of the generator's own time. Above it, answers wait for the generator and the latency is partly its own: a
 * queue with equal service times waits half a service time at a utilisation of 0.5, but 4.5 service times at 0.9
 * (Pollaczek and Khinchine: waiting = u / (2 (1 - u)) service times).
 */
const SATURATED_UTILISATION = 0.9;

export interface StretchRecord {
  readonly measuredSeconds: number;
  readonly measuredFrom: number;
  readonly measuredTo: number;
  readonly generatorCpu: number;
  readonly generatorSaturated: boolean;
}

/** Begins when it is made. */
export class Stretch {
  readonly #clock: Clock;
  readonly #start: number;
  readonly #from: number;
  readonly #cpu = process.cpuUsage();
  readonly #loop = performance.eventLoopUtilization();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#start = clock.now();
    this.#from = clock.epoch();
  }

  end(): StretchRecord {
    const seconds = this.#clock.now() - this.#start;
    const cpu = process.cpuUsage(this.#cpu);
    const loop = performance.eventLoopUtilization(this.#loop);
    return {
      measuredSeconds: seconds,
      measuredFrom: this.#from,
      measuredTo: this.#clock.epoch(),
      generatorCpu: seconds > 0 ? (cpu.user + cpu.system) / 1e6 / seconds : 0,
      generatorSaturated: loop.utilization > SATURATED_UTILISATION,
    };
  }
}
