/** The formats of a result, by name. */
import type { GateResult } from '../compare/comparison.ts';
import { htmlReport } from './html/html-report.ts';
import { jsonReport } from './json.ts';
import { junitReport } from './junit.ts';
import { markdownReport } from './markdown.ts';
import { openMetrics } from './open-metrics.ts';
import { otlpTraces } from './otlp-traces.ts';
import { terminalReport } from './terminal.ts';
import { viewOf } from './view.ts';

export const FORMATS = ['terminal', 'markdown', 'html', 'json', 'junit', 'openmetrics', 'otlp'] as const;

/** The format that the name of a file asks for. */
export function formatOfFile(file: string): Format {
  return /\.html?$/i.test(file) ? 'html' : 'json';
}

export type Format = (typeof FORMATS)[number];

export interface FormatOptions {
  /** Columns; for the terminal. */
  readonly width?: number;
  /** For the terminal. */
  readonly colour?: boolean;
  /** For the terminal: draws distributions and traces of what changed. */
  readonly explain?: boolean;
  /** For Markdown. */
  readonly maxCharacters?: number;
}

/** Text that ends with a line feed; `otlp` may have no line. */
export function formatResult(result: GateResult, format: Format, options: FormatOptions = {}): string {
  switch (format) {
    case 'terminal':
      return terminalReport(viewOf(result), options);
    case 'markdown':
      return markdownReport(viewOf(result), options);
    case 'html':
      return htmlReport(viewOf(result));
    case 'json':
      return jsonReport(result);
    case 'junit':
      return junitReport(result);
    case 'openmetrics':
      return openMetrics(result);
    case 'otlp':
      return otlpTraces(result);
  }
}
