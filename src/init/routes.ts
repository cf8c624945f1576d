/**
 * Routes of a service, by a light look at its sources: good enough to propose requests, not a parser. Knows the ways
 * in which Express, Fastify, Koa, Hapi and Nest write a route, and prefixes under which a router is mounted.
 */
export interface Route {
  readonly method: string;
  /** As the framework writes it: `/orders/:id`, `/orders/{id}`. */
  readonly path: string;
  readonly file: string;
}

/** In the order of the files, each route once. */
export function findRoutes(sources: ReadonlyMap<string, string>): readonly Route[] {
  const scripts = new Map([...sources].filter(([file]) => /\.[cm]?[jt]sx?$/.test(file)));
  const cleaned = new Map([...scripts].map(([file, text]) => [file, withoutComments(text)]));
  const mounts = [...cleaned].flatMap(([file, text]) => mountsIn(file, text, new Set(cleaned.keys())));
  const globalPrefix = firstMatch(cleaned, /\.setGlobalPrefix\(\s*['"`]([^'"`]+)['"`]/) ?? '';
  const found = [...cleaned].flatMap(([file, text]) =>
    routesIn(file, text).flatMap((route) =>
      prefixesOf(route, mounts).map((prefix) => ({
        method: route.method,
        path: joinPaths(route.isNest ? globalPrefix : '', prefix, route.path),
        file,
      })),
    ),
  );
  return [...new Map(found.map((route) => [`${route.method} ${route.path}`, route])).values()];
}

interface FoundRoute extends Route {
  /** The variable on which it was registered. */
  readonly receiver: string | null;
  readonly isNest?: boolean;
}

const METHOD = '(get|post|put|patch|delete|head|options)';
const TEXT = `['"\`](/[^'"\`\\n]*)['"\`]`;

/** Names that routers usually have; others count where the file makes a router of them. */
const ROUTER_NAME =
  /^(?:app|application|server|api|web|fastify|instance|koa|hono|routes?|.*[rR]outer|.*Routes|.*App|v\d+)$/;

function routesIn(file: string, text: string): FoundRoute[] {
  const made = new Set([...text.matchAll(MAKES_ROUTER)].map((match) => match[1]));
  const isRouter = (name: string) => ROUTER_NAME.test(name) || made.has(name);
  const routes: FoundRoute[] = [];
  const add = (method = '', path = '', receiver: string | null = null) => {
    routes.push({ method: method.toUpperCase(), path, file, receiver });
  };
  for (const [, receiver = '', method, path] of text.matchAll(
    new RegExp(`([\\w$]+)\\s*\\.${METHOD}\\(\\s*${TEXT}`, 'g'),
  )) {
    if (isRouter(receiver)) add(method, path, receiver);
  }
  for (const [, receiver = '', path, method] of text.matchAll(
    new RegExp(`([\\w$]+)\\s*\\.route\\(\\s*${TEXT}\\s*\\)\\s*\\.${METHOD}\\(`, 'g'),
  )) {
    if (isRouter(receiver)) add(method, path, receiver);
  }
  for (const [, method, path] of text.matchAll(
    new RegExp(`method:\\s*['"]([A-Z]+)['"][^{}]{0,200}?(?:url|path):\\s*${TEXT}`, 'g'),
  ))
    add(method, path);
  for (const [, path, method] of text.matchAll(
    new RegExp(`(?:url|path):\\s*${TEXT}[^{}]{0,200}?method:\\s*['"]([A-Z]+)['"]`, 'g'),
  ))
    add(method, path);
  for (const [, path] of text.matchAll(new RegExp(`(?:\\.url|\\bpathname|\\burl)\\s*===?\\s*${TEXT}`, 'g')))
    add('GET', path);
  return [...routes, ...nestRoutes(file, text)];
}

const MAKES_ROUTER =
  /(?:const|let|var)\s+([\w$]+)(?:\s*:[^=]+)?\s*=\s*(?:await\s+)?(?:new\s+)?(?:express|express\.Router|Router|fastify|Fastify|Koa|KoaRouter|Hono|polka|restify\.createServer|Hapi\.server|hapi\.server)\b/g;

function nestRoutes(file: string, text: string): FoundRoute[] {
  const controllers = [...text.matchAll(/@Controller\(\s*(?:\{[^}]*?path:\s*)?(?:['"`]([^'"`]*)['"`])?/g)];
  return controllers.flatMap((controller, index) => {
    const body = text.slice(controller.index, controllers[index + 1]?.index);
    return [
      ...body.matchAll(/@(Get|Post|Put|Patch|Delete|Head|Options)\(\s*(?:['"`]([^'"`]*)['"`])?\s*\)/g),
    ].map(([, method = '', path = '']) => ({
      method: method.toUpperCase(),
      path: joinPaths(controller[1] ?? '', path),
      file,
      receiver: null,
      isNest: true,
    }));
  });
}

/** Koa: `const router = new Router({ prefix: '/v1' })`. */
const ROUTER_WITH_PREFIX = new RegExp(
  `([\\w$]+)\\s*=\\s*new\\s+\\w*Router\\(\\s*\\{[^{}]*?prefix:\\s*${TEXT}`,
  'g',
);

interface Mount {
  readonly prefix: string;
  /** Where the mount is written, and on which variable. */
  readonly from: { readonly file: string; readonly receiver: string };
  /** A file, or a variable of the same file. */
  readonly to: { readonly file: string; readonly receiver: string | null };
}

/** `app.use('/api', orders)` and `app.register(orders, { prefix: '/api' })`. */
function mountsIn(file: string, text: string, files: ReadonlySet<string>): Mount[] {
  const imports = importsIn(file, text, files);
  const target = (expression: string): Mount['to'] | null => {
    const inline = /(?:require|import)\(\s*['"](\.[^'"]+)['"]/.exec(expression)?.[1];
    if (inline !== undefined) {
      const found = resolveImport(file, inline, files);
      return found === null ? null : { file: found, receiver: null };
    }
    const name = /([\w$]+)\s*(?:\.routes\(\))?(?:\([^()]*\))?\s*$/.exec(expression.trim())?.[1] ?? '';
    const imported = imports.get(name);
    if (imported !== undefined) return { file: imported, receiver: null };
    return name === '' ? null : { file, receiver: name };
  };
  const mounts: Mount[] = [...text.matchAll(ROUTER_WITH_PREFIX)].map(([, receiver = '', prefix = '']) => ({
    prefix,
    // No variable of the file: what is mounted there is mounted nowhere else.
    from: { file, receiver: '' },
    to: { file, receiver },
  }));
  const add = (receiver = '', prefix = '', expression = '') => {
    const to = target(expression);
    if (to !== null) mounts.push({ prefix, from: { file, receiver }, to });
  };
  for (const [, receiver, prefix, rest] of text.matchAll(
    new RegExp(`([\\w$]+)\\.use\\(\\s*${TEXT}\\s*,([^;\\n]*?)\\)\\s*(?:;|\\n|$)`, 'g'),
  )) {
    add(receiver, prefix, rest?.split(/,(?![^(]*\))/).at(-1));
  }
  for (const [, receiver, expression, prefix] of text.matchAll(
    new RegExp(`([\\w$]+)\\.register\\(\\s*([^,{]+?)\\s*,\\s*\\{[^}]*?prefix:\\s*${TEXT}`, 'g'),
  )) {
    add(receiver, prefix, expression);
  }
  return mounts;
}

function importsIn(file: string, text: string, files: ReadonlySet<string>): ReadonlyMap<string, string> {
  const imports = new Map<string, string>();
  const statements =
    /import\s+([^'"]+?)\s+from\s+['"](\.[^'"]+)['"]|(?:const|let|var)\s+([\w${},:\s]+?)\s*=\s*(?:await\s+import|require)\(\s*['"](\.[^'"]+)['"]/g;
  for (const [, names = '', source = '', required = '', module = ''] of text.matchAll(statements)) {
    const target = resolveImport(file, source || module, files);
    if (target === null) continue;
    for (const part of (names || required).replace(/[{}]/g, ',').split(',')) {
      const name = /([\w$]+)\s*$/.exec(part.trim())?.[1];
      if (name !== undefined) imports.set(name, target);
    }
  }
  return imports;
}

const EXTENSIONS = [
  '',
  '.js',
  '.ts',
  '.mjs',
  '.cjs',
  '.mts',
  '.cts',
  '/index.js',
  '/index.ts',
  '/index.mjs',
  '/index.cjs',
];

function resolveImport(from: string, source: string, files: ReadonlySet<string>): string | null {
  const parts = from.split('/').slice(0, -1);
  for (const step of source.split('/')) {
    if (step === '..') parts.pop();
    else if (step !== '.' && step !== '') parts.push(step);
  }
  const path = parts.join('/');
  // TypeScript sources import each other by the name of what they are compiled to.
  const candidates = [
    ...EXTENSIONS.map((extension) => path + extension),
    path.replace(/\.([cm]?)js$/, '.$1ts'),
  ];
  return candidates.find((candidate) => files.has(candidate)) ?? null;
}

/** More levels than that are loops. */
const MAX_MOUNTS = 4;

function prefixesOf(route: FoundRoute, mounts: readonly Mount[], depth = 0): readonly string[] {
  const above = mounts.filter(
    ({ to, from }) =>
      to.file === route.file &&
      (to.receiver === null
        ? from.file !== route.file
        : to.receiver === route.receiver && from.receiver !== route.receiver),
  );
  if (above.length === 0 || depth >= MAX_MOUNTS) return [''];
  return above.flatMap(({ prefix, from }) =>
    prefixesOf({ ...route, ...from }, mounts, depth + 1).map((outer) => joinPaths(outer, prefix)),
  );
}

function joinPaths(...parts: readonly string[]): string {
  return `/${parts
    .flatMap((part) => part.split('/'))
    .filter(Boolean)
    .join('/')}`;
}

function firstMatch(sources: ReadonlyMap<string, string>, pattern: RegExp): string | undefined {
  for (const text of sources.values()) {
    const match = pattern.exec(text);
    if (match) return match[1];
  }
  return undefined;
}

/** Leaves `//` inside texts such as URLs alone. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[\s;{}(,])\/\/[^\n]*/g, '$1');
}
