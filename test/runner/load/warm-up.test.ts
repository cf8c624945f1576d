import { describe, expect, it } from 'vitest';
import type { Rounds } from '../../../src/config.ts';
import { WarmUp } from '../../../src/runner/load/warm-up.ts';

const AUTO = { kind: 'auto', atMostSeconds: 20 } as const;

/** Plays answers without a clock; tells when the warm-up ended, and how. */
function play(
  plan: Rounds['warmUp'],
  answers: {
    instances: number;
    perSecond: (position: number) => number;
    latency: (seconds: number) => number;
  },
): { seconds: number; state: string } {
  const warmUp = new WarmUp(plan, answers.instances);
  for (let tick = 0; tick < 1000; tick += 1) {
    const seconds = tick / 10;
    const state = warmUp.state(seconds);
    if (state !== 'on') return { seconds, state };
    for (let position = 0; position < answers.instances; position += 1) {
      const rate = answers.perSecond(position) / 10;
      const due = Math.floor(rate * (tick + 1)) - Math.floor(rate * tick);
      for (let count = 0; count < due; count += 1) warmUp.record(position, answers.latency(seconds));
    }
  }
  throw new Error('the warm-up never ended');
}

describe('the warm-up', () => {
  it('ends after four seconds where latency is steady from the start', () => {
    const end = play(AUTO, { instances: 2, perSecond: () => 400, latency: () => 0.004 });
    expect(end.state).toBe('warm');
    expect(end.seconds).toBeGreaterThanOrEqual(4);
    expect(end.seconds).toBeLessThan(5);
  });

  it('goes on while the median still falls, and ends when it falls no more', () => {
    const latency = (seconds: number) => 0.004 + 0.004 * Math.max(0, 1 - seconds / 8);
    const end = play(AUTO, { instances: 2, perSecond: () => 400, latency });
    expect(end.state).toBe('warm');
    expect(end.seconds).toBeGreaterThan(8);
    expect(end.seconds).toBeLessThan(14);
  });

  it('waits for the slowest instance to have its requests', () => {
    const end = play(AUTO, {
      instances: 2,
      perSecond: (position) => (position === 0 ? 1000 : 62.5),
      latency: () => 0.004,
    });
    expect(end).toMatchObject({ state: 'warm' });
    expect(end.seconds).toBeGreaterThanOrEqual(8);
    expect(end.seconds).toBeLessThan(9);
  });

  it('is content with fewer requests of a slow service after half of its time', () => {
    const end = play(AUTO, { instances: 1, perSecond: () => 10, latency: () => 0.1 });
    expect(end).toMatchObject({ state: 'warm' });
    expect(end.seconds).toBeGreaterThanOrEqual(10);
    expect(end.seconds).toBeLessThan(11);
  });

  it('runs out of time where latency never gets steady', () => {
    const latency = (seconds: number) => 0.004 * 1.1 ** seconds;
    const end = play(AUTO, { instances: 1, perSecond: () => 400, latency });
    expect(end).toEqual({ state: 'out of time', seconds: 20 });
  });

  it('runs out of time where nothing is answered', () => {
    const end = play(AUTO, { instances: 1, perSecond: () => 0, latency: () => 0 });
    expect(end).toEqual({ state: 'out of time', seconds: 20 });
  });

  it('cannot tell instances apart: which of them is slow changes nothing', () => {
    const ends = [0, 1].map((slow) =>
      play(AUTO, { instances: 2, perSecond: (at) => (at === slow ? 90 : 400), latency: () => 0.004 }),
    );
    expect(ends[0]).toEqual(ends[1]);
  });

  it('lasts as long as it is told to', () => {
    const plan = { kind: 'fixed', seconds: 3 } as const;
    expect(play(plan, { instances: 1, perSecond: () => 1, latency: () => 1 })).toEqual({
      state: 'warm',
      seconds: 3,
    });
  });
});
