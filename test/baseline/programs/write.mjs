// Writes a baseline: once, and says what came of it; or for ever, until it is killed.
import { readFileSync } from 'node:fs';
import { readBaseline, writeBaseline } from '../../../build/baseline/file-store.js';

const [path, forever] = process.argv.slice(2);
const measurement = await readBaseline({ path });
do {
  try {
    await writeBaseline({ path }, { ...measurement, id: String(readFileSync(path).length) });
    console.log('written');
  } catch (error) {
    console.log(error.code, error.exitCode);
  }
  if (forever) await new Promise(setImmediate);
} while (forever);
