/**
 * Finds what looks like a printed object in the output of a process: from a line that is `{` to a line that is `}`, with
 * indented lines between them. Lines of others that came between are left out.
 */

/** Longer ones are no span: an SDK keeps 128 attributes and 128 events at most, and cuts none of their texts. */
const LONGEST_BLOCK = 1024 * 1024;

export interface BlockVisitor {
  /** A whole object. */
  block(text: string): void;
  /** The beginning of one that has no end. */
  cut(text: string): void;
}

export class PrintedBlocks {
  readonly #visitor: BlockVisitor;
  /** Null between objects. */
  #lines: string[] | null = null;
  #length = 0;

  constructor(visitor: BlockVisitor) {
    this.#visitor = visitor;
  }

  /**
   * @param isCut whether more of the line was left out
   * @returns whether it belongs to an object
   */
  line(line: string, isCut = false): boolean {
    if (line === '{') {
      this.#cut();
      this.#lines = [line];
      this.#length = 0;
      return true;
    }
    if (this.#lines === null) return false;
    if (line === '}') {
      const text = `${this.#lines.join('\n')}\n}`;
      this.#lines = null;
      this.#visitor.block(text);
      return true;
    }
    if (!line.startsWith(' ')) return false;
    this.#lines.push(line);
    this.#length += line.length;
    if (isCut || this.#length > LONGEST_BLOCK) this.#cut();
    return true;
  }

  /** To be called behind the last line. */
  end(): void {
    this.#cut();
  }

  #cut(): void {
    if (this.#lines !== null) this.#visitor.cut(this.#lines.join('\n'));
    this.#lines = null;
  }
}
