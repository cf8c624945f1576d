import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { addToBank, readBank, roundFiles } from '../../bench/judge/bank.ts';
import { roundsOfBank } from '../../bench/judge/gates.ts';

const KEPT = fileURLToPath(new URL('../../bench/judge/bank/pricing-quiet-interleaved/', import.meta.url));

test('a round is kept after the last one, also where one before it was taken out', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'spangate-bank-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [round] = readBank(KEPT);
  if (!round) throw new Error('no round');
  const files = [addToBank(folder, round), addToBank(folder, round), addToBank(folder, round)];
  await rm(files[1] ?? '');
  expect(basename(addToBank(folder, round))).toBe('round-004.json.gz');
  expect(roundFiles(folder)).toEqual(['round-001.json.gz', 'round-003.json.gz', 'round-004.json.gz']);
});

test('rounds that one gate recorded are rounds of their own in a gate that is drawn from them', () => {
  const [round] = readBank(KEPT);
  if (!round) throw new Error('no round');
  const rounds = roundsOfBank([round, round]);
  expect(new Set(rounds.map(({ id }) => id)).size).toBe(2);
});
