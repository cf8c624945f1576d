/** Whether a service answers: one look at it, by HTTP, by TCP, or at its log. */
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { connect } from 'node:net';
import type { Readiness } from '../config.ts';

export type Probe =
  /** `host` is the loopback address that answered. */
  | { readonly state: 'ready'; readonly host: string }
  /** `seen` says in a few words what there was instead. */
  | { readonly state: 'waiting'; readonly seen: string };

export interface ProbeTarget {
  readonly ready: Readiness;
  readonly port: number;
  /** Log text that is new since the last look. */
  readonly readLog: () => string;
}

/** A service that listens on `localhost` may have only one of the two. */
const LOOPBACK = ['127.0.0.1', '::1'];

/** A service that takes longer for its readiness route while it starts is asked again. */
const PROBE_SECONDS = 5;

/**
 * A log line may arrive in two parts; the part kept is matched again with what follows.
 * Returns a function to be called until it says `ready`.
 */
export function readinessProbe(target: ProbeTarget): () => Promise<Probe> {
  const { ready, port } = target;
  if (ready.kind === 'http') return () => onLoopback((host) => probeHttp(host, port, ready.path));
  if (ready.kind === 'tcp') return () => onLoopback((host) => probeTcp(host, port));
  const pattern = new RegExp(ready.pattern, 'm');
  let rest = '';
  return async () => {
    const text = rest + target.readLog();
    if (pattern.test(text)) return { state: 'ready', host: '127.0.0.1' };
    rest = text.slice(text.lastIndexOf('\n') + 1);
    return { state: 'waiting', seen: `no line of its output matches /${ready.pattern}/` };
  };
}

async function onLoopback(probe: (host: string) => Promise<Probe>): Promise<Probe> {
  const [first = '127.0.0.1', ...others] = LOOPBACK;
  const answer = await probe(first);
  if (answer.state === 'ready' || answer.seen !== NOTHING_LISTENS) return answer;
  for (const host of others) {
    const other = await probe(host);
    if (other.state === 'waiting' && other.seen === NOTHING_LISTENS) continue;
    // It may have begun to listen between the two looks: all instances of a service shall be reached by the same.
    const again = await probe(first);
    return again.state === 'ready' ? again : other;
  }
  return answer;
}

const NOTHING_LISTENS = 'nothing listens on its port';

/** One look at what runs anywhere already. @param ready by its log counts as `tcp`: nobody sees its log */
export function probeAddress(url: URL, ready: Readiness): Promise<Probe> {
  const { hostname, port, protocol } = url;
  const host = hostname.replace(/^\[|\]$/g, '');
  const isSecure = protocol === 'https:';
  const number = Number(port || (isSecure ? 443 : 80));
  return ready.kind === 'http'
    ? probeHttp(host, number, ready.path, isSecure ? requestHttps : requestHttp)
    : probeTcp(host, number);
}

/**
 * Ready by the rule of Playwright's `webServer.url`: 2xx and 3xx, and the answers of a service that wants a log-in or
 * parameters. 404 is not: it is what a mistyped path gets.
 * Source: https://playwright.dev/docs/test-webserver
 */
function isReadyStatus(status: number): boolean {
  return status >= 200 && status <= 403;
}

function probeHttp(
  host: string,
  port: number,
  path: string,
  request: typeof requestHttp = requestHttp,
): Promise<Probe> {
  return new Promise((resolve) => {
    const attempt = request(
      { host, port, path, agent: false, timeout: PROBE_SECONDS * 1000, headers: { accept: '*/*' } },
      (response) => {
        response.resume();
        response.once('error', () => {});
        const status = response.statusCode ?? 0;
        resolve(
          isReadyStatus(status)
            ? { state: 'ready', host }
            : { state: 'waiting', seen: `GET ${path} was answered with ${status}` },
        );
      },
    );
    attempt.once('timeout', () => {
      resolve({ state: 'waiting', seen: `GET ${path} was not answered within ${PROBE_SECONDS} s` });
      attempt.destroy();
    });
    attempt.on('error', (error) => resolve({ state: 'waiting', seen: seenOf(error) }));
    attempt.end();
  });
}

function probeTcp(host: string, port: number): Promise<Probe> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: PROBE_SECONDS * 1000 });
    const settle = (probe: Probe) => {
      resolve(probe);
      socket.destroy();
    };
    socket.once('connect', () => settle({ state: 'ready', host }));
    socket.once('timeout', () => settle({ state: 'waiting', seen: 'its port does not accept connections' }));
    socket.on('error', (error) => settle({ state: 'waiting', seen: seenOf(error) }));
  });
}

function seenOf(error: NodeJS.ErrnoException): string {
  return error.code === 'ECONNREFUSED' || error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT'
    ? NOTHING_LISTENS
    : `its port answered with ${error.code ?? error.message}`;
}
