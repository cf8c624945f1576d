/** Which requests to begin with, out of the routes that a service has. Pure. */
import type { Route } from './routes.ts';

export interface ProposedRequest {
  readonly method: string;
  /** With variables in place of parameters. */
  readonly path: string;
  /** What the user has to say about its parameters: which numbers exist, or nothing, or a list of ids. */
  readonly needs: 'nothing' | 'numbers' | 'ids';
}

/** More would be read by nobody. */
const MAX_READS = 6;
const MAX_WRITES = 3;

/** Requests that only look at data, and some of those that change it; both may be empty. */
export function proposeRequests(routes: readonly Route[]): {
  readonly reads: readonly ProposedRequest[];
  readonly writes: readonly ProposedRequest[];
} {
  const usable = routes.filter(({ path }) => !/[*()+[\]]/.test(path.replace(/:\w+\([^)]*\)/g, ':id')));
  const proposals = usable.map(({ method, path }) => ({ method, ...withVariables(path) }));
  const unique = [...new Map(proposals.map((each) => [`${each.method} ${each.path}`, each])).values()];
  return {
    reads: unique.filter(({ method }) => method === 'GET').slice(0, MAX_READS),
    writes: unique.filter(({ method }) => /^(?:POST|PUT|PATCH|DELETE)$/.test(method)).slice(0, MAX_WRITES),
  };
}

/** `/orders/:id`, `/orders/:id(\\d+)`, `/orders/{id}` and optional parameters. */
function withVariables(path: string): Pick<ProposedRequest, 'path' | 'needs'> {
  let needs: ProposedRequest['needs'] = 'nothing';
  const filled = path.replace(
    /:(\w+)(?:\([^)]*\))?\??|\{(\w+)[^}]*\}/g,
    (_, colon?: string, braces?: string) => {
      const isId = /uuid|guid/i.test(colon ?? braces ?? '');
      if (isId || needs === 'nothing') needs = isId ? 'ids' : 'numbers';
      return isId ? '${csv(ids.csv).id}' : '${int(1,50)}';
    },
  );
  return { path: filled, needs };
}
