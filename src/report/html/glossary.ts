/** What the words of a report mean, for whoever sees one for the first time. */
import { element, type Html, joined } from './html-text.ts';

const TERMS = {
  base: 'The build that is compared with: what the change would be merged into, or the stored baseline.',
  head: 'The build that is judged: the change.',
  span: 'One piece of work in a service, as OpenTelemetry records it: a request, a query, a function.',
  operation: 'A request of the load, by its name, with all spans that it leads to.',
  p50: 'Half of the requests, or calls, took up to so long; p90: nine in ten; p95: nineteen in twenty.',
  change: 'By how much head differs from base; ~ where there is no evidence of a change.',
  interval: 'Where the change lies, as far as this run can tell.',
  limit: 'How much worse a row may be before it fails the gate.',
  finds: 'The smallest change that this run would have found nine times in ten.',
  calls: 'How often a request calls it, on average.',
  'self time': 'The duration of a span less that of the spans below it.',
  instance:
    'One fresh copy of the services in one round. Requests in one process resemble one another, so instances are what is counted.',
  round: 'Some copies of each build, started together, warmed up and loaded at the same time.',
  'critical path':
    'At every moment of a request, the one span that the answer was waiting for. So the times of all spans add up to that of the request.',
  'N+1': 'A query that is sent once for each row of another one, instead of once for all of them.',
  trace: 'All spans of one request.',
  'not gated': 'Shown, and judged by nobody.',
} as const;

export type Term = keyof typeof TERMS;

function idOf(term: string): string {
  return `term-${term.replace(/[^a-z0-9]+/gi, '-')}`;
}

function isTerm(word: string): word is Term {
  return Object.hasOwn(TERMS, word);
}

/** The word with its meaning on hover, and a link to it; as it is where there is none. */
export function term(word: string): Html {
  if (!isTerm(word)) return joined(word);
  return element('a', { class: 'term', href: `#${idOf(word)}`, title: TERMS[word] }, word);
}

export function glossary(): Html {
  const entries = Object.entries(TERMS).toSorted(([left], [right]) => left.localeCompare(right, 'en'));
  return element(
    'dl',
    {},
    ...entries.flatMap(([word, meaning]) => [
      element('dt', { id: idOf(word) }, word),
      element('dd', {}, meaning),
    ]),
  );
}
