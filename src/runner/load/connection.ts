/** One connection of the load: what it knows, and the request that it has in flight. */
import type { Phase } from '../../telemetry/trace-id.ts';
import type { RenderedRequest } from './content.ts';

/** A request as a driver sends it. */
export interface Outgoing {
  readonly request: RenderedRequest;
  readonly traceparent: string;
  /** Value of the `cookie` header; empty for none. */
  readonly cookie: string;
}

export class Connection {
  /** Position of its instance in the targets. */
  readonly position: number;
  /** Values kept from the login and from answers. */
  readonly known = new Map<string, string>();
  readonly cookies = new Map<string, string>();
  /** Request, phase and state of what is in flight. */
  inFlight = false;
  request = 0;
  phase: Phase = 'warm-up';
  sentAt = 0;
  /** How the last requests ended: failures in a row, and whether the last one was refused. */
  failures = 0;
  refused = false;

  constructor(position: number) {
    this.position = position;
  }

  cookieHeader(): string {
    if (this.cookies.size === 0) return '';
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  /** @param lines values of `set-cookie`; attributes are not looked at: all goes to one service */
  keepCookies(lines: readonly string[]): void {
    for (const line of lines) {
      const match = /^\s*([^=;\s]+)=([^;]*)/.exec(line);
      if (match) this.cookies.set(match[1] ?? '', (match[2] ?? '').trim());
    }
  }
}
