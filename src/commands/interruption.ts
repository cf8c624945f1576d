/** A signal ended the command, and all that it had started has ended. */
export class Interruption extends Error {
  /** Sentences about what was kept. */
  readonly kept: readonly string[];

  constructor(kept: readonly string[]) {
    super('interrupted');
    this.name = 'Interruption';
    this.kept = kept;
  }
}
