/** Tells when a service begins to listen. */
import { Server } from 'node:net';

export interface FirstListenOptions {
  /** After so many seconds it is called in a process or thread that never listens. */
  readonly patienceSeconds: number;
  /** Whether the service is known to have begun, although it does not listen. */
  readonly isReady: () => boolean;
  /** How often it is asked. */
  readonly lookSeconds: number;
}

/** Calls `decide` once, right before the first TCP server of this process or thread listens. */
export function onFirstListen(decide: () => void, options: FirstListenOptions): void {
  const listen = Server.prototype.listen;
  const once = (): void => {
    if (Server.prototype.listen === watched) Server.prototype.listen = listen;
    clearTimeout(timer);
    clearInterval(looks);
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
  const timer = setTimeout(once, options.patienceSeconds * 1e3);
  timer.unref();
  const looks = setInterval(() => {
    if (options.isReady()) once();
  }, options.lookSeconds * 1e3);
  looks.unref();
}

/** Launchers talk to their children over pipes before the service has begun. */
function isPipe(target: unknown): boolean {
  if (typeof target === 'string') return Number.isNaN(Number(target));
  return typeof target === 'object' && target !== null && 'path' in target && typeof target.path === 'string';
}
