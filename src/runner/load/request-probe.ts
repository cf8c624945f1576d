/** Each request of a workload once, without load: what a service answers, and under which trace id. */
import { type Answer, sendOnce } from './http-once.ts';
import { fieldsOf } from './json-field.ts';
import type { LoadOptions, LoadTarget } from './load-result.ts';
import { logIn } from './login.ts';
import { lossType } from './loss-type.ts';
import { outgoing } from './outgoing.ts';
import { excerpt } from './redact.ts';
import { Session } from './session.ts';
import { isExpected, type WorkloadRequest } from './workload.ts';

export interface ProbedRequest {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  /** Empty where nothing was sent. */
  readonly traceId: string;
  readonly outcome:
    | {
        readonly kind: 'answered';
        readonly status: number;
        readonly expected: boolean;
        readonly seconds: number;
        /** At most 200 characters, tokens redacted. */
        readonly body: string;
        readonly closesConnection: boolean;
      }
    /** `timeout`, `connection refused` … */
    | { readonly kind: 'failed'; readonly error: string }
    /** No answer before it held the value of this variable. */
    | { readonly kind: 'not sent'; readonly needs: string };
}

/**
 * Logs in, then sends each request once with phase `probe`: those first that bring the values that others need.
 *
 * @returns in the order of the workload
 * @throws UserError (exit 3) when the login fails; the signal's reason when it is aborted
 */
export async function probeRequests(
  options: Pick<LoadOptions, 'workload' | 'runTag' | 'signal'> & { readonly target: LoadTarget },
): Promise<ProbedRequest[]> {
  const { workload, target } = options;
  const session = new Session(0);
  let serial = await logIn({ ...options, targets: [target] }, [session]);
  const probed = new Map<number, ProbedRequest>();
  for (;;) {
    const isNext = ({ needs }: WorkloadRequest, index: number): boolean =>
      !probed.has(index) && needs.every((name) => session.known.has(name));
    const index = workload.requests.findIndex(isNext);
    const request = workload.requests[index];
    if (!request) break;
    probed.set(index, await probeOne(options, { session, request, index, serial }));
    serial += 1;
  }
  return workload.requests.map((request, index) => probed.get(index) ?? notSent(request, session));
}

async function probeOne(
  { target, runTag, signal, workload }: Parameters<typeof probeRequests>[0],
  at: {
    readonly session: Session;
    readonly request: WorkloadRequest;
    readonly index: number;
    readonly serial: number;
  },
): Promise<ProbedRequest> {
  const { session, request, index, serial } = at;
  const { template, contents, saves } = request;
  const content = contents[0];
  if (!content) throw new TypeError('a request has at least one content');
  const origin = { phase: 'probe', instance: target.instance, request: index, content: 0 } as const;
  const sending = outgoing(content, session, { runTag, origin, serial });
  const { method, path } = sending.request;
  const about = { name: template.name, method, path, traceId: sending.traceId };
  let answer: Answer;
  try {
    answer = await sendOnce(target.url, sending, { timeoutSeconds: workload.load.timeoutSeconds, signal });
  } catch (error) {
    signal.throwIfAborted();
    return { ...about, outcome: { kind: 'failed', error: lossType(error) } };
  }
  const { status, seconds, body, closes, headers } = answer;
  if (session.hasCookies) session.keepCookies(headers['set-cookie'] ?? [], 'answer');
  const expected = isExpected(template, status);
  if (expected && saves.length > 0) session.keep(fieldsOf(saves, body));
  const start = excerpt(body, session.secrets(template));
  return {
    ...about,
    outcome: { kind: 'answered', status, expected, seconds, body: start, closesConnection: closes },
  };
}

function notSent({ template, needs }: WorkloadRequest, session: Session): ProbedRequest {
  const { name, method, path } = template;
  const missing = needs.find((needed) => !session.known.has(needed)) ?? '';
  return { name, method, path, traceId: '', outcome: { kind: 'not sent', needs: missing } };
}
