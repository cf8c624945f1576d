/** Drives the load by the model that the configuration names. */
import type { Load, LoadModel } from '../../config.ts';
import type { BlockLoadOptions } from './block-control.ts';
import { runClosedLoad } from './closed-load.ts';
import { runGrpcLoad } from './grpc-load.ts';
import { runInterleavedLoad, usualInFlight } from './interleaved-load.ts';
import type { LoadResult } from './load-result.ts';
import { runOpenLoad } from './open-load.ts';

/** @throws UserError as the driver of the model; TypeError where the open model has no rate */
export function runLoad(
  model: Exclude<LoadModel, 'auto' | 'command'>,
  options: BlockLoadOptions,
): Promise<LoadResult> {
  const { inFlight, open, grpc } = options.load;
  if (grpc !== undefined) return runGrpcLoad(options);
  if (model === 'closed') return runClosedLoad(options);
  if (model === 'interleaved') {
    return runInterleavedLoad({ ...options, ...(inFlight !== undefined && { inFlight }) });
  }
  if (!open) throw new TypeError('the open model needs a rate');
  return runOpenLoad({ ...options, ...open });
}

/** With `usualInFlight` where the configuration leaves the number of requests in flight to the machine. */
export function withInFlight(load: Load, cores: number): Load {
  return { ...load, inFlight: load.inFlight ?? usualInFlight(cores) };
}
