/** A load that a command of the user sends: what else of the section `load` has a meaning then. */
import type { Report } from './findings.ts';
import type { ScenarioSection } from './grammar/config-file.ts';

/** What is for the requests that spangate sends itself. */
const OF_REQUESTS = [
  'grpc',
  'requests',
  'login',
  'model',
  'in-flight',
  'rate',
  'arrivals',
  'connections',
  'max-writes',
] as const;

export function checkCommand({ load = {}, rounds }: ScenarioSection, report: Report): void {
  for (const key of OF_REQUESTS) {
    if (load[key] === undefined) continue;
    const message =
      'is for requests that spangate sends, and there is a `command` as well; leave one of them out';
    report.mistake(['load', key], message, 'key');
  }
  if (rounds?.together?.probe !== undefined && rounds.together.probe !== false) {
    const message = 'sends requests, and the load is a `command`; leave it out';
    report.mistake(['rounds', 'together', 'probe'], message, 'key');
  }
}
