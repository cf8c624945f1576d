/**
 * A small closed-loop driver on undici, for services that autocannon cannot measure: those that close their
 * connections, and what its parser does not know (answers to HEAD, interim answers).
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'undici';
import type { Connection } from './connection.ts';
import { drain } from './drain.ts';
import type { LoadControl } from './load-control.ts';
import { lossType } from './loss-type.ts';
import { type Outgoing, ownHeaders } from './outgoing.ts';

/** A refused connection is not tried again in a busy loop. */
const RECONNECT_MS = 50;

/** Runs the load until `control` says that it is over; nothing is left running afterwards, also on a failure. */
export async function drivePlain(control: LoadControl): Promise<void> {
  const clients = control.connections.map(
    ({ position }) => new Client(new URL(control.targets[position]?.url ?? '').origin, { pipelining: 1 }),
  );
  control.begin();
  const loops = Promise.all(
    control.connections.map((connection, index) => drive(control, connection, clients[index] as Client)),
  );
  // A bug in a loop must end the load.
  loops.catch((error) => control.fail(error));
  try {
    await control.finished;
    await drain(loops);
  } finally {
    await Promise.all(clients.map((client) => client.destroy()));
    await loops.catch(() => {});
  }
}

async function drive(control: LoadControl, connection: Connection, client: Client): Promise<void> {
  const timeout = control.timeoutSeconds * 1000;
  for (let next = control.next(connection); next !== null; next = control.next(connection)) {
    const abort = new AbortController();
    const timer = setTimeout(
      () => abort.abort(new DOMException('no answer in time', 'TimeoutError')),
      timeout,
    );
    try {
      const from = performance.now();
      const { statusCode, headers, body } = await client.request({ ...parts(next), signal: abort.signal });
      const text = await body.text();
      control.answer(connection, statusCode, (performance.now() - from) / 1000, text);
      const cookies = headers['set-cookie'];
      if (connection.hasCookies && cookies) connection.keepCookies([cookies].flat(), 'answer');
    } catch (error) {
      control.lose(connection, lossType(error));
      if (connection.failures > 1 && !control.over) await delay(RECONNECT_MS);
    } finally {
      clearTimeout(timer);
    }
  }
}

function parts(outgoing: Outgoing) {
  const { method, path, headers, body } = outgoing.request;
  return { method, path, headers: { ...Object.fromEntries(headers), ...ownHeaders(outgoing) }, body };
}
