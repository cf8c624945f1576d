/** One test a session: every folder below a folder of fixtures that has a `session.txt`. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectFile } from '../report/golden.ts';
import { openProject } from './project.ts';
import { play, readSteps } from './session.ts';

/** The longest takes 20 s on a machine that does nothing else. */
const TIMEOUT_MS = 300_000;

export function testSessions(subject: string, fixtures: string): void {
  const cases = readdirSync(fixtures).filter((name) => existsSync(join(fixtures, name, 'session.txt')));
  // One at a time would take five minutes, and all at once would make every service slow.
  describe.concurrent(subject, () => {
    for (const name of cases) {
      const fixture = join(fixtures, name);
      test.skipIf(!isPossible(fixture))(name, () => replay(fixture), TIMEOUT_MS);
    }
  });
}

async function replay(fixture: string): Promise<void> {
  const file = join(fixture, 'session.txt');
  const steps = readSteps(readFileSync(file, 'utf8'));
  expect(steps.length, 'a session has commands').toBeGreaterThan(0);
  using project = openProject({ fixture });
  expectFile(file, await play(steps, project));
}

/** A case may need what not every machine has: its `needs.sh` succeeds where it is there. */
function isPossible(fixture: string): boolean {
  const script = join(fixture, 'needs.sh');
  return !existsSync(script) || spawnSync('sh', [script]).status === 0;
}
