/**
 * Environment variables that make the SDK of any language send all spans to spangate: quickly, unsampled, through
 * queues that do not overflow, without compression. The names are those of the OpenTelemetry specification ("SDK
 * environment variables", "OTLP exporter"), and of the distributions of Node and Python where they have switches of
 * their own.
 */

export interface OtlpEndpoint {
  readonly httpUrl: string;
  readonly grpcUrl: string;
}

export interface OtlpEnvironmentOptions {
  readonly endpoint: OtlpEndpoint;
  /** `service.name` of the spans, unless the user gives one. */
  readonly serviceName: string;
  /** Whether there is no other service: a name in the shell is that of one, and would make several the same. */
  readonly isOnly: boolean;
  /** What the service would have without us: spangate's own environment. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  /** `env:` of the configuration, which wins over what is returned. */
  readonly configured: Readonly<Record<string, string>>;
}

export interface OtlpEnvironment {
  readonly variables: Readonly<Record<string, string>>;
  /** Variables of the user's shell that get another value, since theirs would lose or hide spans. */
  readonly overridden: readonly string[];
}

/** How often exporters send: twice this passes between the end of the load and the end of the service. */
export const EXPORT_DELAY_MILLISECONDS = 200;

/**
 * Reasons: a queue that is never full (the default of 2,048 lost 84 to 98 % of the spans of a busy service), batches
 * large enough to keep requests few, and a time-out shorter than the time a service gets to end.
 */
const QUEUES: Readonly<Record<string, string>> = {
  OTEL_BSP_SCHEDULE_DELAY: String(EXPORT_DELAY_MILLISECONDS),
  OTEL_BSP_MAX_QUEUE_SIZE: '500000',
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '4096',
  OTEL_BSP_EXPORT_TIMEOUT: '10000',
  OTEL_BLRP_SCHEDULE_DELAY: String(EXPORT_DELAY_MILLISECONDS),
  OTEL_BLRP_MAX_QUEUE_SIZE: '100000',
  OTEL_METRIC_EXPORT_INTERVAL: '1000',
  OTEL_METRIC_EXPORT_TIMEOUT: '900',
};

const SIGNALS = ['TRACES', 'METRICS', 'LOGS'] as const;

export function otlpEnvironment(options: OtlpEnvironmentOptions): OtlpEnvironment {
  const { endpoint, serviceName, isOnly, inherited, configured } = options;
  const given = (name: string): string | undefined => configured[name] ?? inherited[name];
  const variables: Record<string, string> = {
    ...QUEUES,
    OTEL_SERVICE_NAME: nameIn(configured) ?? (isOnly ? nameIn(inherited) : undefined) ?? serviceName,
    OTEL_SDK_DISABLED: 'false',
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_TRACES_SAMPLER: 'parentbased_always_on',
    OTEL_PROPAGATORS: propagatorsWith(given('OTEL_PROPAGATORS')),
    // The stable names of attributes; services that know only the old ones ignore it.
    OTEL_SEMCONV_STABILITY_OPT_IN: given('OTEL_SEMCONV_STABILITY_OPT_IN') ?? 'http,database',
    // Python's exporter for gRPC takes `none` for a mistake, and sends nothing; none is what all SDKs do by themselves.
    ...(!wantsGrpc(inherited, configured) && { OTEL_EXPORTER_OTLP_COMPRESSION: 'none' }),
    ...endpointsOf(endpoint, given),
  };
  const overridden = Object.keys(variables).filter((name) => {
    const before = inherited[name];
    return before !== undefined && before !== variables[name] && configured[name] === undefined;
  });
  return { variables, overridden: overridden.sort() };
}

/** Whether a variable that the user has set asks for OTLP over gRPC. */
export function wantsGrpc(...environments: readonly Readonly<Record<string, string | undefined>>[]): boolean {
  const names = ['', 'TRACES_', 'METRICS_', 'LOGS_'].map((signal) => `OTEL_EXPORTER_OTLP_${signal}PROTOCOL`);
  return environments.some((environment) => names.some((name) => environment[name] === 'grpc'));
}

/** The protocol is the user's where one is set: some SDKs have the exporter of one protocol alone. */
function endpointsOf(
  { httpUrl, grpcUrl }: OtlpEndpoint,
  given: (name: string) => string | undefined,
): Record<string, string> {
  const protocol = given('OTEL_EXPORTER_OTLP_PROTOCOL') ?? 'http/protobuf';
  const variables: Record<string, string> = {
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    OTEL_EXPORTER_OTLP_ENDPOINT: protocol === 'grpc' ? grpcUrl : httpUrl,
    OTEL_EXPORTER_OTLP_INSECURE: 'true',
  };
  for (const signal of SIGNALS) {
    const own = given(`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`);
    const name = `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`;
    // What the user has there goes before the common one, and would send the spans elsewhere.
    if (own === undefined && given(name) === undefined) continue;
    const isGrpc = (own ?? protocol) === 'grpc';
    variables[name] = isGrpc ? grpcUrl : `${httpUrl}/v1/${signal.toLowerCase()}`;
  }
  return variables;
}

/** Whatever else a service speaks, it has to understand the trace context of the load generator. */
function propagatorsWith(given: string | undefined): string {
  const names = (given ?? 'tracecontext,baggage').split(',').map((name) => name.trim());
  return names.includes('tracecontext') ? names.join(',') : ['tracecontext', ...names].join(',');
}

function nameIn({
  OTEL_SERVICE_NAME,
  OTEL_RESOURCE_ATTRIBUTES,
}: Readonly<Record<string, string | undefined>>): string | undefined {
  if (OTEL_SERVICE_NAME !== undefined) return OTEL_SERVICE_NAME;
  const entry = OTEL_RESOURCE_ATTRIBUTES?.split(',').find((each) => each.trim().startsWith('service.name='));
  const name = entry?.slice(entry.indexOf('=') + 1).trim();
  return name === '' ? undefined : name;
}
