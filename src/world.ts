/** What a command may touch of the machine: everything is handed in, so that nothing else reads a clock or a stream. */

export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface World {
  /** Arguments behind the name of the program. */
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What git alone gets besides, where it talks to a server: a token, which no service may see. */
  readonly gitEnv?: Readonly<Record<string, string>>;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly now: () => Date;
  /** Aborted by the first SIGINT or SIGTERM, with its name as the reason. */
  readonly signal: AbortSignal;
  /** Calls back, synchronously, when the program ends in whatever way; returns how to take that back. */
  readonly onExit: (callback: () => void) => () => void;
}
