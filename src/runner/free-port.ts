/** TCP ports for services: free, distinct within a run, and all with five digits. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { EXIT, UserError } from '../errors.ts';
import { deriveSeed, type Random, seededRandom } from '../random.ts';
import type { ProcessRegistry } from './process-registry.ts';

export interface PortPool {
  /** A port that nothing listens on now, and that the pool has not given out before. */
  take(): Promise<number>;
}

/** Smallest port with five digits: a port is part of URLs and headers, whose length must not tell instances apart. */
const LOWEST = 10_000;

/** Linux's default, https://docs.kernel.org/networking/ip-sysctl.html; other systems begin higher. */
const DEFAULT_EPHEMERAL_START = 32_768;

/** Below that share of free ports something else is wrong. */
const ATTEMPTS = 200;

/**
 * Ports are taken below the range from which the system picks ports for outgoing connections, so that none of the
 * connections of the load or to a database can take a port between our choice and the service's `listen`.
 *
 * @param random 0 <= random() < 1
 */
export function createPortPool(random: () => number = Math.random): PortPool {
  const given = new Set<number>();
  const limit = ephemeralStart();
  return {
    async take() {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const port = LOWEST + Math.floor(random() * (limit - LOWEST));
        if (given.has(port)) continue;
        given.add(port);
        if (await isFree(port)) return port;
      }
      throw new UserError({
        code: 'no-free-port',
        what: `None of ${ATTEMPTS} ports between ${LOWEST} and ${limit - 1} was free.`,
        hint: 'Look for processes that were left over from earlier runs (ss -ltnp).',
        exitCode: EXIT.couldNotMeasure,
      });
    },
  };
}

/** Any number that no other part of a run has. */
const PORT_SEED = 0x9047;

/**
 * Where a pool draws from. Two runs of one seed at the same time do not find each other at the same ports: between the
 * look at a port and the service's `listen` there is time for both to choose it.
 */
export function portRandom(seed: number, { runId }: Pick<ProcessRegistry, 'runId'>): Random {
  return seededRandom(deriveSeed(seed, PORT_SEED, ...Buffer.from(runId)));
}

/** Whether nothing listens on the port, on any address: services listen on loopback or on all of them. */
export async function isFree(port: number): Promise<boolean> {
  const all = await canListen(port, '::');
  // EAFNOSUPPORT or EADDRNOTAVAIL: a machine without IPv6.
  return all === 'no-such-address' ? (await canListen(port, '0.0.0.0')) === 'yes' : all === 'yes';
}

function canListen(port: number, host: string): Promise<'yes' | 'no' | 'no-such-address'> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'EAFNOSUPPORT' || error.code === 'EADDRNOTAVAIL' ? 'no-such-address' : 'no');
    });
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve('yes')));
  });
}

/** First port that the system takes for outgoing connections. */
export function ephemeralStart(): number {
  try {
    const start = Number.parseInt(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8'), 10);
    // A range that begins lower leaves no room below it: then the whole range has to do.
    return start >= LOWEST + 5_000 ? start : 60_000;
  } catch {
    return DEFAULT_EPHEMERAL_START;
  }
}
