/** Routes of services in Python and Java, by a light look at their sources, in the form of those of Express. Pure. */
import type { Route } from './routes.ts';

export function findPythonRoutes(sources: ReadonlyMap<string, string>, framework: string): readonly Route[] {
  const found = [...sources].flatMap(([file, source]) => {
    if (!file.endsWith('.py')) return [];
    const text = source.replace(/^\s*#.*$/gm, '');
    return framework === 'Django' ? djangoRoutes(file, text) : decorated(file, text);
  });
  return once(found);
}

/** `@app.get("/orders/<int:id>")` and `@app.route("/orders", methods=["POST"])`. */
function decorated(file: string, text: string): Route[] {
  const routes: Route[] = [];
  for (const [, method = '', path = ''] of text.matchAll(
    /@\w+\.(get|post|put|patch|delete)\(\s*["'](\/[^"']*)["']/g,
  )) {
    routes.push({ method: method.toUpperCase(), path: plain(path), file });
  }
  for (const [, path = '', methods = 'GET'] of text.matchAll(
    /@\w+\.route\(\s*["'](\/[^"']*)["'](?:[^)\n]*methods\s*=\s*[[(]([^\])]*)[\])])?/g,
  )) {
    for (const [method] of methods.matchAll(/[A-Z]+/g)) routes.push({ method, path: plain(path), file });
  }
  return routes;
}

function djangoRoutes(file: string, text: string): Route[] {
  return [...text.matchAll(/\bpath\(\s*["']([^"']*)["']\s*,\s*(?!include)/g)].map(([, path = '']) => ({
    method: 'GET',
    path: plain(`/${path}`),
    file,
  }));
}

/** `<int:id>` is `:id`; a UUID says so in its name. */
function plain(path: string): string {
  return path.replace(/<(?:(\w+):)?(\w+)>/g, (_, type: string | undefined, name: string) =>
    type === 'uuid' ? ':uuid' : `:${name}`,
  );
}

/** `@GetMapping("/orders/{id}")` below `@RequestMapping("/api")`. */
export function findJavaRoutes(sources: ReadonlyMap<string, string>): readonly Route[] {
  const found = [...sources].flatMap(([file, text]) => {
    if (!/\.(?:java|kt)$/.test(file)) return [];
    const prefix = /@RequestMapping\(\s*(?:(?:value|path)\s*=\s*)?"([^"]*)"/.exec(text)?.[1] ?? '';
    const mappings = text.matchAll(
      /@(Get|Post|Put|Patch|Delete)Mapping(?:\(\s*(?:(?:value|path)\s*=\s*)?(?:"([^"]*)")?)?/g,
    );
    return [...mappings].map(([, method = '', path = '']) => ({
      method: method.toUpperCase(),
      path: `${prefix}${path}` || '/',
      file,
    }));
  });
  return once(found);
}

function once(routes: readonly Route[]): readonly Route[] {
  return [...new Map(routes.map((route) => [`${route.method} ${route.path}`, route])).values()];
}
