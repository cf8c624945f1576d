/**
 * What users have set of OpenTelemetry's variables: what spangate gives another value, and what it leaves although it
 * takes spans away from the measurement. Pure.
 */

export interface SettingRemark {
  readonly variable: string;
  readonly value: string;
  /** What it does to the measurement, behind the name of the variable. */
  readonly effect: string;
}

type Settings = Readonly<Record<string, string | undefined>>;

const UNSAMPLED: ReadonlySet<string> = new Set(['always_on', 'parentbased_always_on']);

/** Smaller queues lose spans of a busy service: 2,048, the default, lost most of them. */
const SMALLEST_QUEUE = 20_000;

interface Rule {
  readonly variable: RegExp;
  readonly breaks: (value: string, all: Settings) => boolean;
  readonly effect: string;
}

const RULES: readonly Rule[] = [
  {
    variable: /^OTEL_SDK_DISABLED$/,
    breaks: (value) => value.toLowerCase() === 'true',
    effect: 'switches OpenTelemetry off, so no span comes',
  },
  {
    variable: /^OTEL_TRACES_EXPORTER$/,
    breaks: (value) => !value.split(',').some((name) => name.trim() === 'otlp'),
    effect: 'sends no spans by OTLP',
  },
  {
    variable: /^OTEL_EXPORTER_OTLP(_TRACES)?_ENDPOINT$/,
    breaks: () => true,
    effect: 'sends spans elsewhere',
  },
  {
    variable: /^OTEL_TRACES_SAMPLER$/,
    breaks: (value, all) => !UNSAMPLED.has(value) && !samplesAll(value, all.OTEL_TRACES_SAMPLER_ARG),
    effect: 'may leave requests out: rows of this service are of those that were sampled',
  },
  {
    variable: /^OTEL_PROPAGATORS$/,
    breaks: (value) => !value.split(',').some((name) => name.trim() === 'tracecontext'),
    effect: 'does not read `traceparent`, so spans belong to no request',
  },
  {
    variable: /^OTEL_BSP_MAX_QUEUE_SIZE$/,
    breaks: (value) => Number(value) < SMALLEST_QUEUE,
    effect: 'is a queue that a busy service overflows, and what does not fit is dropped',
  },
];

/** By the root that the load generator sets, a sampler that follows its parent samples all. */
function samplesAll(sampler: string, argument: string | undefined): boolean {
  return sampler.startsWith('parentbased_') || (sampler === 'traceidratio' && Number(argument) === 1);
}

/** @param configured `env:` of a service, which wins over what spangate sets */
export function harmfulSettings(configured: Settings): readonly SettingRemark[] {
  return Object.entries(configured).flatMap(([variable, value]) => {
    if (value === undefined) return [];
    const rule = RULES.find((each) => each.variable.test(variable) && each.breaks(value, configured));
    return rule === undefined ? [] : [{ variable, value, effect: rule.effect }];
  });
}
