import { expect, it, vi } from 'vitest';
import { Alarm } from '../../../src/runner/load/alarm.ts';

function ringing(): { readonly onRing: () => void; next(): Promise<number>; readonly count: () => number } {
  let count = 0;
  let wake: (at: number) => void = () => {};
  return {
    onRing: () => {
      count += 1;
      wake(performance.now());
    },
    next: () =>
      new Promise((resolve) => {
        wake = resolve;
      }),
    count: () => count,
  };
}

const onError = (error: unknown): never => {
  throw error;
};

it('rings at its time and never before, again and again', async () => {
  const rings = ringing();
  await using alarm = new Alarm(rings.onRing, onError);
  const lateness: number[] = [];
  for (const after of [30, 1.5, 0.3, 7, 2.2]) {
    const due = performance.now() + after;
    const rung = rings.next();
    alarm.set(due);
    lateness.push((await rung) - due);
  }
  // Clocks of threads agree, but for the rounding of nanoseconds.
  expect(Math.min(...lateness)).toBeGreaterThan(-0.05);
  expect(Math.max(...lateness.slice(1))).toBeLessThan(100);
  expect(rings.count()).toBe(5);
});

it('keeps its time when it is set while the thread is awake, and woken for that only later', async () => {
  const notify = Atomics.notify;
  const late = vi.spyOn(Atomics, 'notify').mockImplementation((...cell: Parameters<typeof notify>) => {
    const until = performance.now() + 2;
    while (performance.now() < until);
    return notify(...cell);
  });
  try {
    const rings = ringing();
    await using alarm = new Alarm(rings.onRing, onError);
    for (let count = 0; count < 20; count += 1) {
      // Wakes the thread, so that it sees the next time before it is told of it.
      alarm.set(0);
      const rung = rings.next();
      alarm.set(performance.now() + 8);
      await rung;
    }
  } finally {
    late.mockRestore();
  }
});

it('rings at once for a time that is over', async () => {
  const rings = ringing();
  await using alarm = new Alarm(rings.onRing, onError);
  const rung = rings.next();
  alarm.set(performance.now() - 1000);
  await rung;
  expect(rings.count()).toBe(1);
});

it('forgets the time before when it is set anew', async () => {
  const rings = ringing();
  await using alarm = new Alarm(rings.onRing, onError);
  const rung = rings.next();
  alarm.set(performance.now() + 3_600_000);
  alarm.set(performance.now() + 20);
  await rung;
  expect(rings.count()).toBe(1);
});

it('ends its thread, also while it waits', async () => {
  const rings = ringing();
  const alarm = new Alarm(rings.onRing, onError);
  alarm.set(performance.now() + 3_600_000);
  await alarm[Symbol.asyncDispose]();
  expect(rings.count()).toBe(0);
  await new Alarm(rings.onRing, onError)[Symbol.asyncDispose]();
});
