/** The names under which spans are recorded, as ids: few, and telling what a span does. See docs/telemetry.md. */
import { FOLDING_FROM, foldIds, foldNumbers } from '../name-folding.ts';
import { BoundedCache } from './bounded-cache.ts';
import { databaseName, isDatabaseSpan, statementOf } from './database-name.ts';
import { API_KIND, type EndedSpan } from './ended-span.ts';
import { clientName, clientTarget, isBareMethod, serverName, serverPath } from './http-name.ts';
import { StringTable } from './string-table.ts';

/** More names than this nobody reads; the rest shares one name and is counted. */
export const NAME_LIMIT = 1_000;

/** Names made from URLs are a guess; a service behind a path with free text would fill the table with them. */
export const DERIVED_LIMIT = 200;

/** Entries of each cache; see `BoundedCache` for what happens then. */
const CACHE_LIMIT = 4_096;

/** Set in a result of `idOf` when the name was made from the URL. */
export const DERIVED_NAME = 0x1_0000;

export class SpanNames {
  readonly table = new StringTable(NAME_LIMIT);
  /** Spans that got the overflow name. */
  overflowed = 0;
  #derived = 0;
  readonly #names = new BoundedCache(CACHE_LIMIT);
  readonly #statements = new Map<string, BoundedCache>();
  readonly #paths = new Map<string, BoundedCache>();

  /** @returns the id of the span's name, with `DERIVED_NAME` where it applies */
  idOf(span: EndedSpan): number {
    const id = this.#refinedId(span);
    if ((id & 0xffff) === 0) this.overflowed += 1;
    return id;
  }

  #refinedId(span: EndedSpan): number {
    if (span.kind === API_KIND.client) {
      if (isDatabaseSpan(span.attributes)) return this.#databaseId(span);
      if (isBareMethod(span.name)) return this.#clientId(span);
    } else if (span.kind === API_KIND.server && isBareMethod(span.name)) {
      return this.#serverId(span);
    }
    return this.#internId(span.name);
  }

  #internId(name: string): number {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const folded = this.table.size < FOLDING_FROM ? foldIds(name) : foldNumbers(name);
    const id = this.table.idOf(folded);
    this.#names.set(name, id);
    return id;
  }

  #databaseId(span: EndedSpan): number {
    const statement = statementOf(span.attributes);
    return cached(this.#statements, span.name, statement, () =>
      this.#internId(databaseName(span, statement)),
    );
  }

  #serverId(span: EndedSpan): number {
    const path = serverPath(span.attributes);
    if (path === null) return this.#internId(span.name);
    return cached(this.#paths, span.name, path, () =>
      this.#derivedId(serverName(span.name, path), span.name),
    );
  }

  #clientId(span: EndedSpan): number {
    const target = clientTarget(span.attributes);
    if (target === null) return this.#internId(span.name);
    return cached(this.#paths, `${span.name} client`, target, () =>
      this.#derivedId(clientName(span.name, target), span.name),
    );
  }

  #derivedId(name: string, method: string): number {
    const before = this.table.size;
    const limited = this.#derived < DERIVED_LIMIT ? name : `${method} (other paths)`;
    const id = this.#internId(limited);
    if (this.table.size > before) this.#derived += 1;
    return id | DERIVED_NAME;
  }
}

/** Two levels, so that no key has to be put together for every span. */
function cached(caches: Map<string, BoundedCache>, group: string, text: string, make: () => number): number {
  let cache = caches.get(group);
  if (cache === undefined) {
    cache = new BoundedCache(CACHE_LIMIT);
    // Names with ids in them would make a cache each.
    if (caches.size < 64) caches.set(group, cache);
  }
  const known = cache.get(text);
  if (known !== undefined) return known;
  const id = make();
  cache.set(text, id);
  return id;
}
