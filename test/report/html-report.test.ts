import { DOMParser } from '@xmldom/xmldom';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Comparison } from '../../src/compare/comparison.ts';
import type { Explanation } from '../../src/compare/explanation.ts';
import { formatResult } from '../../src/report/format.ts';
import { element, escaped } from '../../src/report/html/html-text.ts';
import { CASES } from './cases.ts';
import { result } from './comparison-fixture.ts';
import { explained } from './explained-fixture.ts';
import { togetherOf } from './together-fixture.ts';

const EXPLAINED = explained();

/** The same comparison with a text from outside wherever one can be. */
function hostile(text: string): Comparison {
  const own = togetherOf(text);
  const key = { kind: 'client', service: text, name: text } as const;
  const id = `client:${encodeURIComponent(text)}:${text}`;
  const why = (EXPLAINED.why ?? []).map(
    (explanation): Explanation => ({
      ...explanation,
      operation: text,
      ...(explanation.time && {
        time: {
          ...explanation.time,
          parts: explanation.time.parts.map((part) => ({ ...part, span: key })),
        },
      }),
      calls: explanation.calls.map((call) => ({ ...call, from: key, to: key })),
      errors: [
        {
          ...{ span: key, errorType: text },
          share: { baseline: 0, candidate: 1 },
          count: { baseline: 0, candidate: 9 },
        },
      ],
      renames: [{ from: key, to: key }],
      distributions: explanation.distributions.map((shifts) => ({ ...shifts, span: key })),
      exemplars: {
        baseline: explanation.exemplars.baseline.map((exemplar) => ({
          ...exemplar,
          traceId: text,
          spans: exemplar.spans.map((span) => ({
            ...span,
            ...{ span: id, errorType: text, exception: { type: text, message: text } },
          })),
        })),
        candidate: explanation.exemplars.candidate.map((exemplar) => ({
          ...exemplar,
          why: 'error' as const,
          spans: exemplar.spans.map((span) => ({
            ...span,
            ...{ span: id, errorType: text, exception: { type: text, message: text } },
          })),
        })),
      },
    }),
  );
  return { ...own, why };
}

const htmlOf = (comparison: Comparison): string => formatResult(result(comparison), 'html');

/** Everything between angle brackets: of these, all must be ours. */
function tagsOf(html: string): ReadonlySet<string> {
  return new Set([...html.matchAll(/<\/?([a-zA-Z!][^\s>/]*)/g)].map(([, tag]) => tag ?? ''));
}

