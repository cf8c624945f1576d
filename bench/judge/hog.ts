/** A neighbour that takes CPU at random: busy for 0.2 to 3 s, then idle for as long or twice as long, over and over. */
import { type ChildProcess, spawn } from 'node:child_process';

/** It ends with its standard input, so it cannot outlive the bench. */
const PROGRAM = `
let state = Number(process.argv[1]) >>> 0;
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};
process.stdin.on('end', () => process.exit()).resume();
function turn() {
  const until = performance.now() + 200 + 2800 * random();
  (function burn() {
    const slice = performance.now() + 20;
    while (performance.now() < slice) Math.sqrt(random());
    if (performance.now() < until) setImmediate(burn);
    else setTimeout(turn, 200 + 5600 * random());
  })();
}
turn();
`;

/** @param seeds one hog for each */
export function startHogs(seeds: readonly number[]): Disposable {
  const hogs: ChildProcess[] = seeds.map((seed) =>
    spawn(process.execPath, ['-e', PROGRAM, String(seed)], { stdio: ['pipe', 'ignore', 'ignore'] }),
  );
  return {
    [Symbol.dispose]() {
      for (const hog of hogs) hog.kill('SIGKILL');
    },
  };
}
