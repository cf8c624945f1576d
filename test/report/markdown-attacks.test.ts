import fc from 'fast-check';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { describe, expect, it } from 'vitest';
import type { Explanation } from '../../src/compare/explanation.ts';
import { spanKeyId } from '../../src/measurement.ts';
import { markdownReport } from '../../src/report/markdown.ts';
import { codeSpan, escapeText, markdownText } from '../../src/report/markdown-text.ts';
import { phrase } from '../../src/report/phrase.ts';
import { visibleText } from '../../src/report/safe-text.ts';
import { viewOf } from '../../src/report/view.ts';
import { comparison, result, row, span } from './comparison-fixture.ts';
import { togetherOf } from './together-fixture.ts';

/** As GitHub renders it, before its own sanitiser: whatever HTML gets through is seen here. */
function rendered(markdown: string): string {
  return micromark(markdown, {
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
    allowDangerousHtml: true,
    allowDangerousProtocol: true,
  });
}

const ATTACKS: Readonly<Record<string, string>> = {
  'a pipe': 'a|b',
  'a pipe behind a backslash': 'a\\|b',
  'a pipe behind two backslashes': 'a\\\\|b',
  'a backslash at the end': 'a\\',
  'one backtick': 'a`b',
  'backticks all over': '`` ` ``` `',
  'a backtick at each end': '`a`',
  'only backticks': '``',
  'a mention': '@octocat',
  'a team': 'by @org/team',
  'a reference to an issue': '#1 GH-1 owner/repo#1',
  'a bare link': 'https://evil.example www.evil.example',
  'a link': '[click](https://evil.example)',
  'an image': '![x](https://evil.example/x.png)',
  'an image tag': '<img src=x onerror=alert(1)>',
  'a script': '<script>alert(1)</script>',
  'the end of the folded part': '</details></summary></code></td></tr></table>',
  'a marker of our comment': '<!-- spangate:key -->',
  'the start of a comment': '<!--',
  'a line feed and a heading': 'a\n# heading',
  'carriage returns and a table': 'a\r\n\r\n| x |\r\n|---|\r\n| y |',
  'a line separator': 'a\u2028# b\u2029# c',
  'text that runs backwards': 'safe\u202Egnp.exe',
  isolates: '\u2066a\u2069',
  'zero width characters': 'a\u200bb\ufeffc',
  'an escape sequence': '\u001b[31mred\u001b[0m',
  'a null byte': 'a\u0000b',
  'half a surrogate pair': 'a\ud800b',
  'tag characters': '\u{e0041}\u{e0042}',
  'bold and struck text': '**bold** ~~gone~~ _it_',
  'an HTML entity': '&lt;b&gt; &#64;x',
  'a footnote': '[^1]',
  'a task': '- [ ] task',
  nothing: '',
  'only spaces': '    ',
  'a very long name': 'x'.repeat(500),
  maths: '$x$ $$y$$ $`z`$',
};

/** What the report of this name may show. */
function shownAs(name: string): string {
  const visible = visibleText(name);
  if (visible.trim() === '') return '(no name)';
  return visible.length <= 120 ? visible : `${'x'.repeat(59)}…${'x'.repeat(60)}`;
}

function html(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

describe('a hostile name', () => {
  const harmless = structureOf(rendered(reportOf('name')));

  for (const [title, name] of Object.entries(ATTACKS)) {
    it(`with ${title} is one code span, in a line and in a table`, () => {
      const shown = html(shownAs(name));
      expect(rendered(`name ${codeSpan(name)} end`)).toBe(`<p>name <code>${shown}</code> end</p>`);
      const table = rendered(`| a | b |\n| --- | --- |\n| ${codeSpan(name, { inTable: true })} | 1 |`);
      expect(table.match(/<td/g)).toHaveLength(2);
      // A pipe behind a backslash is the one thing that a cell cannot hold.
      expect(table).toContain(`<td><code>${shown.replaceAll('\\|', '\\¦')}</code></td>\n<td>1</td>`);
    });

    it(`with ${title} changes nothing else in the report`, () => {
      const attacked = rendered(reportOf(name));
      expect(structureOf(attacked)).toEqual(harmless);
    });
  }

  it('made of anything is one code span', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (name) => {
        const text = rendered(`name ${codeSpan(name)} end`);
        expect(text.match(/<[^>]+>/g)).toEqual(['<p>', '<code>', '</code>', '</p>']);
      }),
      { seed: 8, numRuns: 300 },
    );
  });

  it('made of what Markdown cares for is one cell', () => {
    const characters = fc.constantFrom(...'|\\`*_[]<>@#~-+.1 \n:&!()'.split(''));
    fc.assert(
      fc.property(fc.string({ unit: characters, maxLength: 30 }), (name) => {
        const cell = markdownText(phrase`${{ name }} (1 ms)`, { inTable: true });
        const table = rendered(`| a | b |\n| --- | --- |\n| ${cell} | 1 |`);
        expect(table.match(/<td>/g)).toHaveLength(2);
        expect(table.match(/<code>/g)).toHaveLength(1);
      }),
      { seed: 8, numRuns: 500 },
    );
  });
});

describe('hostile words in a warning', () => {
  for (const [title, text] of Object.entries(ATTACKS)) {
    it(`with ${title} stay words`, () => {
      const item = rendered(`- ${escapeText(text)}`);
      expect(item.match(/<\/?[a-z0-9]+/g)).toEqual(['<ul', '<li', '</li', '</ul']);
    });
  }

  it('mention nobody and refer to nothing', () => {
    const text = escapeText(
      '@octocat and @org/team, #12, GH-12, org/repo#12, https://x.example, www.x.example',
    );
    expect(text).not.toMatch(/@\w|#\d|GH-\d|:\/\/|www\.\w/);
  });
});

/** A report whose every name is `name`. */
function reportOf(name: string): string {
  const slow = { verdict: 'regression', reason: 'slower', outcome: 'fail', candidate: 0.002 } as const;
  const compared = comparison({
    scenario: name,
    verdict: 'fail',
    candidate: {
      ...comparison({ verdict: 'pass' }).candidate,
      commit: { sha: name, branch: name, dirty: false },
    },
    rows: [
      row({ operation: name, span: span(name, 'client', name), quantity: 'p50', ...slow }),
      row({ operation: name, quantity: 'p50' }),
    ],
    why: [failingWith(name)],
    warnings: [{ code: 'code', message: `Something about "${name}".` }],
  });
  return markdownReport(viewOf(result(compared, togetherOf(name))));
}

/** An error whose span, type and message are `text`. */
function failingWith(text: string): Explanation {
  const key = span(text, 'client', text);
  const failed = {
    ...{ span: spanKeyId(key), start: 0, duration: 1, errorType: text },
    exception: { type: text, message: text },
  };
  const trace = {
    ...({ operation: text, why: 'error', traceId: text, duration: 1, spans: [failed] } as const),
    startedAt: '2026-03-05T09:30:10.000Z',
  };
  return {
    ...{ operation: text, calls: [], renames: [], distributions: [] },
    errors: [
      {
        ...{ span: key, errorType: text },
        share: { baseline: 0, candidate: 1 },
        count: { baseline: 0, candidate: 9 },
      },
    ],
    exemplars: { baseline: [], candidate: [trace] },
  };
}

/** The tags of a page. */
function structureOf(page: string): readonly string[] {
  return page.match(/<\/?[a-z0-9]+/g) ?? [];
}
