import { describe, expect, it } from 'vitest';
import { createProgress } from '../../src/report/progress.ts';

/** A terminal of one line: what a person sees after each write, and all that stays. */
function watch(options: { isTTY: boolean; env?: Record<string, string>; columns?: number }) {
  const clock = { milliseconds: 0 };
  let written = '';
  const progress = createProgress({
    stream: {
      write(text: string) {
        written += text;
      },
      columns: options.columns,
    },
    isTTY: options.isTTY,
    env: { NO_COLOR: '1', ...options.env },
    now: () => clock.milliseconds,
  });
  return {
    progress,
    written: () => written,
    /** The screen as lines; what was cleared is gone. */
    screen: () => written.split('\n').map((line) => line.split('\r\u001b[2K').at(-1) ?? ''),
    pass: (seconds: number) => {
      clock.milliseconds += seconds * 1000;
    },
  };
}

describe('progress on a terminal', () => {
  it('is one line with round, phase, time left and live p50', () => {
    const { progress, screen, pass } = watch({ isTTY: true });
    progress.scenario('orders');
    progress.round(2, 4);
    progress.phase('measuring');
    pass(1);
    progress.live({ p50Seconds: 0.00321, requests: 1234, remainingSeconds: 4.2 });
    expect(screen()).toEqual(['orders · round 2/4 · measuring · 5 s left · p50 3.21 ms · 1,234 requests']);
  });

  it('keeps the lines of steps above the live one', () => {
    const { progress, screen } = watch({ isTTY: true });
    progress.phase('starting');
    progress.step('api: npm run build');
    progress.warn('the generator was the bottleneck');
    expect(screen()).toEqual(['api: npm run build', 'warning: the generator was the bottleneck', 'starting']);
  });

  it('is not drawn more than ten times a second', () => {
    const { progress, written, pass } = watch({ isTTY: true });
    for (let index = 0; index < 1000; index += 1) {
      pass(0.001);
      progress.live({ requests: index });
    }
    expect(written().split('\r').length - 1).toBeLessThanOrEqual(10);
  });

  it('fits the terminal, also with wide names', () => {
    const { progress, screen } = watch({ isTTY: true, columns: 30 });
    progress.scenario('注文の一覧を取得する処理（非常に長い名前）');
    progress.phase('measuring');
    expect(screen()).toEqual(['注文の一覧を取得する処理（非…']);
  });

  it('leaves nothing behind, and is quiet afterwards', () => {
    const watched = watch({ isTTY: true });
    {
      using progress = watched.progress;
      progress.phase('measuring');
    }
    watched.pass(60);
    watched.progress.live({ requests: 1 });
    watched.progress.phase('stopping');
    watched.progress.step('late');
    expect(watched.screen()).toEqual(['']);
  });
});

describe('progress in a log', () => {
  for (const [where, options] of Object.entries({
    'a pipe': { isTTY: false },
    'a CI runner with a terminal': { isTTY: true, env: { CI: 'true' } },
    'a dumb terminal': { isTTY: true, env: { TERM: 'dumb' } },
  })) {
    it(`of ${where} has plain lines only`, () => {
      const { progress, written, pass } = watch(options);
      progress.scenario('orders');
      progress.round(1, 2);
      progress.phase('starting');
      progress.phase('measuring');
      pass(11);
      progress.live({ remainingSeconds: 20 });
      progress.done();
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that must not be there
      expect(written()).not.toMatch(/[\r\u001b]/);
      expect(written()).toContain('orders · round 1/2 · measuring\n');
    });
  }

  it('shows every phase of the first round, and of the others only what is said of them', () => {
    const { progress, written } = watch({ isTTY: false });
    progress.scenario('orders');
    for (const round of [1, 2]) {
      progress.round(round, 2);
      for (const phase of ['starting', 'warm-up', 'measuring', 'stopping'] as const) progress.phase(phase);
      progress.step(`orders: round ${round}/2 done`);
    }
    expect(written().split('\n')).toEqual([
      'orders · round 1/2 · starting',
      'orders · round 1/2 · warm-up',
      'orders · round 1/2 · measuring',
      'orders · round 1/2 · stopping',
      'orders: round 1/2 done',
      'orders: round 2/2 done',
      '',
    ]);
  });

  it('says something every ten seconds, and no more often', () => {
    const { progress, written, pass } = watch({ isTTY: false });
    for (let second = 0; second < 60; second += 1) {
      pass(1);
      progress.live({ remainingSeconds: 60 - second });
    }
    expect(written().trim().split('\n')).toHaveLength(6);
  });

  it('gives no command to the runner, whatever a setup step is called', () => {
    const { progress, written } = watch({ isTTY: false });
    progress.step('::error::owned\n::warning::twice');
    expect(written()).toBe('\\::error::owned\\n::warning::twice\n');
  });
});

describe('colour of progress', () => {
  it('follows FORCE_COLOR also in a log', () => {
    const { progress, written } = watch({ isTTY: false, env: { FORCE_COLOR: '1' } });
    progress.warn('careful');
    expect(written()).toBe('\u001b[33mwarning:\u001b[39m careful\n');
  });
});
