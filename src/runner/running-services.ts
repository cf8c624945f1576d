/** Services that run already: what is asked of them, and what is said of what they cost. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Scenario, Service } from '../config.ts';
import { EXIT, UserError } from '../errors.ts';
import type { Warning } from '../measurement.ts';
import type { Placeholders } from './placeholders.ts';
import { type Probe, probeAddress } from './readiness.ts';

/** Those that are started for each instance. */
export function startedServices({ services }: Pick<Scenario, 'services'>): readonly Service[] {
  return services.filter(({ url }) => url === undefined);
}

/** `${services.NAME.url}` and `.port`. */
export function runningPlaceholders(services: readonly Service[]): Placeholders {
  return Object.fromEntries(
    services.flatMap(({ name, url }) =>
      url === undefined
        ? []
        : [
            [`services.${name}.url`, url],
            [`services.${name}.port`, String(portOf(new URL(url)))],
          ],
    ),
  );
}

const PAUSE_MS = 200;

/**
 * Waits until each that runs already answers.
 *
 * @throws UserError `service-not-reached`; the reason of the signal
 */
export async function assertReachable(services: readonly Service[], signal: AbortSignal): Promise<void> {
  const running = new Map(services.map((service) => [`${service.name} ${service.url}`, service]));
  await Promise.all([...running.values()].map((service) => reached(service, signal)));
}

async function reached(
  { name, url, ready, startTimeoutSeconds }: Service,
  signal: AbortSignal,
): Promise<void> {
  if (url === undefined) return;
  const deadline = performance.now() + startTimeoutSeconds * 1000;
  for (;;) {
    const probe: Probe = await probeAddress(new URL(url), ready);
    signal.throwIfAborted();
    if (probe.state === 'ready') return;
    if (performance.now() > deadline) throw notReached({ name, url, seen: probe.seen, startTimeoutSeconds });
    await delay(PAUSE_MS, null, { signal }).catch(() => {});
  }
}

function notReached(facts: {
  readonly name: string;
  readonly url: string;
  readonly seen: string;
  readonly startTimeoutSeconds: number;
}): UserError {
  const { name, url, seen, startTimeoutSeconds } = facts;
  return new UserError({
    code: 'service-not-reached',
    what: `The service ${name} did not answer at ${url} within ${startTimeoutSeconds} s: ${seen}.`,
    where: `services.${name}.url`,
    hint: 'spangate does not start a service with a `url`: start it before, or give its start command by `start`.',
    exitCode: EXIT.couldNotMeasure,
  });
}

/**
 * Side by side, a service that gets the load has to be two: one of each build.
 *
 * @throws UserError `service-runs-already`
 */
export function assertTwoBuilds({ name: scenario, services, load }: Scenario): void {
  const service = services.find(({ name }) => name === load.service);
  if (service?.url === undefined) return;
  throw new UserError({
    code: 'service-runs-already',
    what: `The load of ${scenario} goes to the service ${service.name}, which runs already (${service.url}), so both builds would be the same process.`,
    where: `services.${service.name}.url`,
    hint: 'Give its start command by `start`; or gate against a stored baseline: `spangate gate` without --against.',
    exitCode: EXIT.usage,
  });
}

/**
 * What it means that nobody starts them.
 *
 * @param over what shares them: the rounds of one build, or the instances of two builds
 */
export function runningWarnings(
  { services, receivers }: Pick<Scenario, 'services' | 'receivers'>,
  over: 'round' | 'build',
): readonly Warning[] {
  const running = services.filter(({ url }) => url !== undefined).map(({ name }) => name);
  if (running.length === 0) return [];
  const names = running.join(', ');
  const shared =
    over === 'build'
      ? `Both builds share what runs already (${names}): a change of its own code is not seen, and where it is the slower part it hides a change of the others.`
      : `What runs already (${names}) is the same process in all rounds: nobody starts it afresh, and each round finds it as those before left it.`;
  const unseen = receivers === undefined ? ' Without `receivers` none of its spans are seen.' : '';
  return [{ code: 'service-shared', message: `${shared}${unseen}` }];
}

function portOf({ port, protocol }: URL): number {
  return Number(port || (protocol === 'https:' ? 443 : 80));
}