describe('the HTML report', () => {
  it('is one file: no script, no address, nothing that is loaded', () => {
    for (const comparisons of Object.values(CASES)) {
      const html = formatResult(comparisons, 'html');
      expect(html).not.toMatch(/<(script|link|img|iframe|object|form|base)\b/i);
      expect(html).not.toMatch(/\b(src|srcset|action|style|on[a-z]+)="/i);
      for (const [, address] of html.matchAll(/href="([^"]*)"/g)) expect(address).toMatch(/^#term-/);
    }
  });

  it('shows what the exceptions of a failed trace say', () => {
    expect(htmlOf(hostile('a <name>'))).toContain('<code>a &lt;name&gt;: a &lt;name&gt;</code>');
  });

  it('has each log line of a trace in a line of its own', () => {
    const [explanation] = EXPLAINED.why ?? [];
    const traceId = explanation?.exemplars.candidate[0]?.traceId ?? '';
    const line = (body: string) => ({
      ...{ traceId, spanId: null, service: 'shop', severity: 'error', body, time: null },
    });
    const logLines = [line('a <b>'), line('c\nd')] as const;
    const why = (EXPLAINED.why ?? []).map((each) => ({ ...each, logLines: [...logLines] }) as Explanation);
    expect(htmlOf({ ...EXPLAINED, why })).toContain('<pre>ERROR shop: a &lt;b&gt;\nERROR shop: c\\nd</pre>');
  });

  it('tells of each operation that is not drawn what there is to say, and counts those that it cannot explain', () => {
    const [explanation] = EXPLAINED.why ?? [];
    if (!explanation) throw new Error('an explanation');
    const named = (index: number) => `operation ${index}`;
    const copies = Array.from({ length: 23 }, (_, index) =>
      EXPLAINED.rows.map((row) => ({
        ...row,
        operation: named(index),
        id: `${index} ${row.id}`,
        ...(row.explainedBy !== undefined && { explainedBy: `${index} ${row.explainedBy}` }),
      })),
    );
    const why = Array.from({ length: 20 }, (_, index) => ({ ...explanation, operation: named(index) }));
    const html = htmlOf({ ...EXPLAINED, rows: copies.flat(), why });
    expect(html).toContain('<h3><code>operation 11</code></h3>');
    expect(html).not.toContain('<h3><code>operation 12</code></h3>');
    expect(html).toMatch(
      /<li><code>operation 12<\/code>: mean .*<code>pg.query SELECT order_lines<\/code> \+/,
    );
    expect(html).toMatch(/<li><code>operation 19<\/code>: .*calls a request \(more often\)/);
    expect(html).toContain('3 more operations changed; the rows are in the tables.');
  });

  it('allows its own style sheet and nothing else', () => {
    const html = htmlOf(EXPLAINED);
    expect(html).toMatch(
      /content="default-src &#39;none&#39;; style-src &#39;sha256-[A-Za-z0-9+/]{43}=&#39;/,
    );
  });

  it('never lets a text from outside become markup', () => {
    const usual = tagsOf(htmlOf(hostile('a name')));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 60 }),
          fc.constantFrom(
            '</style><script>x</script>',
            '"><img src=x onerror=y>',
            "' onload='z",
            '<!--',
            '</svg>',
          ),
        ),
        (text) => {
          for (const tag of tagsOf(htmlOf(hostile(text)))) expect(usual).toContain(tag);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('links words to meanings that are there', () => {
    const html = htmlOf(EXPLAINED);
    const ids = new Set([...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id));
    for (const [, target] of html.matchAll(/href="#([^"]*)"/g)) expect(ids).toContain(target);
  });

  it('draws charts that are well-formed, and says in words what they show', () => {
    const charts = [...htmlOf(EXPLAINED).matchAll(/<svg.*?<\/svg>/gs)].map(([chart]) => chart);
    expect(charts.length).toBeGreaterThan(8);
    for (const chart of charts) {
      const errors: string[] = [];
      new DOMParser({ onError: (_, message) => errors.push(message) }).parseFromString(
        chart,
        'image/svg+xml',
      );
      expect(errors).toEqual([]);
      expect(chart).toMatch(/role="img" aria-label="[^"]{20,}"/);
      expect(chart).not.toMatch(/NaN|Infinity|undefined/);
    }
  });

  it('shows the distributions, the parts of the change, and the traces of both sides', () => {
    const html = htmlOf(EXPLAINED);
    for (const text of [
      'Where the time went',
      'latency that the clients saw',
      'A usual request (p50)',
      '◆',
    ]) {
      expect(html).toContain(text);
    }
    expect(html).toContain('7'.repeat(32));
  });

  it('stays below 2 MB with 60 rows that changed, in 20 operations', () => {
    const [why] = EXPLAINED.why ?? [];
    if (!why) throw new Error('an explanation');
    const changed = EXPLAINED.rows.filter(({ outcome }) => outcome !== 'none').slice(0, 3);
    const operations = Array.from({ length: 20 }, (_, index) => `GET /resource-${index}/:id`);
    const large = {
      ...EXPLAINED,
      rows: operations.flatMap((operation) =>
        [...changed, ...EXPLAINED.rows.filter(({ outcome }) => outcome === 'none')].map((row) => ({
          ...row,
          operation,
          id: row.id.replace('GET /cart', operation),
        })),
      ),
      why: operations.map((operation) => ({ ...why, operation })),
    };
    const { length } = htmlOf(large);
    expect(length).toBeLessThan(2_000_000);
  });
});

describe('an element', () => {
  it('escapes its text and its attributes', () => {
    const { html } = element('a', { title: '"<>&\'' }, '<b>&"');
    expect(html).toBe('<a title="&quot;&lt;&gt;&amp;&#39;">&lt;b&gt;&amp;&quot;</a>');
  });

  it('leaves attributes out that are null or false, and writes true ones without a value', () => {
    expect(element('p', { a: null, b: false, c: true, d: 0 }).html).toBe('<p c d="0"></p>');
  });

  it('shows control characters instead of having them', () => {
    expect(escaped('a\u0000b\u202e\n')).toBe('a\\u{0}b\\u{202e}\\n');
  });
});
