/** Stands for a span that is not made: what is said of it is said of its parent, but for its end and its attributes. */
import type {
  Attributes,
  Exception,
  Link,
  Span,
  SpanContext,
  SpanStatus,
  TimeInput,
} from '@opentelemetry/api';

export class SharedSpan implements Span {
  readonly #parent: Span;

  constructor(parent: Span) {
    this.#parent = parent;
  }

  spanContext(): SpanContext {
    return this.#parent.spanContext();
  }

  setAttribute(): this {
    return this;
  }

  setAttributes(): this {
    return this;
  }

  addEvent(name: string, attributesOrStart?: Attributes | TimeInput, start?: TimeInput): this {
    this.#parent.addEvent(name, attributesOrStart, start);
    return this;
  }

  addLink(link: Link): this {
    this.#parent.addLink(link);
    return this;
  }

  addLinks(links: Link[]): this {
    this.#parent.addLinks(links);
    return this;
  }

  setStatus(status: SpanStatus): this {
    this.#parent.setStatus(status);
    return this;
  }

  updateName(name: string): this {
    this.#parent.updateName(name);
    return this;
  }

  /** The parent ends by itself. */
  end(): void {}

  isRecording(): boolean {
    return this.#parent.isRecording();
  }

  recordException(exception: Exception, time?: TimeInput): void {
    this.#parent.recordException(exception, time);
  }
}
