/** autocannon as the driver: one run, an array of URLs, one client a connection. */
import type { Instance, Options } from 'autocannon';
import { type AutocannonClient, AutocannonSession } from './autocannon-client.ts';
import { drain } from './drain.ts';
import type { LoadControl } from './load-control.ts';
import { closingAnswers } from './load-errors.ts';
import { WireFormat } from './wire-format.ts';

/** How often autocannon looks whether it is to stop. */
const SAMPLE_MS = 50;
/** Some services close a connection after a thousand requests, which changes no figure. */
const TOLERATED_CLOSINGS = 0.01;

/** Runs the load until `control` says that it is over; nothing is left running afterwards, also on a failure. */
export async function driveAutocannon(control: LoadControl): Promise<void> {
  const { default: autocannon } = await import('autocannon');
  const sessions: AutocannonSession[] = [];
  const wires = control.targets.map(({ url }) => new WireFormat(new URL(url).host));
  const options = {
    url: control.targets.map((target) => target.url),
    connections: control.connections.length,
    // Beyond any load: `control` ends it.
    duration: 1_000_000,
    sampleInt: SAMPLE_MS,
    skipAggregateResult: true,
    // Called in the order in which autocannon deals the URLs out, which is that of the connections.
    setupClient: (client: AutocannonClient) => {
      const connection = control.connections[sessions.length];
      const wire = connection && wires[connection.position];
      if (!connection || !wire) throw new TypeError('autocannon made more clients than connections');
      sessions.push(new AutocannonSession(client, { connection, control, wire }));
    },
  };
  control.begin();
  // The types of autocannon know neither an array of URLs nor what a client really is.
  const run = autocannon(options as unknown as Options) as unknown as Instance & PromiseLike<unknown>;
  try {
    await Promise.race([control.finished, run]);
    await drain(Promise.all(sessions.map((session) => session.finish())));
  } finally {
    for (const session of sessions) session.destroy();
    run.stop();
    await run;
  }
  const answers = sessions.reduce((sum, session) => sum + session.answers, 0);
  const closings = sessions.reduce((sum, session) => sum + session.closings, 0);
  if (closings > TOLERATED_CLOSINGS * answers) control.warn(closingAnswers(closings / answers));
}
