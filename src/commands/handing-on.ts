/** Hands spans on to the tool that people look at traces in, when the verdict is there and whatever becomes of it. */
import { setTimeout as delay } from 'node:timers/promises';
import type { GateResult } from '../compare/comparison.ts';
import { EXIT, UserError } from '../errors.ts';
import { type OtlpTarget, otlpTarget } from '../handing-on/otlp-target.ts';
import { RoundSpans } from '../handing-on/round-spans.ts';
import { type SpanBody, sendSpans } from '../handing-on/send-spans.ts';
import type { Measurement, Warning } from '../measurement.ts';
import { exemplarsOf, type PlacedExemplar, traceRequest } from '../report/otlp-traces.ts';
import type { SpanTaker } from '../runner/round-options.ts';
import type { World } from '../world.ts';

export interface HandingOnOptions {
  /** URL of an OTLP/HTTP receiver. */
  readonly exportOtlp?: string;
  readonly exportHeader?: readonly (readonly [name: string, value: string])[];
  /** All spans of the measured rounds. */
  readonly exportRounds?: boolean;
}

/** The specification's default for one request; a few example traces are one. */
const EXAMPLES_SECONDS = 10;
const ROUNDS_SECONDS = 120;

/**
 * @throws UserError where the address or a header is wrong: before anything is measured
 */
export async function openHandingOn(world: World, options: HandingOnOptions): Promise<HandingOn> {
  const { exportOtlp, exportHeader = [], exportRounds = false } = options;
  if (exportOtlp === undefined) {
    if (exportRounds || exportHeader.length > 0) throw withoutUrl(exportRounds);
    return new HandingOn(world, null, null);
  }
  const target = otlpTarget({ url: exportOtlp, headers: exportHeader }, world.env);
  return new HandingOn(world, target, exportRounds ? new RoundSpans() : null);
}

export class HandingOn implements AsyncDisposable {
  readonly #world: World;
  /** Null where nothing is handed on. */
  readonly #target: OtlpTarget | null;
  readonly #rounds: RoundSpans | null;
  #isRoundSent = false;

  constructor(world: World, target: OtlpTarget | null, rounds: RoundSpans | null) {
    this.#world = world;
    this.#target = target;
    this.#rounds = rounds;
  }

  get onSpans(): SpanTaker | undefined {
    return this.#rounds?.take;
  }

  /** @returns the result, with what went wrong among its warnings; its verdict is what it was */
  async handOn(result: GateResult): Promise<GateResult> {
    const warnings = await this.#send(exemplarsOf(result));
    const [first, ...others] = result.comparisons;
    if (!first || warnings.length === 0) return result;
    return {
      ...result,
      comparisons: [{ ...first, warnings: [...first.warnings, ...warnings] }, ...others],
    };
  }

  /** @returns the measurement, with what went wrong among its warnings */
  async handOnExamples(measurement: Measurement): Promise<Measurement> {
    const { scenario, exemplars = [], commit } = measurement;
    const side = commit?.sha.slice(0, 10) ?? 'candidate';
    const warnings = await this.#send(exemplars.map((exemplar) => ({ exemplar, side, scenario })));
    return warnings.length === 0
      ? measurement
      : { ...measurement, warnings: [...measurement.warnings, ...warnings] };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#rounds?.[Symbol.asyncDispose]();
  }

  async #send(exemplars: readonly PlacedExemplar[]): Promise<readonly Warning[]> {
    const target = this.#target;
    if (target === null) return [];
    const { signal, stderr } = this.#world;
    const { spans, warning } = await sendSpans(this.#bodies(exemplars), target, {
      timeLimitSeconds: target.timeoutSeconds ?? (this.#rounds === null ? EXAMPLES_SECONDS : ROUNDS_SECONDS),
      signal,
      wait: (seconds, until) => delay(seconds * 1000, undefined, { signal: until }),
    });
    const warnings = [...(this.#rounds?.warnings ?? []), ...(warning === null ? [] : [warning])];
    if (spans > 0) stderr.write(`spangate: ${spans} spans were handed on to ${target.shown}\n`);
    else if (warnings.length === 0) {
      stderr.write(`spangate: there was no span to hand on to ${target.shown}: no operation changed\n`);
    }
    return warnings;
  }

  /** What a round has is not sent as an example too: its span ids would be others. */
  async *#bodies(exemplars: readonly PlacedExemplar[]): AsyncGenerator<SpanBody> {
    if (this.#rounds !== null && !this.#isRoundSent) {
      this.#isRoundSent = true;
      yield* this.#rounds.bodies();
    }
    const others = exemplars.filter(({ exemplar }) => this.#rounds?.has(exemplar.traceId) !== true);
    if (others.length === 0) return;
    const resourceSpans = others.flatMap((each) => traceRequest(each).resourceSpans);
    const spans = others.reduce((sum, { exemplar }) => sum + exemplar.spans.length, 0);
    yield { text: JSON.stringify({ resourceSpans }), spans };
  }
}

function withoutUrl(isOfRounds: boolean): UserError {
  return new UserError({
    code: 'otlp-url-missing',
    what: 'Spans are to be handed on, and nobody says where to.',
    where: isOfRounds ? '--export-rounds' : '--export-header',
    hint: 'Add --export-otlp with the address of an OTLP/HTTP receiver, such as http://localhost:4318.',
    exitCode: EXIT.usage,
  });
}
