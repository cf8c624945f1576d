/** Which driver can measure these services. */
import type { Connection } from './connection.ts';
import type { Content, RenderedRequest } from './content.ts';
import { sendOnce } from './http-once.ts';
import type { LoadOptions, LoadTarget } from './load-result.ts';
import { outgoing } from './outgoing.ts';

const ROOT_REQUEST: RenderedRequest = { method: 'GET', path: '/', headers: [['accept', '*/*']], body: null };
/** Where every request of the load writes. */
const ROOT: Content = { fixed: ROOT_REQUEST, render: () => ROOT_REQUEST };

/**
 * Sends one request to every target, one that does not write, and looks how the connection is treated.
 *
 * @param serial of the first trace id
 * @returns why autocannon cannot be used, as a whole clause; null where it can
 */
export async function reasonAgainstAutocannon(
  options: Pick<LoadOptions, 'workload' | 'targets' | 'runTag' | 'signal'>,
  connections: readonly Connection[],
  serial: number,
): Promise<string | null> {
  const { workload, targets } = options;
  const head = workload.requests.find(({ template }) => template.method === 'HEAD');
  if (head) return `Request \`${head.template.name}\` is a HEAD request`;
  const reasons = await Promise.all(
    targets.map((target, position) => {
      const connection = connections.find((candidate) => candidate.position === position);
      return connection ? probe(options, { target, connection, serial: serial + position }) : null;
    }),
  );
  return reasons.find((reason) => reason !== null) ?? null;
}

async function probe(
  { workload, runTag, signal }: Pick<LoadOptions, 'workload' | 'runTag' | 'signal'>,
  at: { readonly target: LoadTarget; readonly connection: Connection; readonly serial: number },
): Promise<string | null> {
  const { target, connection, serial } = at;
  const reads = ({ template, needs }: (typeof workload.requests)[number]): boolean =>
    !template.writes && needs.every((name) => connection.known.has(name));
  const index = Math.max(0, workload.requests.findIndex(reads));
  const content = workload.requests.find(reads)?.contents[0] ?? ROOT;
  const origin = { phase: 'warm-up', instance: target.instance, request: index, content: 0 } as const;
  const sending = outgoing(content, connection, { runTag, origin, serial });
  try {
    const { timeoutSeconds } = workload.load;
    const answer = await sendOnce(target.url, sending, { timeoutSeconds, signal });
    if (connection.hasCookies) connection.keepCookies(answer.headers['set-cookie'] ?? [], 'answer');
    if (answer.closes) return `The service at ${target.url} closes its connections`;
    return answer.interim ? `The service at ${target.url} sends interim answers` : null;
  } catch {
    signal.throwIfAborted();
    // No answer says nothing about connections; the load itself will tell what is wrong.
    return null;
  }
}
