/** `baseline`: where stored runs are, and which counts. */
import type { Anchor, Duration, FilePath, RefName, RemoteName, RunCount } from './words.ts';

export interface BaselineSection {
  /**
   * `file`: a file, usually in the repository. `git-ref`: a ref of the remote repository that belongs to no branch;
   * `baseline record` pushes to it, and any clone, however shallow, reads it.
   *
   * @default "file"
   */
  store?: 'file' | 'git-ref';
  /**
   * Of `git-ref`: the whole name of the ref.
   *
   * @default "refs/spangate/baselines"
   * @examples ["refs/spangate/baselines", "refs/heads/spangate-baselines"]
   */
  ref?: RefName;
  /**
   * Of `git-ref`: the remote that has it.
   *
   * @default "origin"
   */
  remote?: RemoteName;
  /**
   * The file. `${scenario}` stands for the scenario's name. The default is `.spangate/baseline.json`, and
   * `.spangate/${scenario}.baseline.json` where there are several scenarios.
   *
   * @default ".spangate/baseline.json"
   */
  path?: FilePath;
  /**
   * A baseline that is older is reported as old.
   *
   * @default "30d"
   */
  'max-age'?: Duration;
  /**
   * Runs that are kept of each kind of machine, in a folder beside the file (`baseline.history`). From ten on, times
   * are judged by them. 0: only the file is kept.
   *
   * @default 50
   */
  history?: RunCount;
  /**
   * A fixed point in the past: a tag, a commit or a date (`2026-10-01`). What has grown since then by steps too small
   * to fail is reported. Its run is never removed.
   */
  anchor?: Anchor;
}
