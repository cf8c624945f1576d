import { describe, expect, it } from 'vitest';
import { punctualityWarnings, Schedule } from '../../../src/runner/load/punctuality.ts';

/** 100 starts, 10 ms apart, each so late; null where it is dropped. */
function play(lateness: (index: number) => number | null) {
  const schedule = new Schedule(100);
  for (let index = 0; index < 100; index += 1) {
    const due = 10 * (index + 1);
    schedule.due(due);
    const late = lateness(index);
    if (late === null) schedule.dropped();
    else schedule.started(due, due + late);
  }
  return schedule.result();
}

describe('punctuality', () => {
  it('is complete where every start was made at its time', () => {
    const result = play(() => 0.25);
    expect(result).toEqual({
      rate: 100,
      achievedRate: expect.closeTo(100, 1),
      due: 100,
      dropped: 0,
      lateShare: 0,
      lateness: { p50: 0.00025, p99: 0.00025 },
    });
    expect(punctualityWarnings(result)).toEqual([]);
  });

  it('counts starts that are more than 5 ms late, from 2 % on with a warning', () => {
    const two = play((index) => (index < 2 ? 6 : 4.9));
    expect(two.lateShare).toBe(0.02);
    expect(punctualityWarnings(two)).toEqual([]);
    const three = play((index) => (index < 3 ? 6 : 0));
    expect(three.lateShare).toBe(0.03);
    expect(punctualityWarnings(three)).toEqual([
      { code: 'starts-late', message: expect.stringMatching(/^3\.0 % .* 5 ms/) },
    ]);
  });

  it('falls short of the rate where the last start comes after the end of the schedule', () => {
    const result = play((index) => (index === 99 ? 250 : 0));
    expect(result.achievedRate).toBeCloseTo(80, 6);
    expect(punctualityWarnings(result)).toEqual([
      { code: 'rate-missed', message: expect.stringContaining('80.0 %') },
    ]);
  });

  it('counts dropped starts as late ones, and leaves them out of the lateness', () => {
    const result = play((index) => (index % 4 === 0 ? null : 0));
    expect(result).toMatchObject({ due: 100, dropped: 25, lateShare: 0.25, achievedRate: 75 });
    expect(result.lateness).toEqual({ p50: 0, p99: 0 });
    expect(punctualityWarnings(result).map(({ code }) => code)).toEqual(['starts-dropped']);
  });

  it('has figures where nothing was due, or all was dropped', () => {
    const none = new Schedule(100).result();
    expect(none).toMatchObject({ due: 0, achievedRate: 0, lateShare: 0, lateness: { p50: 0, p99: 0 } });
    expect(play(() => null)).toMatchObject({ dropped: 100, achievedRate: 0, lateShare: 1 });
  });

  it('never counts an early start as one that makes up for late ones', () => {
    expect(play(() => -0.01).lateness).toEqual({ p50: 0, p99: 0 });
  });
});
