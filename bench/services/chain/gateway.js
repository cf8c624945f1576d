/**
 * The front of two services: asks the catalogue over HTTP, and makes a page of it.
 *
 * REGRESSION: `n-plus-one` (a list asks for each of its items), `six-percent` (page.render does 6 % more).
 */
import { serve } from '../serve.js';
import { inSpan, regressions, work } from '../work.js';

const on = regressions();
const catalogue = process.env.CATALOGUE_URL;
const slower = on.has('six-percent') ? 1.06 : 1;

async function ask(path) {
  const answer = await fetch(`${catalogue}${path}`);
  if (!answer.ok) throw new Error(`the catalogue answered ${answer.status}`);
  return await answer.json();
}

async function item(url) {
  const id = Number(url.pathname.split('/')[2]);
  const found = await ask(`/items/${id}`);
  return { found, page: inSpan('page.render', () => work(Math.round(100 * slower), id)) };
}

async function list(url) {
  const page = Number(url.searchParams.get('page') ?? 1);
  const found = await ask(`/lists/${page}`);
  if (on.has('n-plus-one')) for (let each = 0; each < 5; each += 1) await ask(`/items/${page + each}`);
  return { found, page: inSpan('list.render', () => work(60, page)) };
}

serve({ item, list, healthz: () => 'ok' });
