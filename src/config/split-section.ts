/** The section `telemetry`: what services are split by. */
import type { Policy, Scenario } from '../config.ts';
import type { Report } from './findings.ts';
import type { ScenarioSection } from './grammar/config-file.ts';
import { nearestWord } from './nearest-word.ts';

/** Another value in every process, instance or round. */
const OF_ONE_PROCESS =
  /^(service\.instance\.id|host\.(id|ip|mac)|process\.|container\.(id|name)$|k8s\.(pod|replicaset|job|container)\.|faas\.(instance|invocation_id)$|device\.id|aws\.ecs\.task\.|aws\.log\.)/;
/** Another value in every build. */
const OF_ONE_BUILD =
  /^(service\.version|container\.image\.|deployment\.(id|name)$|vcs\.|cicd\.|artifact\.|faas\.version|telemetry\.)/;

export function normaliseSplit({ telemetry }: ScenarioSection, report: Report): Pick<Scenario, 'splitBy'> {
  const splitBy = telemetry?.['split-by'];
  if (splitBy === undefined) return {};
  for (const [index, attribute] of splitBy.entries()) {
    const why = refusal(attribute);
    if (why !== null) report.mistake(['telemetry', 'split-by', index], why);
  }
  return { splitBy };
}

function refusal(attribute: string): string | null {
  if (attribute === 'service.name')
    return 'is the name of the service, by which spans are told apart in any case';
  const alternative = 'split by what stays, such as cloud.region, host.name or an attribute of your own';
  if (OF_ONE_PROCESS.test(attribute))
    return `${attribute} is another one in every instance, so that every row would be new each time; ${alternative}`;
  if (OF_ONE_BUILD.test(attribute))
    return `${attribute} is another one in every build, so that no row would have a baseline; ${alternative}`;
  return null;
}

/** A rule for an attribute that nothing is split by would match no row, and nobody would notice. */
export function checkResourceRules({ rules }: Policy, splitBy: readonly string[], report: Report): void {
  for (const [index, { resource = {} }] of rules.entries()) {
    for (const attribute of Object.keys(resource)) {
      if (splitBy.includes(attribute)) continue;
      const nearest = nearestWord(attribute, splitBy);
      const meant = nearest === null ? '' : `; did you mean "${nearest}"?`;
      report.mistake(
        ['limits', 'rules', index, 'resource', attribute],
        `services are not split by ${attribute}, so the rule would match nothing; add it to \`telemetry.split-by\`${meant}`,
      );
    }
  }
}
