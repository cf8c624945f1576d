/** Inputs and outputs of actions/cache/restore. What is kept lies in FAKE_CACHE, a folder a key. */
import { appendFileSync, cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';

const { INPUT_PATH, INPUT_KEY, FAKE_CACHE, GITHUB_OUTPUT } = process.env;
const kept = join(FAKE_CACHE, INPUT_KEY);
const isHit = existsSync(kept);
if (isHit) cpSync(kept, INPUT_PATH, { recursive: true, verbatimSymlinks: true });
appendFileSync(GITHUB_OUTPUT, `cache-hit=${isHit ? 'true' : ''}\ncache-primary-key=${INPUT_KEY}\n`);
