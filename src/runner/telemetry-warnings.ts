/** What has to be said about the variables of OpenTelemetry that a user has set, and about sampling. Pure. */
import type { Service } from '../config.ts';
import type { Warning } from '../measurement.ts';
import { type OtlpEnvironmentOptions, otlpEnvironment } from '../telemetry/otlp/otlp-environment.ts';
import { harmfulSettings } from '../telemetry/otlp/otlp-settings.ts';
import { UNNAMED_SERVICE } from '../telemetry/otlp/span-recorder.ts';
import type { Recording } from '../telemetry/recording.ts';
import { ID_VALUE, MOST_SPLITS, OTHER_VALUE } from '../telemetry/service-split.ts';

/** @param services of both builds where there are two */
export function telemetryWarnings(
  services: readonly Service[],
  inherited: Readonly<Record<string, string | undefined>>,
): readonly Warning[] {
  const senders = services.filter(({ telemetry }) => telemetry !== 'preload');
  const started = services.filter(({ url }) => url === undefined);
  const isOnly = new Set(started.map(({ name }) => name)).size === 1;
  return [...harmful(senders), ...overridden(senders, { isOnly, inherited })];
}

function harmful(senders: readonly Service[]): Warning[] {
  const remarks = senders.flatMap(({ name, env, telemetry }) =>
    harmfulSettings(env)
      .filter(({ variable }) => telemetry !== 'console' || variable !== 'OTEL_TRACES_EXPORTER')
      .map(({ variable, value, effect }) => `${variable}=${value} of ${name} ${effect}`),
  );
  if (remarks.length === 0) return [];
  return [
    {
      code: 'telemetry-settings',
      message: `The configuration sets variables of OpenTelemetry that take spans away: ${unique(remarks).join('; ')}. Leave them out of "env", and spangate sets them as it needs them.`,
    },
  ];
}

/** The endpoint does not matter here: only what is changed does. */
const ENDPOINT = { httpUrl: '', grpcUrl: '' };

/** Of these every CI and every shell has its own, and nobody expects them to hold here. */
const EXPECTED = /^OTEL_(EXPORTER_OTLP|METRICS_EXPORTER|LOGS_EXPORTER|BSP_|BLRP_|METRIC_EXPORT_)/;

function overridden(
  senders: readonly Service[],
  shell: Pick<OtlpEnvironmentOptions, 'isOnly' | 'inherited'>,
): Warning[] {
  const { inherited } = shell;
  const names = senders.flatMap(
    ({ name, env }) =>
      otlpEnvironment({ endpoint: ENDPOINT, serviceName: name, configured: env, ...shell }).overridden,
  );
  const told = unique(names).filter((name) => !EXPECTED.test(name));
  if (told.length === 0) return [];
  return [
    {
      code: 'telemetry-settings-replaced',
      message: `Variables of OpenTelemetry in the shell got other values for the services, since all spans are wanted, under the names of their services: ${told.map((name) => `${name}=${inherited[name]}`).join(', ')}. What is in "env" of a service is left as it is.`,
    },
  ];
}

/** What services could not be split by as the configuration says. */
export function splitWarnings(recordings: readonly Recording[]): readonly Warning[] {
  const split = recordings.flatMap((recording) => recording.split ?? []);
  const withIds = unique(
    split.flatMap((each) => each.withIds.map(({ service, attribute }) => `${attribute} of ${service}`)),
  );
  const overflowing = unique(split.flatMap((each) => each.overflowing));
  // Another instance may have what one lacks.
  const missing = (split[0]?.missing ?? []).filter((attribute) =>
    split.every((each) => each.missing.includes(attribute)),
  );
  const warnings: Warning[] = [];
  if (missing.length > 0) {
    warnings.push({
      code: 'split-attribute-missing',
      message: `No service has the resource attribute ${missing.join(', ')} of "telemetry: { split-by: … }", so none was split by it. Set it where the services start, in OTEL_RESOURCE_ATTRIBUTES or in their SDK.`,
    });
  }
  if (withIds.length > 0) {
    warnings.push({
      code: 'split-values-with-ids',
      message: `Values with an id or an address in them are taken together as "${ID_VALUE}", since they would be others in every instance: ${withIds.join(', ')}. Split by an attribute whose values stay.`,
    });
  }
  if (overflowing.length > 0) {
    warnings.push({
      code: 'split-overflow',
      message: `Only ${MOST_SPLITS} of the values that ${overflowing.join(', ')} is split by have rows of their own; all others are taken together as "${OTHER_VALUE}". Split by an attribute with fewer values.`,
    });
  }
  return warnings;
}

/**
 * Samplers write into the trace state how many traces a kept one stands for, and counts are adjusted by it. Times cannot
 * be, and an estimate is less certain than a count: both are said here.
 */
export function sampledWarning(recordings: readonly Recording[]): Warning[] {
  const shares = new Map<string, number>();
  for (const { sampled } of recordings) {
    for (const { service, kept, made } of sampled ?? []) {
      shares.set(service, Math.min(kept / made, shares.get(service) ?? 1));
    }
  }
  if (shares.size === 0) return [];
  const shown = [...shares].map(
    ([service, share]) =>
      `${service || '(no service name)'} keeps ${(share * 100).toPrecision(2)} %, so one of its spans stands for ${(1 / share).toPrecision(2)}`,
  );
  return [
    {
      code: 'spans-sampled',
      message: `Spans are sampled by a service (\`ot=th:\` in the trace state): ${shown.join('; ')}. Calls and errors are adjusted by that, so they are estimates; times are those of what was kept. Sample everything for the gate, by OTEL_TRACES_SAMPLER=parentbased_always_on or in the code.`,
    },
  ];
}

/** Two services without a name would be one. */
export function namelessWarning(recordings: readonly Recording[]): Warning[] {
  const spans = recordings
    .flatMap(({ processes }) => processes)
    .filter(({ service }) => service.startsWith(UNNAMED_SERVICE))
    .reduce((sum, process) => sum + process.spans, 0);
  if (spans === 0) return [];
  return [
    {
      code: 'service-name-missing',
      message: `${spans} spans came from a service that does not say its name, and are under "${UNNAMED_SERVICE}". Its code gives it a resource without \`service.name\`: merge that with the resource of the environment (OTEL_SERVICE_NAME).`,
    },
  ];
}

/** What is printed for people can be cut off, or mixed with other lines. */
export function unreadablePrintsWarning(recordings: readonly Recording[]): Warning[] {
  const prints = new Map<string, number>();
  for (const { unreadablePrints = [] } of recordings) {
    for (const each of unreadablePrints)
      prints.set(each.service, (prints.get(each.service) ?? 0) + each.prints);
  }
  if (prints.size === 0) return [];
  const shown = [...prints].map(([service, count]) => `${count} of ${service}`);
  return [
    {
      code: 'printed-spans-unreadable',
      message: `Spans that services printed could not be read, since their lines are cut off or mixed with others: ${shown.join(', ')}. They count as lost. Several processes that write to one output do that: let the service send its spans by OTLP instead (\`telemetry: otlp\`).`,
    },
  ];
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}
