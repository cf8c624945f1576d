/** A request as the bytes of HTTP/1.1. All but the trace id is made once for each content that never changes. */
import { traceparent } from '../../telemetry/trace-id.ts';
import type { RenderedRequest } from './content.ts';
import type { Outgoing } from './outgoing.ts';

export class WireFormat {
  readonly #host: string;
  readonly #heads = new WeakMap<RenderedRequest, string>();

  /** @param host of the target, with its port */
  constructor(host: string) {
    this.#host = host;
  }

  bytes({ request, traceId, cookie }: Outgoing): string | Buffer {
    let head = this.#heads.get(request);
    if (head === undefined) {
      head = this.#head(request);
      this.#heads.set(request, head);
    }
    const lines = `${head}traceparent: ${traceparent(traceId)}\r\n${cookie === '' ? '' : `cookie: ${cookie}\r\n`}\r\n`;
    if (request.body === null) return lines;
    return typeof request.body === 'string'
      ? lines + request.body
      : Buffer.concat([Buffer.from(lines), request.body]);
  }

  #head({ method, path, headers, body }: RenderedRequest): string {
    const given = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const host = headers.some(([name]) => name.toLowerCase() === 'host') ? '' : `Host: ${this.#host}\r\n`;
    // Servers wait for a body of these methods even where there is none.
    const needsLength = body !== null || method === 'POST' || method === 'PUT' || method === 'PATCH';
    const length = needsLength ? `Content-Length: ${body === null ? 0 : Buffer.byteLength(body)}\r\n` : '';
    return `${method} ${path} HTTP/1.1\r\n${host}Connection: keep-alive\r\n${given}${length}`;
  }
}
