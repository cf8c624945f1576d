import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectFile } from '../report/golden.ts';
import { FIXTURES, openProject } from './project.ts';
import { play, readSteps } from './session.ts';

const cases = readdirSync(FIXTURES).filter((name) => existsSync(join(FIXTURES, name, 'session.txt')));

/** A case may need what not every machine has: `needs.sh` succeeds where it has it. */
function isPossible(name: string): boolean {
  const script = join(FIXTURES, name, 'needs.sh');
  return !existsSync(script) || spawnSync('sh', [script]).status === 0;
}

// One at a time would take five minutes, and all at once would make every service slow.
describe.concurrent('what a user sees', () => {
  for (const name of cases) {
    test.skipIf(!isPossible(name))(name, async () => {
      const file = join(FIXTURES, name, 'session.txt');
      const steps = readSteps(readFileSync(file, 'utf8'));
      expect(steps.length, 'a session has commands').toBeGreaterThan(0);
      using project = openProject({ fixture: name });
      expectFile(file, await play(steps, project));
      // The longest takes 20 s on a machine that does nothing else.
    }, 120_000);
  }
});
