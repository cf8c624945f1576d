/** One client of an instance: what its login and its answers left with it. */
import type { RequestTemplate } from '../../config.ts';
import { isCredential } from './redact.ts';

export class Session {
  /** Position of its instance in the targets. */
  readonly position: number;
  /** Values kept from the login and from answers. */
  readonly known = new Map<string, string>();
  cookieHeader = '';
  readonly #cookies = new Map<string, string>();

  constructor(position: number) {
    this.position = position;
  }

  keep(fields: Iterable<readonly [name: string, value: string]>): void {
    for (const [name, value] of fields) this.known.set(name, value);
  }

  /**
   * Keeps the cookies of the login. Of later answers only new values of these are kept: a session goes on, and a
   * service that starts one for every stranger meets strangers.
   *
   * @param lines values of `set-cookie`; their attributes do not matter, as all goes to one service
   */
  keepCookies(lines: readonly string[], from: 'login' | 'answer'): void {
    for (const line of lines) {
      const match = /^\s*([^=;\s]+)=([^;]*)/.exec(line);
      const name = match?.[1] ?? '';
      if (match && (from === 'login' || this.#cookies.has(name)))
        this.#cookies.set(name, (match[2] ?? '').trim());
    }
    this.cookieHeader = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  get hasCookies(): boolean {
    return this.#cookies.size > 0;
  }

  /** Values that must not be printed, should an answer echo them. */
  secrets(template: RequestTemplate): string[] {
    const headers = Object.entries(template.headers).filter(([name]) => isCredential(name));
    return [...this.known.values(), ...this.#cookies.values(), ...headers.map(([, value]) => value)];
  }
}
