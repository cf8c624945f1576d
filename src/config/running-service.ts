/** Services that run already: what of the grammar has a meaning for them. */
import type { Report } from './findings.ts';
import type { ScenarioSection } from './grammar/config-file.ts';
import type { ServiceSection } from './grammar/services.ts';

/** What is for the process that spangate starts. */
const OF_STARTED = ['start', 'setup', 'stop-timeout', 'directory', 'env', 'telemetry', 'instrument'] as const;

/** Reports what cannot be said of a service with a `url`. */
export function checkRunning(
  section: ScenarioSection,
  name: string,
  service: ServiceSection,
  report: Report,
): void {
  const path = ['services', name];
  for (const key of OF_STARTED) {
    if (service[key] === undefined) continue;
    report.mistake(
      [...path, key],
      'is for a service that spangate starts, and there is a `url` as well; leave one of them out',
      'key',
    );
  }
  if (typeof service.ready === 'object')
    report.mistake(
      [...path, 'ready'],
      'reads the output of the service, and with a `url` there is none to read',
    );
  if (!URL.canParse(service.url ?? '')) {
    report.mistake([...path, 'url'], 'is no URL, such as http://127.0.0.1:8080');
    return;
  }
  if (loadedUrl(section) !== name) return;
  const url = new URL(service.url ?? '');
  if (url.protocol !== 'http:' || url.pathname !== '/' || url.search !== '')
    report.mistake(
      [...path, 'url'],
      'gets the load, so it has to be of the form http://host:port; paths belong to the requests',
    );
  if (section.receivers === undefined)
    report.mistake(
      [...path, 'url'],
      'gets the load, and none of its spans would arrive: give it an address by `receivers`, such as `receivers: { http-port: 4318 }`',
    );
}

/** The name of the service that gets the load, where it runs already; null where it is started. */
export function loadedUrl({ services = {}, load }: ScenarioSection): string | null {
  const name = load?.service ?? Object.keys(services)[0] ?? '';
  const entry = Object.hasOwn(services, name) ? services[name] : undefined;
  return typeof entry === 'object' && entry.url !== undefined ? name : null;
}

/** Without the slash that would double those of paths behind it. */
export function urlOrigin(url: string): string {
  return url.replace(/\/+$/, '');
}
