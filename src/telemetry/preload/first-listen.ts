/** Tells when a service begins to listen. */
import { Server } from 'node:net';

/**
 * Calls `decide` once, right before the first TCP server of this process or thread listens, or after `patience`
 * seconds in one that never does, such as a worker thread.
 */
export function onFirstListen(decide: () => void, patienceSeconds: number): void {
  const listen = Server.prototype.listen;
  const once = (): void => {
    if (Server.prototype.listen === watched) Server.prototype.listen = listen;
    clearTimeout(timer);
    if (decided) return;
    decided = true;
    decide();
  };
  let decided = false;
  const watched = function (this: Server, ...args: unknown[]): Server {
    if (!isPipe(args[0])) once();
    return Reflect.apply(listen, this, args) as Server;
  } as typeof listen;
  Server.prototype.listen = watched;
  const timer = setTimeout(once, patienceSeconds * 1e3);
  timer.unref();
}

/** Launchers talk to their children over pipes before the service has begun. */
function isPipe(target: unknown): boolean {
  if (typeof target === 'string') return Number.isNaN(Number(target));
  return typeof target === 'object' && target !== null && 'path' in target && typeof target.path === 'string';
}
