/** The section `limits.waivers`: one waiver for each quantity. */
import type { Quantity, Waiver } from '../config.ts';
import type { DataPath } from '../schema.ts';
import type { Report } from './findings.ts';
import type { WaiverSection } from './grammar/limits.ts';
import type { LimitsContext } from './limits.ts';
import { isDay, type WaiverFields, waiverMistake } from './waiver-fields.ts';

export function normaliseWaivers(
  sections: readonly WaiverSection[],
  { report, lineOf }: LimitsContext,
): readonly Waiver[] {
  return sections.flatMap((section, index) => {
    const path = ['limits', 'waivers', index];
    const line = lineOf(report.locate(path));
    return fieldsOf(section, path, report).map((fields) => ({ ...fields, source: { kind: 'config', line } }));
  });
}

function fieldsOf(section: WaiverSection, path: DataPath, report: Report): readonly WaiverFields[] {
  const { operation = null, span = null, service = null, quantity, under, reason, expires } = section;
  for (const key of ['quantity', 'reason', 'expires'] as const) {
    if (section[key] === undefined) report.mistake([...path, key], 'is missing', 'key');
  }
  if (expires !== undefined && !isDay(expires)) {
    report.mistake([...path, 'expires'], `there is no day ${expires}`);
  }
  const quantities = [...new Set<Quantity>([quantity ?? []].flat())];
  return quantities.flatMap((each) => {
    const fields: WaiverFields = {
      ...{ operation, span, service, quantity: each, reason: reason ?? '', expires: expires ?? '' },
      ...(under && { under }),
    };
    const mistake = waiverMistake(fields);
    if (mistake === null) return [fields];
    const isGiven = section[mistake.key] !== undefined;
    report.mistake(isGiven ? [...path, mistake.key] : path, mistake.message);
    return [];
  });
}
