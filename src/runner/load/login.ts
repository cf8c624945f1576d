/** The login of every session, before the load. What it saves stays in memory: nothing of it is printed or kept. */
import type { RunTag } from '../../telemetry/trace-id.ts';
import { type Answer, sendOnce } from './http-once.ts';
import { fieldNames, fieldsOf } from './json-field.ts';
import { loginFailed, loginFieldMissing } from './load-errors.ts';
import type { LoadTarget } from './load-result.ts';
import { lossType } from './loss-type.ts';
import { outgoing } from './outgoing.ts';
import { excerpt } from './redact.ts';
import { Session } from './session.ts';
import { isExpected, type Workload, type WorkloadRequest } from './workload.ts';

export interface LoginOptions {
  readonly workload: Workload;
  readonly targets: readonly LoadTarget[];
  readonly runTag: RunTag;
  readonly signal: AbortSignal;
}

/**
 * Logs every session in: one after the other on an instance, all instances at once. The n-th session of each instance
 * sends the same content.
 *
 * @returns how many requests were sent, and so the serial that comes next
 * @throws UserError (exit 3) with the status and the start of the answer, or with the path that it lacks
 */
export async function logIn(options: LoginOptions, sessions: readonly Session[]): Promise<number> {
  const { workload, targets } = options;
  const { login } = workload;
  if (!login) return 0;
  await Promise.all(
    targets.map(async (_, position) => {
      const own = sessions.filter((session) => session.position === position);
      for (const [index, session] of own.entries()) {
        await logInOne(options, login, session, index * targets.length + position);
      }
    }),
  );
  return sessions.length;
}

/**
 * @param each sessions of an instance
 * @returns the sessions, logged in, and the serial that comes next
 * @throws as `logIn` does
 */
export async function logInSessions(
  options: LoginOptions,
  each: number,
): Promise<{ readonly sessions: readonly Session[]; readonly serial: number }> {
  const sessions = Array.from({ length: each }, () =>
    options.targets.map((_, position) => new Session(position)),
  ).flat();
  return { sessions, serial: await logIn(options, sessions) };
}

async function logInOne(
  { workload, targets, runTag, signal }: LoginOptions,
  login: WorkloadRequest,
  session: Session,
  serial: number,
): Promise<void> {
  const target = targets[session.position] as LoadTarget;
  const slot = Math.floor(serial / targets.length) % login.contents.length;
  const content = login.contents[slot];
  if (!content) throw new TypeError('a login has at least one content');
  const { template } = login;
  const origin = {
    phase: 'login',
    instance: target.instance,
    request: workload.requests.length,
    content: slot,
  } as const;
  let answer: Answer;
  try {
    const sending = { runTag, origin, serial };
    const { timeoutSeconds } = workload.load;
    answer = await sendOnce(target.url, outgoing(content, session, sending), { timeoutSeconds, signal });
  } catch (error) {
    signal.throwIfAborted();
    throw loginFailed(template.name, target.url, lossType(error));
  }
  const { status, body, headers } = answer;
  if (!isExpected(template, status)) {
    const start = excerpt(body, session.secrets(template));
    throw loginFailed(template.name, target.url, `status ${status}${start === '' ? '' : `, ${start}`}`);
  }
  session.keep(fieldsOf(login.saves, body));
  session.keepCookies(headers['set-cookie'] ?? [], 'login');
  const missing = login.saves.find(([name]) => !session.known.has(name));
  if (missing) throw loginFieldMissing(template.name, missing[1], fieldNames(body));
}
