/**
 * Names of HTTP spans that have only a method. The semantic conventions forbid the path as a name, since it has no
 * limit; here its ids are folded, the number of names is limited, and each is marked as derived.
 */
import type { Attributes } from './ended-span.ts';
import { pathTemplate } from './path-template.ts';

const METHODS: ReadonlySet<string> = new Set(
  'GET POST PUT PATCH DELETE HEAD OPTIONS CONNECT TRACE QUERY HTTP'.split(' '),
);

export function isBareMethod(name: string): boolean {
  return name.length <= 7 && METHODS.has(name);
}

/** Path of a server span, null where it has none. */
export function serverPath(attributes: Attributes): string | null {
  const path = attributes['url.path'] ?? attributes['http.target'];
  if (typeof path !== 'string' || !path.startsWith('/')) return null;
  return withoutQuery(path);
}

/** `GET /orders/:id` */
export function serverName(method: string, path: string): string {
  return `${method} ${pathTemplate(path)}`;
}

/** Host and path of a client span, without port and query; null where it has none. */
export function clientTarget(attributes: Attributes): string | null {
  const url = attributes['url.full'] ?? attributes['http.url'];
  if (typeof url !== 'string') return null;
  const scheme = url.indexOf('://');
  if (scheme === -1) return null;
  return withoutQuery(url.slice(scheme + 3));
}

/**
 * `GET inventory/stock/:id`. The port is left out, since it is another one in every instance, and so are addresses:
 * loopback is `localhost`, others are `(ip)`.
 */
export function clientName(method: string, target: string): string {
  const slash = target.indexOf('/');
  const authority = slash === -1 ? target : target.slice(0, slash);
  const path = slash === -1 ? '/' : target.slice(slash);
  return `${method} ${hostOf(authority)}${pathTemplate(path)}`;
}

function hostOf(authority: string): string {
  const host = authority
    .slice(authority.lastIndexOf('@') + 1)
    .replace(/:\d*$/, '')
    .toLowerCase();
  if (host === 'localhost' || /^127\.|^\[::1\]$|^::1$/.test(host)) return 'localhost';
  if (/^[\d.]+$|^\[.*\]$/.test(host)) return '(ip)';
  return host;
}

function withoutQuery(path: string): string {
  const end = path.search(/[?#]/);
  return end === -1 ? path : path.slice(0, end);
}
