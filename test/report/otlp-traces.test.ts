import { describe, expect, it } from 'vitest';
import { formatResult } from '../../src/report/format.ts';
import { decodeJsonTraces } from '../../src/telemetry/otlp/decode-json-traces.ts';
import { OtlpSpan } from '../../src/telemetry/otlp/otlp-span.ts';
import { SpanRows } from '../../src/telemetry/otlp/span-rows.ts';
import { fieldsOf, tableOf } from '../telemetry/otlp/sdk-spans.ts';
import { result } from './comparison-fixture.ts';
import { explained } from './explained-fixture.ts';

describe('example traces as OTLP', () => {
  const lines = formatResult(result(explained()), 'otlp').trimEnd().split('\n');

  it('are a line for each trace of each side', () => {
    expect(lines).toHaveLength(4);
    const sides = lines.map((line) => /"spangate.side","value":{"stringValue":"(\w+)"/.exec(line)?.[1]);
    expect(sides).toEqual(['base', 'base', 'head', 'head']);
  });

  it('are read back by our own receiver with the spans that they had', () => {
    const rows = new SpanRows();
    decodeJsonTraces(lines.at(-1) ?? '', rows, new OtlpSpan());
    expect(rows.refused).toBe(0);
    const spans = fieldsOf(tableOf(rows.files()));
    const [slow] = explained().why?.[0]?.exemplars.candidate.slice(1) ?? [];
    expect(spans.map(({ service, kind, name }) => `${kind}:${service}:${name}`).sort()).toEqual(
      slow?.spans.map(({ span }) => span).sort(),
    );
    const longest = Math.max(...spans.map(({ durationSeconds }) => durationSeconds));
    expect(longest).toBeCloseTo(slow?.duration ?? 0, 9);
  });

  it('are none where nothing changed', () => {
    expect(formatResult(result(explained({})), 'otlp')).toBe('');
  });
});
