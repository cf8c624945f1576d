/** One instance, no load: each request is sent once, so that a person can see what comes back and what is recorded. */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Warning } from '../measurement.ts';
import { deriveSeed } from '../random.ts';
import { SharedReceivers } from '../telemetry/otlp/shared-receivers.ts';
import { FLUSH_INTERVAL_SECONDS } from '../telemetry/preload-environment.ts';
import type { Recording } from '../telemetry/recording.ts';
import { startDependencies } from './dependency.ts';
import { createPortPool, portRandom } from './free-port.ts';
import { signalsOf } from './instance-telemetry.ts';
import { InstanceSet, startInstances, urlOf } from './instances.ts';
import { instrumented } from './instrument/instrumented.ts';
import { type ProbedRequest, probeRequests } from './load/request-probe.ts';
import { createWorkload } from './load/workload.ts';
import type { MeasureOptions } from './measure.ts';
import { setUpServices } from './set-up.ts';

export interface ProbeResult {
  readonly requests: readonly ProbedRequest[];
  readonly recording: Recording;
  /** From the start command until it was ready, by service. */
  readonly startSeconds: Readonly<Record<string, number>>;
  readonly warnings: readonly Warning[];
}

export type ProbeOptions = Pick<
  MeasureOptions,
  'scenario' | 'seed' | 'inherited' | 'registry' | 'directory' | 'progress' | 'setUp'
>;

/** @throws UserError when the service or a dependency does not start, or the login fails */
export async function probeScenario(options: ProbeOptions): Promise<ProbeResult> {
  const { registry, directory, progress, seed, inherited } = options;
  const workload = createWorkload(options.scenario.load, { readFile: readFileSync });
  const ports = createPortPool(portRandom(seed, registry));
  progress.phase('setting up');
  if (options.setUp) await setUpServices({ ...options, logDirectory: directory });
  const scenario = await instrumented({ ...options, logDirectory: directory });
  await using dependencies = await startDependencies({
    dependencies: scenario.dependencies,
    instances: 1,
    registry,
    ports,
    inherited,
    logDirectory: directory,
  });
  await using receivers = await SharedReceivers.open(scenario.receivers, signalsOf(scenario));
  receivers?.begin();
  const state = await dependencies.prepareRound();
  progress.phase('starting');
  await using instances = new InstanceSet();
  const plans = [{ index: 0, scenario, logDirectory: directory }];
  await startInstances({ ...options, plans, index: 0, ports, dependencies }, instances);
  const [instance] = instances.all;
  if (!instance) throw new Error('one instance was started, and there is none');
  const runTag = deriveSeed(seed, PROBE) || 1;
  const requests = await Promise.race([
    probeRequests({
      workload,
      runTag,
      target: { instance: 0, url: urlOf(instance) },
      signal: registry.signal,
    }),
    instances.failure(),
  ]);
  // Children may end after their request; two intervals of the recorder, and everything is in its file.
  const settleSeconds = Math.max(2 * FLUSH_INTERVAL_SECONDS, receivers?.settleSeconds ?? 0);
  await Promise.race([delay(settleSeconds * 1000), registry.aborted]);
  const warnings = [...(await instances.stop()).values()].flat();
  return {
    requests,
    recording: await instance.telemetry.recording(
      instance.services,
      receivers && {
        files: receivers.filesOf({ runTag, instance: 0, isAlone: true }),
        refusals: receivers.refusals(),
        metrics: receivers.metrics(),
      },
    ),
    startSeconds: Object.fromEntries(instance.services.map(({ name, startSeconds }) => [name, startSeconds])),
    warnings: [...(state.invalid ? [state.invalid] : []), ...warnings],
  };
}

/** Any number that no round has. */
const PROBE = 0x9b0be;
