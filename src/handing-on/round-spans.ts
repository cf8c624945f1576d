/**
 * Keeps the spans of measured rounds in a file until the verdict is there. They are written between rounds, while
 * nothing is measured.
 */
import { closeSync, createReadStream, mkdtempSync, openSync, writeSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Warning } from '../measurement.ts';
import type { InstanceSpans } from '../runner/round-options.ts';
import { traceIdOf } from '../telemetry/span-table.ts';
import { measuredRows, roundRequests } from './round-requests.ts';
import type { SpanBody } from './send-spans.ts';

/** Some 200 MB of text; a tool to look at traces in is no place for more. */
const MOST_SPANS = 500_000;

export class RoundSpans implements AsyncDisposable {
  readonly #mostSpans: number;
  readonly #directory: string;
  readonly #file: number;
  readonly #traceIds = new Set<string>();
  #spans = 0;
  #leftOut = 0;
  #problem: Warning | null = null;

  /** @throws the error of the file system when no file can be made */
  constructor({ mostSpans = MOST_SPANS }: { readonly mostSpans?: number } = {}) {
    this.#mostSpans = mostSpans;
    this.#directory = mkdtempSync(join(tmpdir(), 'spangate-spans-'));
    this.#file = openSync(this.#path, 'wx');
  }

  get #path(): string {
    return join(this.#directory, 'rounds.txt');
  }

  /** What was not kept, and why. */
  get warnings(): readonly Warning[] {
    if (this.#problem !== null) return [this.#problem];
    if (this.#leftOut === 0) return [];
    return [
      {
        code: 'otlp-export-cut',
        message: `Only ${this.#spans} spans of the measured rounds are handed on; ${this.#leftOut} more are too many. Measure fewer or shorter rounds to get all.`,
      },
    ];
  }

  has(traceId: string): boolean {
    return this.#traceIds.has(traceId);
  }

  /** All spans of an instance or none, so that no trace is cut. Never throws. */
  readonly take = (taken: InstanceSpans): void => {
    if (this.#problem !== null) return;
    const rows = measuredRows(taken);
    if (this.#spans + rows.length > this.#mostSpans) {
      this.#leftOut += rows.length;
      return;
    }
    try {
      for (const { text, spans } of roundRequests(taken, rows)) writeSync(this.#file, `${spans}\t${text}\n`);
    } catch (error) {
      this.#problem = notKept(error, this.#directory);
      return;
    }
    for (const row of rows) this.#traceIds.add(traceIdOf(taken.spans, row));
    this.#spans += rows.length;
  };

  async *bodies(): AsyncGenerator<SpanBody> {
    const lines = createInterface({
      input: createReadStream(this.#path, 'utf8'),
      crlfDelay: Number.POSITIVE_INFINITY,
    });
    for await (const line of lines) {
      const at = line.indexOf('\t');
      yield { spans: Number(line.slice(0, at)), text: line.slice(at + 1) };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    closeSync(this.#file);
    await rm(this.#directory, { recursive: true, force: true });
  }
}

function notKept(error: unknown, directory: string): Warning {
  const { code, message } = error as NodeJS.ErrnoException;
  return {
    code: 'otlp-export-cut',
    message: `Spans of the measured rounds could not be kept in ${directory} to hand them on (${code ?? message}). Make room there, or name another folder by the variable TMPDIR.`,
  };
}
