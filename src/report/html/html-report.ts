/**
 * The report as one file that opens anywhere: no script, no network, no font; readable without its style sheet, on
 * paper and by a screen reader.
 */
import { createHash } from 'node:crypto';
import type { DocumentPart, Section } from '../document.ts';
import { VERDICT_TEXTS } from '../headline.ts';
import { documentOf } from '../result-document.ts';
import { counted } from '../units.ts';
import type { ScenarioView, View } from '../view-model.ts';
import { factsHtml, linesHtml, sectionHtml } from './document-html.ts';
import { briefLines, explanationHtml } from './explanation-html.ts';
import { glossary } from './glossary.ts';
import { element, type Html, joined, phraseHtml, phraseText, styleElement } from './html-text.ts';
import { STYLE } from './style.ts';

/** Operations that are drawn in full: with more, a report would outgrow what mail and browsers like. */
const MOST_DRAWN = 12;

/** Text that ends with a line feed. */
export function htmlReport(view: View): string {
  const { parts } = documentOf(view);
  const sections = view.scenarios.map((scenario, index) => scenarioHtml(scenario, parts[index]));
  const page = element(
    'html',
    { lang: 'en' },
    head(phraseText(view.headline)),
    element(
      'body',
      {},
      element(
        'header',
        {},
        element('p', { class: `verdict ${view.verdict}` }, VERDICT_TEXTS[view.verdict]),
        element('h1', {}, phraseHtml(view.headline)),
      ),
      element('main', {}, ...sections),
      element('footer', {}, element('h2', {}, 'What the words mean'), glossary()),
    ),
  );
  return `<!DOCTYPE html>\n${page.html}\n`;
}

/** Nothing but the style sheet of this page is allowed, whatever a name managed to get into it. */
function head(title: string): Html {
  const hash = createHash('sha256').update(STYLE).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  return element(
    'head',
    {},
    element('meta', { charset: 'utf-8' }),
    element('meta', { 'http-equiv': 'Content-Security-Policy', content: policy }),
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    element('meta', { name: 'color-scheme', content: 'light dark' }),
    element('title', {}, `spangate: ${title}`),
    styleElement(STYLE),
  );
}

function scenarioHtml(scenario: ScenarioView, part: DocumentPart | undefined): Html {
  if (!part) return joined();
  const title = part.title
    ? element('h2', {}, phraseHtml(part.title.text))
    : element('h2', {}, 'What changed');
  const shown = part.sections.filter((section) => !isDrawn(section));
  const front = shown.filter(isFront);
  const back = shown.filter((section) => !isFront(section));
  return joined(
    title,
    part.lead ? element('p', { class: 'quiet' }, phraseHtml(part.lead)) : null,
    ...front.map(sectionHtml),
    whyHtml(scenario),
    back.length === 0 ? null : element('h2', {}, 'All that was measured'),
    ...back.map(sectionHtml),
    part.footnotes.length === 0 ? null : joined(element('h3', {}, 'Warnings'), linesHtml(part.footnotes)),
    part.next.length === 0 ? null : nextHtml(part),
    element('h3', {}, part.facts.title),
    factsHtml(part.facts.facts),
  );
}

/** What failed and what moved comes before why it did, all else behind. */
function isFront({ tone, folded }: Section): boolean {
  return (tone === 'bad' || tone === 'caution') && !folded;
}

/** What has a drawing of its own needs no table. */
function isDrawn({ drawn }: Section): boolean {
  return drawn === true;
}

function whyHtml(scenario: ScenarioView): Html | null {
  if (scenario.why.length === 0) return null;
  const [drawn, told] = [scenario.why.slice(0, MOST_DRAWN), scenario.why.slice(MOST_DRAWN)];
  const lines = told.flatMap((explanation) => briefLines(explanation, scenario));
  const left = changedOperations(scenario) - scenario.why.length;
  return joined(
    element('h2', {}, 'Why'),
    ...drawn.map((explanation) => explanationHtml(explanation, scenario)),
    lines.length === 0 ? null : joined(element('h3', {}, 'Further operations'), linesHtml(lines)),
    left <= 0
      ? null
      : element(
          'p',
          { class: 'quiet' },
          `${counted(left, 'more operation')} changed; the rows are in the tables.`,
        ),
  );
}

/** Those that have an explanation, and those that are beyond what a result has room to explain. */
function changedOperations({ failed, accepted, moved, improved, why }: ScenarioView): number {
  const found = [...failed, ...accepted, ...moved, ...improved].flatMap(({ rows: [main] }) =>
    main.under === undefined ? (main.operation ?? []) : [],
  );
  return new Set([...found, ...why.map(({ operation }) => operation)]).size;
}

/** What to copy stands in a line of its own. */
function nextHtml({ next }: DocumentPart): Html {
  return element('div', {}, ...next.map((line) => element('p', {}, phraseHtml(line))));
}
