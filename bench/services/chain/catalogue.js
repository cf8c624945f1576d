/**
 * What the gateway asks.
 *
 * REGRESSION: `slow-catalogue` (item.assemble does 6 % more), `errors` (one item in a hundred fails).
 */
import { serve } from '../serve.js';
import { inSpan, regressions, work } from '../work.js';

const on = regressions();
const slower = on.has('slow-catalogue') ? 1.06 : 1;
let asked = 0;

serve({
  items(url) {
    const id = Number(url.pathname.split('/')[2]);
    asked += 1;
    if (on.has('errors') && asked % 100 === 0) throw new RangeError('no such item');
    inSpan('item.load', () => work(20, id));
    return { id, size: inSpan('item.assemble', () => work(Math.round(100 * slower), id)) };
  },
  lists(url) {
    const page = Number(url.pathname.split('/')[2]);
    return { page, size: inSpan('list.assemble', () => work(50, page)) };
  },
  healthz: () => 'ok',
});
