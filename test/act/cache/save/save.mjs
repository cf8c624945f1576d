/** Inputs of actions/cache/save. A key is written once: GitHub only warns, this fails. */
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';

const { INPUT_PATH, INPUT_KEY, FAKE_CACHE } = process.env;
const kept = join(FAKE_CACHE, INPUT_KEY);
if (existsSync(kept)) throw new Error(`Cache already exists: ${INPUT_KEY}`);
cpSync(INPUT_PATH, kept, { recursive: true, verbatimSymlinks: true });
