/** A bare measurement, in the formats that fit one. */
import type { Measurement } from '../measurement.ts';
import type { Mark, ReportDocument } from './document.ts';
import type { FormatOptions } from './format.ts';
import { jsonText } from './json.ts';
import { markdownDocument } from './markdown.ts';
import { measuredSections } from './measured-sections.ts';
import { type MeasurementView, measurementView } from './measurement-view.ts';
import { terminalDocument } from './terminal.ts';

export const MEASUREMENT_FORMATS = ['terminal', 'markdown', 'json'] as const;

export type MeasurementFormat = (typeof MEASUREMENT_FORMATS)[number];

/** Text that ends with a line feed. */
export function formatMeasurement(
  measurement: Measurement,
  format: MeasurementFormat,
  options: FormatOptions = {},
): string {
  switch (format) {
    case 'terminal':
      return terminalDocument(documentOf(measurementView(measurement)), options);
    case 'markdown':
      return markdownDocument(documentOf(measurementView(measurement)), options);
    case 'json':
      return jsonText(measurement);
  }
}

const MARKS: Readonly<Record<MeasurementView['status'], Mark>> = {
  complete: 'measured',
  degraded: 'open',
  failed: 'error',
};

function documentOf(view: MeasurementView): ReportDocument {
  return {
    headline: { text: view.headline, mark: MARKS[view.status] },
    parts: [
      {
        title: null,
        facts: { title: 'How it was measured', facts: [...view.facts, ...view.runtime] },
        sections: measuredSections(view.measured),
        footnotes: view.footnotes,
        next: [],
      },
    ],
  };
}
