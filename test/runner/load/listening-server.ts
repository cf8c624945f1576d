/** Real servers on ports of the system's choice, and what they saw. */
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from 'node:net';
import { parseTraceId, type TraceOrigin } from '../../../src/telemetry/trace-id.ts';

export interface Listening<S> extends AsyncDisposable {
  readonly url: string;
  readonly server: S;
}

export async function listen(listener: RequestListener): Promise<Listening<Server>> {
  const server = createServer(listener);
  const url = await listenOn(server);
  return { server, url, [Symbol.asyncDispose]: () => stop(server) };
}

export async function listenTcp(onSocket: (socket: Socket) => void): Promise<Listening<TcpServer>> {
  const server = createTcpServer(onSocket);
  const url = await listenOn(server);
  return { server, url, [Symbol.asyncDispose]: async () => void server.close() };
}

/** Closes a server and all of its connections. */
export async function stop(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

/** What the trace id of a request says. */
export function originOf(request: IncomingMessage, runTag: number): TraceOrigin | null {
  return parseTraceId(runTag, String(request.headers.traceparent).split('-')[1] ?? '');
}

async function listenOn(server: TcpServer): Promise<string> {
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
