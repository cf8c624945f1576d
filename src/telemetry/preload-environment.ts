/** Environment variables that make a Node service record its spans. */
import { fileURLToPath } from 'node:url';

/** How often a recorder writes out what it has: a killed service loses at most this much. */
export const FLUSH_INTERVAL_SECONDS = 0.25;

/**
 * Written into the recording directory when the services of an instance are ready: a worker that never listens has begun
 * by then too.
 */
export const READY_FILE = 'ready';

/** How often a process that does not listen looks for it. */
export const READY_LOOK_SECONDS = 0.1;

export interface PreloadOptions {
  /** Recording directory of one service of one instance; must exist. */
  readonly directory: string;
  /** `service.name` of the spans. */
  readonly serviceName: string;
  /** NODE_OPTIONS that the service would have without us. */
  readonly nodeOptions: string | undefined;
}

/**
 * Variables to add to the environment of the service. The path is given as a URL, since NODE_OPTIONS is split at
 * spaces.
 */
export function preloadEnvironment(options: PreloadOptions): Record<string, string> {
  const nodeOptions = [options.nodeOptions, `--import ${registerUrl()}`].filter(Boolean).join(' ');
  return {
    NODE_OPTIONS: nodeOptions,
    SPANGATE_RECORDING_DIR: options.directory,
    OTEL_SERVICE_NAME: options.serviceName,
  };
}

/** Next to the compiled form of this file; when that is run from its source, in the build. */
function registerUrl(): string {
  const url = new URL('./preload/register.js', import.meta.url);
  if (!fileURLToPath(import.meta.url).endsWith('.ts')) return url.href;
  return new URL('../../build/telemetry/preload/register.js', import.meta.url).href;
}
