/** Names of the ways to get no answer, the same for all drivers. */

const TYPES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection reset',
  MALFORMED_ANSWER: 'malformed answer',
  UND_ERR_SOCKET: 'connection closed',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
};

/** @param error what the socket or the client threw; null where the service just closed the connection */
export function lossType(error: unknown): string {
  if (error === null) return 'connection closed';
  if (!(error instanceof Error)) return 'connection error';
  if (error.name === 'TimeoutError') return 'timeout';
  const code = (error as NodeJS.ErrnoException).code ?? error.name;
  return TYPES[code] ?? `connection ${code}`;
}
