/** The stored runs of a scenario as lines for the terminal: one a run, under the machine that it is of. */
import { phrase, plainText } from './phrase.ts';
import { visibleText } from './safe-text.ts';
import { counted } from './units.ts';

/** A stored run, as `baseline/run-list.ts` lists it. */
export interface RunLine {
  readonly createdAt: string;
  readonly sha: string | null;
  readonly fingerprint: string;
  readonly accepted: boolean;
  readonly distance: number | null;
  readonly content:
    | {
        readonly state: 'read';
        readonly status: string;
        readonly rounds: number;
        readonly instances: number;
        readonly machine: string;
      }
    | { readonly state: 'damaged'; readonly problem: string };
}

/** @param runs newest first */
export function runListText(scenario: string, runs: readonly RunLine[]): string {
  const title = `${visibleText(scenario)}: ${counted(runs.length, 'stored run')}`;
  if (runs.length === 0) return `${title}\n  Record one on the main branch: spangate baseline record\n`;
  const lines = [...new Set(runs.map((run) => run.fingerprint))].flatMap((fingerprint) => {
    const own = runs.filter((run) => run.fingerprint === fingerprint);
    return ['', `  ${machineTitle(fingerprint, own)}`, ...own.map((run) => `    ${runText(run)}`)];
  });
  return `${[title, ...lines].join('\n')}\n`;
}

function machineTitle(fingerprint: string, runs: readonly RunLine[]): string {
  if (fingerprint === '') return 'machine unknown';
  const [machine] = runs.flatMap(({ content }) => (content.state === 'read' ? [content.machine] : []));
  return machine === undefined ? `machine ${fingerprint}` : `machine ${fingerprint}: ${visibleText(machine)}`;
}

/** `2026-11-22 18:45  0123456789  3 commits behind  4 rounds, 8 instances` */
function runText({ createdAt, sha, distance, accepted, content }: RunLine): string {
  const time = createdAt === '' ? 'baseline file   ' : createdAt.slice(0, 16).replace('T', ' ');
  const parts = [time, (sha ?? 'no commit').slice(0, 10).padEnd(10), placeText(sha, distance).padEnd(20)];
  if (content.state === 'damaged') return [...parts, `damaged: ${visibleText(content.problem)}`].join('  ');
  const { status, rounds, instances } = content;
  const notes = [
    status === 'complete' ? '' : `${status}, not in the history`,
    accepted ? 'accepted by force: earlier runs no longer count' : '',
  ].filter((note) => note !== '');
  const amount = plainText(phrase`${counted(rounds, 'round')}, ${counted(instances, 'instance')}`);
  return [...parts, [amount, ...notes].join('; ')].join('  ');
}

function placeText(sha: string | null, distance: number | null): string {
  if (sha === null) return '';
  if (distance === null) return 'no ancestor of HEAD';
  return distance === 0 ? 'HEAD' : `${counted(distance, 'commit')} behind`;
}
