/** `spangate doctor`: starts the service, sends each request once, shows what was recorded and what is wrong. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { chosenConfig } from '../commands/chosen-config.ts';
import { type MeasuringOptions, measuring } from '../commands/measuring.ts';
import { page } from '../commands/page.ts';
import type { Scenario } from '../config.ts';
import { EXIT, type ExitCode } from '../errors.ts';
import { type Language, languageOf } from '../runner/instrument/service-language.ts';
import { assertRequests } from '../runner/load-command/assert-requests.ts';
import { probeScenario } from '../runner/probe.ts';
import { traceTree } from '../telemetry/trace-tree.ts';
import type { World } from '../world.ts';
import { diagnose, type Finding } from './diagnosis.ts';
import { findingsText, traceText } from './trace-text.ts';

/** Exit code 3 where something is wrong that the gate would miss. */
export async function runDoctor(world: World, options: MeasuringOptions): Promise<ExitCode> {
  const config = await chosenConfig(world, options);
  const findings: Finding[] = [];
  for (const scenario of config.scenarios) assertRequests(scenario, 'doctor');
  for (const scenario of config.scenarios) {
    findings.push(...(await examine(world, scenario, { ...options, loaded: config })));
  }
  return findings.some((finding) => finding.level === 'problem') ? EXIT.couldNotMeasure : EXIT.pass;
}

async function examine(
  world: World,
  scenario: Scenario,
  options: Parameters<typeof measuring>[1],
): Promise<readonly Finding[]> {
  return await measuring(world, options, async (session) => {
    session.progress.scenario(scenario.name);
    const probed = await probeScenario({
      scenario,
      seed: session.gateWorld.seed,
      inherited: world.env,
      registry: session.registry,
      directory: session.directory,
      progress: session.progress,
      setUp: true,
    });
    session.progress.done();
    const traces = probed.requests.map((request) => ({
      request,
      tree: request.traceId === '' ? [] : traceTree(probed.recording, request.traceId),
    }));
    for (const trace of traces) world.stdout.write(`${traceText(trace, page(world))}\n`);
    const findings = diagnose({
      traces,
      processes: probed.recording.processes,
      foldedNames: probed.recording.quality.foldedNames,
      folder: world.cwd,
      packages: packagesOf(scenario),
      uninstrumented: uninstrumentedIn(scenario),
      refusals: probed.recording.refusals ?? [],
    });
    world.stdout.write(findingsText(findings, page(world)));
    if (findings.some((finding) => finding.level === 'problem')) session.keepLogs();
    return findings;
  });
}

function uninstrumentedIn({ services }: Scenario): ReadonlyMap<string, Language> {
  return new Map(
    services.flatMap(({ name, start, url, directory, instrument }) => {
      if (url !== undefined) return [];
      const language = languageOf({ command: start, names: new Set(readdirSync(directory)) });
      return instrument === undefined && language !== null ? [[name, language] as const] : [];
    }),
  );
}

/** Dependencies in the nearest package.json of each service. */
function packagesOf(scenario: Scenario): ReadonlySet<string> {
  return new Set(scenario.services.flatMap((service) => dependenciesNear(service.directory)));
}

function dependenciesNear(folder: string): readonly string[] {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return dirname(folder) === folder ? [] : dependenciesNear(dirname(folder));
  try {
    const { dependencies } = JSON.parse(readFileSync(file, 'utf8')) as {
      dependencies?: Record<string, string>;
    };
    return Object.keys(dependencies ?? {});
  } catch {
    // A broken package.json is npm's to complain about.
    return [];
  }
}
