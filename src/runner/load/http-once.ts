/** One request on a connection of its own, outside the load: logins and probes. */
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { type Outgoing, ownHeaders } from './outgoing.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** From sending to the last byte, with opening the connection. */
  readonly seconds: number;
  /** HTTP/1.0 without keep-alive, or `connection: close`. */
  readonly closes: boolean;
  /** Whether interim answers (103 Early Hints) came before it. */
  readonly interim: boolean;
}

/**
 * @throws Error of the socket; `TimeoutError` (by name) after `timeoutSeconds`; the signal's reason when aborted
 */
export async function sendOnce(
  url: string,
  sending: Outgoing,
  options: { readonly timeoutSeconds: number; readonly signal: AbortSignal },
): Promise<Answer> {
  // Keep-alive is asked for, or every server would close.
  const agent = new Agent({ keepAlive: true });
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutSeconds * 1000)]);
  const { protocol, hostname: host, port } = new URL(url);
  // A URL has brackets around an IPv6 address, a socket wants it without.
  const hostname = host.replace(/^\[|\]$/g, '');
  const { method, path, headers: given, body } = sending.request;
  const headers = { ...Object.fromEntries(given), ...ownHeaders(sending) };
  try {
    return await new Promise<Answer>((resolve, reject) => {
      const from = performance.now();
      let interim = false;
      const outgoing = httpRequest({ agent, protocol, hostname, port, method, path, headers, signal });
      outgoing.once('error', reject);
      outgoing.on('information', () => {
        interim = true;
      });
      outgoing.once('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
            seconds: (performance.now() - from) / 1000,
            closes: closes(response.httpVersion, response.headers.connection),
            interim,
          });
        });
      });
      outgoing.end(body ?? undefined);
    });
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    agent.destroy();
  }
}

function closes(httpVersion: string, connection: string | undefined): boolean {
  const value = connection ?? '';
  return /close/i.test(value) || (httpVersion === '1.0' && !/keep-alive/i.test(value));
}
