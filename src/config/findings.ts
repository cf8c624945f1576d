/** Collects what is wrong, and what is doubtful, while a configuration is worked through. */

import { type DataPath, pathText } from '../schema.ts';
import type { Mistake } from './mistakes.ts';
import type { Part } from './source.ts';

export interface Doubt {
  readonly path: DataPath;
  readonly code: string;
  readonly message: string;
}

export class Findings {
  readonly mistakes: Mistake[] = [];
  readonly doubts: Doubt[] = [];

  /** @param locate where a path of the scenario at hand is in the file */
  report(locate: (path: DataPath) => DataPath): Report {
    return {
      mistake: (path, message, part = 'value') => {
        this.mistakes.push({ path: locate(path), part, message });
      },
      doubt: (path, code, message) => {
        this.doubts.push({ path: locate(path), code, message });
      },
      locate,
    };
  }

  /**
   * Mistakes that are no mere consequence of `known` ones: a value that the schema refused is not looked at, so what
   * it belongs to may seem to lack it.
   */
  mistakesBeyond(known: readonly Mistake[]): readonly Mistake[] {
    const paths = known.flatMap(({ path, meant }) => (meant ? [path, meant] : [path]));
    return this.mistakes.filter(
      ({ path }) => !paths.some((other) => isPrefix(path, other) || isPrefix(other, path)),
    );
  }
}

/** Paths are those of the scenario at hand. */
export interface Report {
  readonly mistake: (path: DataPath, message: string, part?: Part) => void;
  readonly doubt: (path: DataPath, code: string, message: string) => void;
  readonly locate: (path: DataPath) => DataPath;
}

function isPrefix(prefix: DataPath, path: DataPath): boolean {
  return prefix.every((key, index) => key === path[index]);
}

/** The path of the first of two entries with the same text, for "is already …". */
export function firstUse<T>(uses: Map<T, DataPath>, key: T, path: DataPath): string | null {
  const first = uses.get(key);
  if (first === undefined) uses.set(key, path);
  return first === undefined ? null : pathText(first);
}
