/**
 * A service that only computes: no database, no waiting. Twelve spans of 40 µs to 1.5 ms.
 *
 * REGRESSION: `six-percent` (price.lines does 6 % more), `three-percent`, `twelve-percent`, `tail` (one call of
 * report.sort in 25 takes three times as long), `errors` (one quote in a hundred fails), `extra-call` (one more span
 * a search), `everything` (each span does 10 % more).
 */
import { serve } from '../serve.js';
import { inSpan, regressions, work } from '../work.js';

const on = regressions();
const all = on.has('everything') ? 1.1 : 1;
const slower = on.has('three-percent')
  ? 1.03
  : on.has('six-percent')
    ? 1.06
    : on.has('twelve-percent')
      ? 1.12
      : 1;
const steps = (count, factor = 1) => Math.round(count * factor * all);

let quotes = 0;
let sorts = 0;

function quote(url) {
  const lines = Number(url.searchParams.get('lines') ?? 3);
  quotes += 1;
  const isBroken = on.has('errors') && quotes % 100 === 0;
  inSpan('basket.parse', () => work(steps(10), lines));
  const price = inSpan('price.lines', () => {
    if (isBroken) throw new RangeError('no price for line 1');
    return work(steps(100 + lines * 10, slower), lines);
  });
  return { price, page: inSpan('quote.render', () => work(steps(25), lines)) };
}

function search(url) {
  const page = Number(url.searchParams.get('page') ?? 1);
  inSpan('search.tokenize', () => work(steps(15), page));
  const found = inSpan(
    'search.rank',
    () => inSpan('search.score', () => work(steps(60), page)) + work(steps(30), page),
  );
  if (on.has('extra-call')) inSpan('search.tokenize', () => work(steps(15), page));
  return { found, page: inSpan('search.render', () => work(steps(20), page)) };
}

function report(url) {
  const month = Number(url.searchParams.get('month') ?? 1);
  sorts += 1;
  const factor = on.has('tail') && sorts % 25 === 0 ? 3 : 1;
  const rows = inSpan('report.collect', () => work(steps(120), month));
  const sorted = inSpan('report.sort', () => work(steps(80, factor), month));
  return { rows, sorted, page: inSpan('report.render', () => work(steps(150), month)) };
}

serve({ quote, search, report, healthz: () => 'ok' });
