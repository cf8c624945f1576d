import { describe, expect, test } from 'vitest';
import type { Rounds } from '../../../src/config.ts';
import { type InstanceCountOptions, instanceCount } from '../../../src/runner/together/instance-count.ts';

const MB = 1e6;

const ROUNDS: Rounds = {
  count: 1,
  instances: 1,
  durationSeconds: 8,
  warmUp: { kind: 'auto', atMostSeconds: 20 },
  budgetSeconds: 120,
  together: {
    instances: 'auto',
    screen: 2,
    confirm: 3,
    atMost: 7,
    durationSeconds: 8,
    budgetSeconds: 240,
    probe: { connections: 8, slotSeconds: 1 },
  },
};

function options(
  started: { memory: number | null; start: number },
  changes: Partial<InstanceCountOptions> = {},
): InstanceCountOptions {
  const one = { memoryBytes: started.memory, startSeconds: started.start };
  return {
    scenario: 'shop',
    rounds: ROUNDS,
    started: [one, one],
    availableBytes: 4000 * MB,
    cores: 2,
    ...changes,
  };
}

const codes = (of: InstanceCountOptions) => instanceCount(of).warnings.map(({ code }) => code);

describe('the number of instances', () => {
  test('is four of each build where a small service starts quickly', () => {
    expect(instanceCount(options({ memory: 60 * MB, start: 0.6 }))).toEqual({ instances: 4, warnings: [] });
  });

  test('is four where the system does not tell of memory', () => {
    expect(instanceCount(options({ memory: null, start: 0.6 })).instances).toBe(4);
  });

  test('goes down with the memory, and says so', () => {
    // 2 × 3 × 2 × 250 MB fit into 80 % of 4 GB, 2 × 4 × 2 × 250 MB do not.
    const { instances, warnings } = instanceCount(options({ memory: 250 * MB, start: 0.6 }));
    expect(instances).toBe(3);
    expect(warnings).toEqual([
      {
        code: 'fewer-instances',
        message: expect.stringContaining(
          '3 instances of each build instead of 4: each needs about 500 MB of the 4000 MB that are free',
        ),
      },
    ]);
  });

  test('goes by the build that needs more', () => {
    const [small, large] = [60, 250].map((memory) => ({ memoryBytes: memory * MB, startSeconds: 0.6 }));
    const started = small && large ? [small, large] : [];
    expect(instanceCount(options({ memory: 0, start: 0 }, { started })).instances).toBe(3);
  });

  test('goes down where starts take most of the budget, and says so', () => {
    const { instances, warnings } = instanceCount(options({ memory: 60 * MB, start: 9 }));
    expect(instances).toBe(3);
    expect(warnings[0]?.message).toContain('one starts in 9.0 s');
  });

  test('stays where there are cores for the starts', () => {
    expect(instanceCount(options({ memory: 60 * MB, start: 9 }, { cores: 8 })).instances).toBe(4);
  });

  test('is never below two, and says where the budget is too short even for these', () => {
    const slow = options({ memory: 3000 * MB, start: 60 });
    expect(instanceCount(slow).instances).toBe(2);
    expect(codes(slow)).toEqual(['fewer-instances', 'budget-short']);
  });
});
