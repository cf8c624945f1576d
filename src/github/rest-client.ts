/** GitHub's REST API, for one repository: waits where GitHub asks to, and gives up after a minute of it. */
import { setTimeout as pause } from 'node:timers/promises';
import { getOctokit } from '@actions/github';

type Variables = Readonly<Record<string, string | undefined>>;

export interface GitHub {
  readonly rest: ReturnType<typeof getOctokit>['rest'];
  readonly paginate: ReturnType<typeof getOctokit>['paginate'];
  readonly place: { readonly owner: string; readonly repo: string };
}

export interface GitHubOptions {
  readonly token: string;
  /** Where the runner says which server and which repository. */
  readonly env: Variables;
  readonly signal: AbortSignal;
}

/** Null where the runner names no repository, or there is no token. */
export function openGitHub({ token, env, signal }: GitHubOptions): GitHub | null {
  const [owner, repo] = (env.GITHUB_REPOSITORY ?? '').split('/');
  if (!token || !owner || !repo) return null;
  const octokit = getOctokit(token, {
    baseUrl: env.GITHUB_API_URL || 'https://api.github.com',
    userAgent: 'spangate',
    // It would print warnings of its own; what goes wrong is told once, by us.
    log: { debug() {}, info() {}, warn() {}, error() {} },
  });
  octokit.hook.wrap('request', async (request, options) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await request(options);
      } catch (error) {
        const seconds = attempt < MOST_ATTEMPTS ? waitSeconds(error, options.method, attempt) : null;
        if (seconds === null) throw error;
        await pause(seconds * 1000, undefined, { signal });
      }
    }
  });
  return { rest: octokit.rest, paginate: octokit.paginate, place: { owner, repo } };
}

const MOST_ATTEMPTS = 4;

/** A comment is not worth more: the job is paid by the minute, and the report is in the summary. */
const LONGEST_WAIT_SECONDS = 60;

/** What GitHub asks for; null where another attempt would not help, or could post twice. */
function waitSeconds(error: unknown, method: string, attempt: number): number | null {
  const { status, response } = error as FailedRequest;
  const headers = response?.headers ?? {};
  const isLimited = status === 429 || (status === 403 && isRateLimit(headers));
  if (isLimited) {
    const asked = Number(headers['retry-after'] ?? LONGEST_WAIT_SECONDS);
    return asked <= LONGEST_WAIT_SECONDS ? asked : null;
  }
  const isServerFault = status !== undefined && status >= 500;
  return isServerFault && method !== 'POST' ? attempt / 2 : null;
}

function isRateLimit(headers: Headers): boolean {
  return headers['retry-after'] !== undefined || String(headers['x-ratelimit-remaining']) === '0';
}

type Headers = Readonly<Record<string, string | number | undefined>>;

/** What octokit throws, as far as it is read here. */
export interface FailedRequest {
  readonly status?: number;
  readonly message?: string;
  readonly response?: { readonly headers?: Headers };
}
