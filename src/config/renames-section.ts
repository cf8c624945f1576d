/** The section `renames`, as a list. */
import type { SpanRename } from '../config.ts';
import type { Report } from './findings.ts';
import type { ScenarioSection } from './grammar/config-file.ts';

/** @returns nothing where no span has another name */
export function normaliseRenames(
  { renames = {} }: ScenarioSection,
  report: Report,
): { readonly renames?: readonly SpanRename[] } {
  const entries = Object.entries(renames);
  if (entries.length === 0) return {};
  return {
    renames: entries.map(([from, entry]) => {
      const { to, service } = typeof entry === 'string' ? { to: entry } : entry;
      if (to === from) report.mistake(['renames', from], 'is the name that the span has already');
      return { from, to, service: service ?? null };
    }),
  };
}
