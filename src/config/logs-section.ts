/** The section `logs`, complete with defaults. */
import { RE2JS } from 're2js';
import type { Logs } from '../config.ts';
import { DEFAULT_KEPT_TRACES } from './defaults.ts';
import type { Report } from './findings.ts';
import type { ScenarioSection } from './grammar/config-file.ts';

/** @returns nothing where logs are not to be read */
export function normaliseLogs({ logs = {} }: ScenarioSection, report: Report): { readonly logs?: Logs } {
  if (logs === false) return {};
  const { keep = DEFAULT_KEPT_TRACES, redact = [] } = logs;
  for (const [index, pattern] of redact.entries()) {
    const mistake = patternMistake(pattern);
    if (mistake !== null) report.mistake(['logs', 'redact', index], mistake);
  }
  return { logs: { keep, redact } };
}

function patternMistake(pattern: string): string | null {
  try {
    if (!RE2JS.compile(pattern).matches('')) return null;
    return 'matches the empty text, so it would take out nothing, everywhere; let it match at least one character';
  } catch (error) {
    // Some of its messages end in the pattern, which the place in the file shows.
    const why = (error as Error).message.replace(/^error parsing regexp: /, '');
    return `is not a regular expression of RE2, which knows neither look-around nor back references: ${why}`;
  }
}
