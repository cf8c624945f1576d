/** An OpenTelemetry SDK that the application brings: which it is, and how the recorder gets its spans. */
import type { TracerProvider } from '@opentelemetry/api';
import type { ApplicationSdk } from '../process-details.ts';
import type { Recorder } from './recorder.ts';

/** Fields of providers that are the same in the SDKs 1.x, 2.x and 3.x, or stand in for one another. */
interface SdkProvider {
  addSpanProcessor?: (processor: Recorder) => void;
  _activeSpanProcessor?: { _spanProcessors?: unknown[] };
  _tracerOptions?: { sampler?: Sampler };
  _config?: { sampler?: Sampler };
  resource?: { attributes?: Record<string, unknown> };
  _resource?: { attributes?: Record<string, unknown> };
}

interface Sampler {
  shouldSample(...context: unknown[]): { decision: number };
  toString(): string;
}

/** `NOT_RECORD` and `RECORD` of the SDK: the recorder sees the second, exporters ignore both. */
const NOT_RECORD = 0;
const RECORD = 1;

/** Adds the recorder to the provider while its exporters go on as before. */
export function attachRecorder(provider: TracerProvider, recorder: Recorder): ApplicationSdk {
  const sdk = provider as unknown as SdkProvider;
  recorder.expectForeignIds();
  for (const options of [sdk._tracerOptions, sdk._config]) {
    if (options?.sampler) options.sampler = recordInsteadOfDrop(options.sampler);
  }
  const version = (sdk.resource ?? sdk._resource)?.attributes?.['telemetry.sdk.version'];
  return {
    name: provider.constructor?.name ?? 'unknown',
    ...(typeof version === 'string' && { version }),
    attached: addProcessor(sdk, recorder),
  };
}

/** Attributes of its resource, as far as they are known by now: some SDKs look for them while the service begins. */
export function resourceOfProvider(provider: TracerProvider): Readonly<Record<string, string>> {
  const sdk = provider as unknown as SdkProvider;
  const attributes = (sdk.resource ?? sdk._resource)?.attributes ?? {};
  const plain = Object.entries(attributes).filter(
    ([, value]) => typeof value === 'string' || typeof value === 'number',
  );
  return Object.fromEntries(plain.map(([key, value]) => [key, String(value)]));
}

function addProcessor(sdk: SdkProvider, recorder: Recorder): boolean {
  if (typeof sdk.addSpanProcessor === 'function') {
    sdk.addSpanProcessor(recorder);
    return true;
  }
  const processors = sdk._activeSpanProcessor?._spanProcessors;
  if (!Array.isArray(processors)) return false;
  processors.push(recorder);
  return true;
}

function recordInsteadOfDrop(sampler: Sampler): Sampler {
  return {
    shouldSample: (...context) => {
      const result = sampler.shouldSample(...context);
      return result.decision === NOT_RECORD ? { ...result, decision: RECORD } : result;
    },
    toString: () => sampler.toString(),
  };
}
