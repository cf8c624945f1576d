/**
 * A session at a shell, kept in a file `session.txt` that is both the script and what is expected:
 *
 *     # What the next command shows.
 *     $ spangate gate
 *     [stderr]
 *         error[…
 *     [exit 2]
 *     [written] .spangate/baseline.json
 *
 * Under each command: `[stdout]` and `[stderr]` with their text, indented, where there is any, `[exit N]`, `[written]` with the
 * files of the project that are new or changed, `[kept]` with the files that were left in the folder for temporary
 * ones, and `[survives]` with the processes that were left behind, if there are any.
 */
import { normalise } from './normalise.ts';
import type { Project } from './project.ts';

export interface Step {
  /** Lines before the command, each begun by `#` or empty. */
  readonly comments: readonly string[];
  readonly command: string;
}

export function readSteps(text: string): readonly Step[] {
  const steps: Step[] = [];
  let comments: string[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('# ')) comments.push(line);
    if (!line.startsWith('$ ')) continue;
    steps.push({ comments, command: line.slice(2) });
    comments = [];
  }
  return steps;
}

/** Runs the commands one after the other; returns the session as it went. */
export async function play(steps: readonly Step[], project: Project): Promise<string> {
  const played: string[] = [];
  for (const step of steps) played.push(await playStep(step, project));
  return played.join('\n');
}

async function playStep({ comments, command }: Step, project: Project): Promise<string> {
  const before = project.files();
  const temporaryBefore = new Set(project.temporaryFiles());
  const { code, stdout, stderr } = await project.start(command).outcome;
  const processes = project.processes();
  const written = [...project.files()].flatMap(([path, state]) => (before.get(path) === state ? [] : [path]));
  const kept = project.temporaryFiles().filter((path) => !temporaryBefore.has(path));
  const lines = [
    ...comments,
    `$ ${command}`,
    ...section('stdout', stdout),
    ...section('stderr', stderr),
    `[exit ${code}]`,
    ...written.map((path) => `[written] ${path}`),
    ...kept.map((path) => `[kept] ${path}`),
    ...processes.map((line) => `[survives] ${line}`),
  ];
  const root = project.folder.slice(0, project.folder.lastIndexOf('/'));
  return normalise(`${lines.join('\n')}\n`, [
    [project.folder, '<project>'],
    [project.temporary, '<tmp>'],
    [root, '<root>'],
  ]);
}

function section(name: string, text: string): readonly string[] {
  if (text === '') return [];
  const lines = text.replace(/\n$/, '').split('\n');
  const indented = lines.map((line) => (line === '' ? '' : `    ${line}`));
  return [`[${name}]`, ...indented, ...(text.endsWith('\n') ? [] : ['[no line feed]'])];
}
