/** Puts recorder, provider, instrumentations and hooks together in a service process. */

import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { isMainThread, threadId } from 'node:worker_threads';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { emptyResource } from '@opentelemetry/resources';
import { AlwaysOnSampler, BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { FLUSH_INTERVAL_SECONDS } from '../preload-environment.ts';
import { API_MODULE, ApiCopies } from './api-copies.ts';
import { onFirstListen } from './first-listen.ts';
import { GlobalApi } from './global-api.ts';
import { InstrumentationProvider } from './instrumentation-provider.ts';
import { createInstrumentations, INSTRUMENTED_MODULES } from './instrumentations.ts';
import { hookModules, patchBuiltins } from './module-hooks.ts';
import { Recorder } from './recorder.ts';

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
  const stem = `${process.pid}-${threadId}-${Date.now().toString(36)}`;
  const recorder = new Recorder(join(directory, `spans-${stem}.bin`), {
    service: process.env.OTEL_SERVICE_NAME ?? 'unknown_service:node',
    pid: process.pid,
    threadId,
    timeOrigin: performance.timeOrigin,
  });
  setInterval(() => recorder.flush(), FLUSH_INTERVAL_SECONDS * 1e3).unref();
  process.on('exit', () => recorder.close());

  const provider = new BasicTracerProvider({
    resource: emptyResource(),
    sampler: new AlwaysOnSampler(),
    spanProcessors: [recorder as never],
  });
  const instrumentationProvider = new InstrumentationProvider(provider);
  const globalApi = new GlobalApi({
    recorder,
    onApplicationSdk: () => instrumentationProvider.passThrough(),
  });
  globalApi.trap();
  createInstrumentations(instrumentationProvider);
  const apiCopies = new ApiCopies(null);
  apiCopies.watch();
  patchBuiltins();
  await hookModules([...INSTRUMENTED_MODULES, API_MODULE]);
  const install = (): void => {
    const installed = globalApi.installUnlessRegistered({
      trace: provider,
      context: new AsyncLocalStorageContextManager(),
      propagation: new CompositePropagator({
        propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
      }),
    });
    if (installed) apiCopies.delegateTo(provider);
  };
  onFirstListen(install, isMainThread ? PROCESS_PATIENCE_SECONDS : THREAD_PATIENCE_SECONDS);
}
