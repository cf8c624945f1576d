/** What an action tells its runner: outputs, the summary, annotations. All of it by files and commands of the runner's. */
import * as core from '@actions/core';

export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly title: string;
  readonly message: string;
  /** Absolute, or relative to the workspace. */
  readonly file?: string;
  readonly line?: number;
}

export interface RunnerDoor {
  /** A file of the runner's, so that no value can forge another output. */
  output(name: string, value: string): void;
  /** @returns a sentence where there is no summary, as on some servers that are not GitHub */
  summary(markdown: string): Promise<string | null>;
  /** The runner shows ten a step and level; what is beyond is counted in the last one. */
  annotate(annotations: readonly Annotation[]): void;
}

/** A step may have so many of each level. */
const MOST_ANNOTATIONS = 10;

export function openRunnerDoor(): RunnerDoor {
  return {
    output: (name, value) => core.setOutput(name, value),
    async summary(markdown) {
      try {
        await core.summary.addRaw(markdown, true).write();
        return null;
      } catch (error) {
        return `The job summary was not written (${error instanceof Error ? error.message : String(error)}).`;
      }
    },
    annotate(annotations) {
      for (const level of ['error', 'warning', 'notice'] as const) {
        const own = annotations.filter((each) => each.level === level);
        for (const each of shownOf(own)) write(each);
      }
    },
  };
}

/** As many as are shown, of one level; the last one says how many are not. */
export function shownOf(annotations: readonly Annotation[]): readonly Annotation[] {
  const more = annotations.length - MOST_ANNOTATIONS;
  if (more <= 0) return annotations;
  return annotations
    .slice(0, MOST_ANNOTATIONS)
    .map((each, index) =>
      index < MOST_ANNOTATIONS - 1 ? each : { ...each, message: `${each.message} (and ${more} more)` },
    );
}

const WRITERS = { error: core.error, warning: core.warning, notice: core.notice } as const;

function write({ level, title, message, file, line }: Annotation): void {
  const properties = {
    title,
    ...(file !== undefined && { file }),
    ...(line !== undefined && { startLine: line }),
  };
  WRITERS[level](message, properties);
}
