/** Puts recorder, provider, instrumentations and hooks together in a service process. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { isMainThread, threadId } from 'node:worker_threads';
import type { ContextManager, TextMapPropagator } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  CompositePropagator,
  SDK_INFO,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
} from '@opentelemetry/core';
import { emptyResource } from '@opentelemetry/resources';
import { AlwaysOnSampler, BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { INJECTION_VARIABLE, parseInjection } from '../injection.ts';
import { metricsFileName } from '../metric-point.ts';
import { FLUSH_INTERVAL_SECONDS, READY_FILE, READY_LOOK_SECONDS } from '../preload-environment.ts';
import type { RecorderIdentity } from '../recording-format.ts';
import { API_MODULE, ApiCopies } from './api-copies.ts';
import { onFirstListen } from './first-listen.ts';
import { GlobalApi } from './global-api.ts';
import { LocalIdGenerator } from './id-generator.ts';
import type { InjectingRecorder } from './injecting-recorder.ts';
import { InstrumentationProvider } from './instrumentation-provider.ts';
import { createInstrumentations, INSTRUMENTED_MODULES } from './instrumentations.ts';
import { COLLECTION_INTERVAL_SECONDS, MetricRecorder } from './metric-recorder.ts';
import { hookModules, patchBuiltins } from './module-hooks.ts';
import { ProcessRecord } from './process-record.ts';
import { Recorder } from './recorder.ts';
import { resourceAttributes } from './resource-attributes.ts';

/** A process that does not listen may still be loading its modules, its own SDK among them. */
const PROCESS_PATIENCE_SECONDS = 10;

/** A worker thread does not listen; an SDK of its own would be the first thing that it loads. */
const THREAD_PATIENCE_SECONDS = 0.25;

/**
 * Starts recording in this process or worker thread and returns once modules that load from now on are seen.
 *
 * @throws when the directory cannot be written to
 */
export async function startRecording(directory: string): Promise<void> {
  const service = process.env.OTEL_SERVICE_NAME ?? 'unknown_service:node';
  const stem = `${process.pid}-${threadId}-${Date.now().toString(36)}`;
  const idGenerator = new LocalIdGenerator();
  const resource = resourceAttributes(process.env.OTEL_RESOURCE_ATTRIBUTES);
  const recorder = await openRecorder(join(directory, `spans-${stem}.bin`), {
    identity: { service, pid: process.pid, threadId, timeOrigin: performance.timeOrigin, resource },
    localIdHigh: idGenerator.high,
  });
  const metrics = new MetricRecorder({
    path: join(directory, metricsFileName(stem)),
    mainThread: isMainThread,
  });
  metrics.start();

  const provider = new BasicTracerProvider({
    resource: emptyResource(),
    // Whatever the caller decided: a span that is not recorded cannot be compared.
    sampler: new AlwaysOnSampler(),
    spanProcessors: [recorder],
    idGenerator,
  });
  const instrumentationProvider = new InstrumentationProvider(provider);
  const globalApi = new GlobalApi({
    recorder,
    // Each span is to be seen once.
    onApplicationSdk: () => {
      instrumentationProvider.passThrough();
      instrumentations.stop();
    },
  });
  const instrumentations = createInstrumentations(instrumentationProvider);
  globalApi.trap();
  const apiCopies = new ApiCopies(metrics.provider);
  apiCopies.watch();
  const moduleHooks = await hookModules([...INSTRUMENTED_MODULES, API_MODULE]);

  let installed = false;
  const record = new ProcessRecord(join(directory, `process-${stem}.json`), () => ({
    service,
    openTelemetry: String(SDK_INFO['telemetry.sdk.version']),
    moduleHooks,
    instrumented: instrumentations.patched,
    active: [...instrumentationProvider.active].sort(),
    provider: globalApi.applicationSdk ? 'application' : installed ? 'ours' : 'undecided',
    applicationSdk: globalApi.applicationSdk,
    resource: {
      ...resource,
      ...globalApi.applicationResource,
    },
    notes: instrumentations.notes,
  }));
  const decide = (): void => {
    installed = globalApi.installUnlessRegistered({
      trace: provider,
      context: contextManager(),
      propagation: propagator(),
      metrics: metrics.provider,
    });
    if (installed) {
      apiCopies.delegateTo(provider);
      patchBuiltins();
    }
    record.write();
  };
  const readyFile = join(directory, READY_FILE);
  onFirstListen(decide, {
    patienceSeconds: isMainThread ? PROCESS_PATIENCE_SECONDS : THREAD_PATIENCE_SECONDS,
    isReady: () => existsSync(readyFile),
    lookSeconds: READY_LOOK_SECONDS,
  });
  record.write();
  setInterval(() => {
    record.write();
    void metrics.collect();
  }, COLLECTION_INTERVAL_SECONDS * 1e3).unref();
  process.on('exit', () => record.write());
}

async function openRecorder(
  path: string,
  { identity, localIdHigh }: { readonly identity: RecorderIdentity; readonly localIdHigh: number },
): Promise<Recorder> {
  const injection = process.env[INJECTION_VARIABLE];
  const recorder =
    injection === undefined
      ? new Recorder(path, identity, localIdHigh)
      : await openInjectingRecorder(path, identity, { localIdHigh, injection: parseInjection(injection) });
  setInterval(() => recorder.flush(), FLUSH_INTERVAL_SECONDS * 1e3).unref();
  process.on('exit', () => recorder.close());
  return recorder;
}

/** Loaded on demand: no service that is measured in earnest has this in its memory. */
async function openInjectingRecorder(
  ...parameters: ConstructorParameters<typeof InjectingRecorder>
): Promise<Recorder> {
  const { InjectingRecorder } = await import('./injecting-recorder.ts');
  return new InjectingRecorder(...parameters);
}

function contextManager(): ContextManager {
  return new AsyncLocalStorageContextManager().enable();
}

function propagator(): TextMapPropagator {
  return new CompositePropagator({
    propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
  });
}
