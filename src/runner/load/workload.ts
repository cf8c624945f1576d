/**
 * What is sent: a seeded sequence of requests and, for every request, a fixed number of content slots. A slot always
 * renders to the same path, headers and body for the same seed, so that calls per request can be compared per
 * content between runs and builds. All instances walk the same sequence, each with a cursor of its own.
 */
import type { Load, RequestTemplate } from '../../config.ts';
import { deriveSeed, seededRandom, shuffled } from '../../random.ts';
import { type Content, ContentMaker } from './content.ts';
import type { ReadFile } from './data-files.ts';
import type { Save } from './json-field.ts';
import { checkWorkload } from './workload-check.ts';

/** Enough to see calls that depend on the content, few enough that each is sent several times in a round. */
export const SLOTS_WITH_VARIABLES = 64;

/** Length at which the shuffled sequence repeats: long, so that no rhythm of the service meets one of ours. */
const SEQUENCE_LENGTH = 1024;

/** A block holds every request in proportion to its weight; larger weights are scaled down to fit. */
const LONGEST_BLOCK = 512;

export interface WorkloadRequest {
  readonly template: RequestTemplate;
  /** One entry a slot. */
  readonly contents: readonly Content[];
  /** Names of the connection's values that must be known before it can be sent. */
  readonly needs: readonly string[];
  readonly saves: readonly Save[];
}

export interface Workload {
  readonly load: Load;
  readonly requests: readonly WorkloadRequest[];
  readonly login: WorkloadRequest | null;
  /** Indexes into `requests`; repeated without end. */
  readonly sequence: Uint16Array;
}

/**
 * @param options.readFile reads body and CSV files; it may throw
 * @throws UserError (exit 2) that lists every mistake of the templates: unknown variables, missing files or columns
 */
export function createWorkload(load: Load, options: { readonly readFile: ReadFile }): Workload {
  const maker = new ContentMaker(load, options.readFile);
  const requests = load.requests.map((template, index) => compile(maker, template, index));
  const login = load.login === null ? null : compile(maker, load.login, load.requests.length);
  checkWorkload(load, requests, login, maker.mistakes);
  return { load, requests, login, sequence: buildSequence(load) };
}

/** Names that have a value. */
export interface Names {
  has(name: string): boolean;
}

/** One instance's place in the sequence. Fields tell what `advance` chose; nothing is allocated per request. */
export class Cursor {
  request = 0;
  slot = 0;
  readonly #workload: Workload;
  readonly #sent: Uint32Array;
  #position = 0;
  #writesLeft: number;

  /** @param writes how many requests with `writes: true` may be sent */
  constructor(workload: Workload, writes: number) {
    this.#workload = workload;
    this.#sent = new Uint32Array(workload.requests.length);
    this.#writesLeft = writes;
  }

  /**
   * Goes to the next request that may be sent: one that needs no unknown value, and does not write once the writes
   * are used up.
   *
   * @returns false where there is none in the whole sequence
   */
  advance(known: Names): boolean {
    const { sequence, requests } = this.#workload;
    for (let tried = 0; tried < sequence.length; tried += 1) {
      const index = sequence[this.#position] as number;
      this.#position = (this.#position + 1) % sequence.length;
      const request = requests[index] as WorkloadRequest;
      if (request.template.writes && this.#writesLeft <= 0) continue;
      if (request.needs.length > 0 && !request.needs.every((name) => known.has(name))) continue;
      if (request.template.writes) this.#writesLeft -= 1;
      const sent = this.#sent[index] as number;
      this.#sent[index] = sent + 1;
      this.request = index;
      this.slot = sent % request.contents.length;
      return true;
    }
    return false;
  }
}

/** Without a list of statuses, 200 to 399 are expected. */
export function isExpected(template: RequestTemplate, status: number): boolean {
  return template.expect.length === 0 ? status >= 200 && status < 400 : template.expect.includes(status);
}

function compile(maker: ContentMaker, template: RequestTemplate, index: number): WorkloadRequest {
  const parsed = maker.parse(template, index);
  const slots = parsed.varies ? SLOTS_WITH_VARIABLES : 1;
  return {
    template,
    contents: Array.from({ length: slots }, (_, slot) => maker.content(parsed, slot)),
    needs: parsed.needs,
    saves: Object.entries(template.save),
  };
}

/** Shuffled blocks one after the other; every block holds each request as often as its weight says. */
function buildSequence(load: Load): Uint16Array {
  // Where a command of the user sends the load.
  if (load.requests.length === 0) return new Uint16Array();
  const block = wholeWeights(load.requests.map((request) => request.weight)).flatMap((times, index) =>
    Array.from({ length: times }, () => index),
  );
  const blocks = Math.max(1, Math.round(SEQUENCE_LENGTH / block.length));
  const random = seededRandom(deriveSeed(load.seed, 1));
  return Uint16Array.from(Array.from({ length: blocks }, () => shuffled(block, random)).flat());
}

/** The smallest whole numbers in the same proportions; approximate only where a block would get too long. */
function wholeWeights(weights: readonly number[]): number[] {
  // Weights with up to three decimals become whole numbers exactly.
  const whole = weights.map((weight) => Math.max(1, Math.round(weight * 1000)));
  const divisor = whole.reduce(greatestCommonDivisor);
  const reduced = whole.map((weight) => weight / divisor);
  const length = reduced.reduce((sum, weight) => sum + weight, 0);
  if (length <= LONGEST_BLOCK) return reduced;
  return reduced.map((weight) => Math.max(1, Math.round((weight * LONGEST_BLOCK) / length)));
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
