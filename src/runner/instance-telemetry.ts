/** How the spans of one instance come to spangate: the preload's files, and a receiver for what SDKs send by OTLP. */
import { mkdir } from 'node:fs/promises';
import type { Service } from '../config.ts';
import { otlpEnvironment, wantsGrpc } from '../telemetry/otlp/otlp-environment.ts';
import { OtlpSource } from '../telemetry/otlp/otlp-source.ts';
import { preloadEnvironment } from '../telemetry/preload-environment.ts';
import { type Recording, readRecording } from '../telemetry/recording.ts';

export interface TelemetryVariables {
  readonly variables: Readonly<Record<string, string>>;
  /** Goes behind what the user has in NODE_OPTIONS. */
  readonly nodeOptions: string | null;
  /** Variables of the user's shell that got another value. */
  readonly overridden: readonly string[];
}

export class InstanceTelemetry implements AsyncDisposable {
  /** Of the recorders in the services. */
  readonly directory: string;
  /** Null where no service of the instance sends by OTLP. */
  readonly #source: OtlpSource | null;

  private constructor(directory: string, source: OtlpSource | null) {
    this.directory = directory;
    this.#source = source;
  }

  /** @param inherited environment of spangate */
  static async open(
    directory: string,
    services: readonly Service[],
    inherited: Readonly<Record<string, string | undefined>>,
  ): Promise<InstanceTelemetry> {
    await mkdir(directory, { recursive: true });
    const senders = services.filter(({ telemetry }) => telemetry !== 'preload');
    if (senders.length === 0) return new InstanceTelemetry(directory, null);
    const grpc = wantsGrpc(inherited, ...senders.map(({ env }) => env));
    return new InstanceTelemetry(directory, await OtlpSource.start({ grpc }));
  }

  /** @param inherited environment of spangate */
  variablesOf(service: Service, inherited: Readonly<Record<string, string | undefined>>): TelemetryVariables {
    const { NODE_OPTIONS, ...preload } = preloadEnvironment({
      directory: this.directory,
      serviceName: service.name,
      nodeOptions: undefined,
    });
    if (service.telemetry === 'preload' || this.#source === null) {
      return { variables: preload, nodeOptions: NODE_OPTIONS ?? null, overridden: [] };
    }
    const { variables, overridden } = otlpEnvironment({
      endpoint: this.#source.endpoint,
      serviceName: service.name,
      inherited,
      configured: service.env,
    });
    if (service.telemetry === 'otlp') return { variables, nodeOptions: null, overridden };
    // The recorder's name is that of the configuration; an SDK of the service may have been given another one.
    return { variables: { ...preload, ...variables }, nodeOptions: NODE_OPTIONS ?? null, overridden };
  }

  /** To be read when the services have ended. */
  recording(): Promise<Recording> {
    return readRecording(this.directory, this.#source?.files());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source?.[Symbol.asyncDispose]();
  }
}
