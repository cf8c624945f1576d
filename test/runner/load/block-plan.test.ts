import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/random.ts';
import { BlockPlan } from '../../../src/runner/load/block-plan.ts';
import { createWorkload } from '../../../src/runner/load/workload.ts';
import { exampleLoad, exampleRequest, noFiles } from './example-load.ts';

interface Turn {
  readonly position: number;
  readonly request: number;
  readonly slot: number;
  readonly session: number;
}

const ALL_KNOWN = () => ({ has: () => true });

function turnsOf(plan: BlockPlan, count: number, known = ALL_KNOWN): Turn[] {
  const turns: Turn[] = [];
  while (turns.length < count && plan.advance(known)) {
    const { position, request, slot, session } = plan;
    turns.push({ position, request, slot, session });
  }
  return turns;
}

function workloadOf(weights: readonly number[], writes: readonly boolean[] = []) {
  const requests = weights.map((weight, index) =>
    exampleRequest({
      name: `r${index}`,
      path: '/${int(1,9)}',
      weight,
      writes: writes[index] ?? false,
    }),
  );
  return createWorkload(exampleLoad({ requests }), { readFile: noFiles });
}

const anyPlan = fc.record({
  targets: fc.integer({ min: 1, max: 16 }),
  sessions: fc.integer({ min: 1, max: 4 }),
  weights: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
  seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  blocks: fc.integer({ min: 1, max: 300 }),
});

describe('a plan of blocks', () => {
  it('gives every target one turn a block, all with the same content and session', () => {
    fc.assert(
      fc.property(anyPlan, ({ targets, sessions, weights, seed, blocks }) => {
        const random = seededRandom(seed);
        const plan = new BlockPlan(workloadOf(weights), { targets, sessions, writes: 0, random });
        const turns = turnsOf(plan, blocks * targets);
        expect(turns).toHaveLength(blocks * targets);
        expect(plan.atBoundary).toBe(true);
        expect(plan.blocks).toBe(blocks);
        for (let block = 0; block < blocks; block += 1) {
          const own = turns.slice(block * targets, (block + 1) * targets);
          expect(own.map(({ position }) => position).sort((a, b) => a - b)).toEqual([...own.keys()]);
          expect(new Set(own.map(({ request, slot }) => `${request} ${slot}`)).size).toBe(1);
          expect(new Set(own.map(({ session }) => session))).toEqual(new Set([block % sessions]));
        }
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it('sends each target the requests in the proportion of their weights', () => {
    fc.assert(
      fc.property(anyPlan, ({ targets, weights, seed }) => {
        const random = seededRandom(seed);
        const plan = new BlockPlan(workloadOf(weights), { targets, sessions: 1, writes: 0, random });
        const sum = weights.reduce((all, weight) => all + weight, 0);
        // Whole rounds of the weights come out exactly.
        const turns = turnsOf(plan, 7 * sum * targets);
        for (let position = 0; position < targets; position += 1) {
          const own = turns.filter((turn) => turn.position === position);
          const counts = weights.map((_, index) => own.filter(({ request }) => request === index).length);
          expect(counts).toEqual(weights.map((weight) => 7 * weight));
        }
      }),
      { seed: 2, numRuns: 30 },
    );
  });

  it('puts every target at every place of a block equally often, and after every other', () => {
    const targets = 4;
    const plan = new BlockPlan(workloadOf([1]), { targets, sessions: 1, writes: 0, random: seededRandom(9) });
    const turns = turnsOf(plan, 4000 * targets);
    const places = new Map<string, number>();
    for (const [at, { position }] of turns.entries()) {
      const key = `${position} at ${at % targets}`;
      places.set(key, (places.get(key) ?? 0) + 1);
    }
    expect(places.size).toBe(16);
    // 1000 of each are expected, with a standard deviation of 27; the seed is fixed.
    for (const count of places.values()) expect(Math.abs(count - 1000)).toBeLessThan(110);
    const orders = new Map<string, number>();
    for (let at = 0; at < turns.length; at += targets) {
      const order = turns.slice(at, at + targets).map(({ position }) => position);
      orders.set(order.join(), (orders.get(order.join()) ?? 0) + 1);
    }
    // All 24 orders, 167 times each with a standard deviation of 13.
    expect(orders.size).toBe(24);
    for (const count of orders.values()) expect(Math.abs(count - 4000 / 24)).toBeLessThan(52);
  });

  it('is the same for the same seed, and another for another', () => {
    const order = (seed: number) => {
      const plan = new BlockPlan(workloadOf([2, 1]), {
        targets: 8,
        sessions: 1,
        writes: 0,
        random: seededRandom(seed),
      });
      return turnsOf(plan, 400);
    };
    expect(order(5)).toEqual(order(5));
    expect(order(5).map(({ position }) => position)).not.toEqual(order(6).map(({ position }) => position));
    expect(order(5).map(({ request, slot }) => [request, slot])).toEqual(
      order(6).map(({ request, slot }) => [request, slot]),
    );
  });

  it('spends the writes of a target once a block, not once a turn', () => {
    const plan = new BlockPlan(workloadOf([1, 1], [true, false]), {
      targets: 6,
      sessions: 1,
      writes: 5,
      random: seededRandom(1),
    });
    const turns = turnsOf(plan, 6 * 40);
    for (let position = 0; position < 6; position += 1) {
      expect(turns.filter((turn) => turn.position === position && turn.request === 0)).toHaveLength(5);
    }
  });

  it('ends at a boundary when every request writes and the writes are used up', () => {
    const plan = new BlockPlan(workloadOf([1], [true]), {
      targets: 3,
      sessions: 1,
      writes: 4,
      random: seededRandom(1),
    });
    expect(turnsOf(plan, 1000)).toHaveLength(12);
    expect(plan.atBoundary).toBe(true);
    expect(plan.blocks).toBe(4);
  });

  it('asks only between blocks what is known, so that a value learnt within one changes nothing in it', () => {
    const requests = [
      exampleRequest({ save: { id: '$.id' } }),
      exampleRequest({ path: '/${id}', weight: 3 }),
    ];
    const workload = createWorkload(exampleLoad({ requests }), { readFile: noFiles });
    const plan = new BlockPlan(workload, { targets: 5, sessions: 1, writes: 0, random: seededRandom(1) });
    let asked = 0;
    let learnt = false;
    const known = () => {
      asked += 1;
      return { has: () => learnt };
    };
    const first = turnsOf(plan, 2, known);
    learnt = true;
    first.push(...turnsOf(plan, 3, known));
    expect(asked).toBe(1);
    expect(first.map(({ request }) => request)).toEqual([0, 0, 0, 0, 0]);
    expect(turnsOf(plan, 40, known).some(({ request }) => request === 1)).toBe(true);
    expect(asked).toBe(9);
  });
});
