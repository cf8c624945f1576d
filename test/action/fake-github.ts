/**
 * A server that answers as GitHub's REST API does, as far as the action asks: permissions with the header that names
 * what is missing, pages with `Link`, bodies that are too long, rate limits, a base path as on GitHub Enterprise.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeComment {
  readonly id: number;
  readonly user: { readonly login: string; readonly type: 'Bot' | 'User' };
  body: string;
}

export interface FakePullRequest {
  readonly number: number;
  readonly headSha: string;
  readonly isListedByCommit: boolean;
  /** Of a pull request that was opened here. */
  readonly branch?: string;
  title?: string;
}

/** Of `GET …/issues/N/events`, as far as the action reads it. */
export interface FakeLabelEvent {
  readonly event: 'labeled' | 'unlabeled' | 'commented';
  readonly login: string;
  readonly label: string;
  readonly at: string;
}

export interface FakeCheckRun {
  readonly name: string;
  readonly head_sha: string;
  readonly conclusion: string;
  readonly details_url?: string;
  readonly output: { readonly title: string; readonly summary: string };
  /** Of all requests. */
  readonly annotations: { readonly path: string; readonly start_line: number; readonly message: string }[];
}

export interface FakeReview {
  readonly login: string;
  readonly body: string;
  readonly state: 'APPROVED' | 'COMMENTED' | 'DISMISSED' | 'CHANGES_REQUESTED';
  readonly commit: string;
}

export interface FakeGitHubOptions {
  /** `/api/v3` on GitHub Enterprise. */
  readonly basePath?: string;
  readonly token?: string;
  readonly canWrite?: boolean;
  readonly pageSize?: number;
}

/** Answers the next request that matches, in place of the usual answer. */
export interface Fault {
  readonly method: string;
  readonly path: RegExp;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly message: string;
}

const MOST_CHARACTERS = 65_536;

const REPOSITORY = '/repos/acme/shop';

export class FakeGitHub implements AsyncDisposable {
  readonly comments: FakeComment[] = [];
  readonly pullRequests: FakePullRequest[] = [];
  readonly labelEvents: FakeLabelEvent[] = [];
  readonly reviews: FakeReview[] = [];
  readonly checkRuns: FakeCheckRun[] = [];
  /** By login; of others GitHub says 404. */
  readonly permissions = new Map<string, 'admin' | 'write' | 'read' | 'none'>();
  readonly faults: Fault[] = [];
  /** What `compare` says is the merge base, by `main...<hash>`; of others GitHub says 404. */
  readonly mergeBases = new Map<string, string>();
  /** `POST /repos/…`, in order. */
  readonly requests: string[] = [];
  readonly #options: Required<FakeGitHubOptions>;
  readonly #server = createServer((request, response) => this.#answer(request, response));

  constructor(options: FakeGitHubOptions = {}) {
    this.#options = { basePath: '', token: 'ghs_test', canWrite: true, pageSize: 100, ...options };
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}${this.#options.basePath}`;
  }

  get token(): string {
    return this.#options.token;
  }

  addComment(login: string, body: string): void {
    this.comments.push({ id: this.comments.length + 1, user: userOf(login), body });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<ServerResponse> {
    const url = new URL(request.url ?? '/', 'http://github.test');
    const method = request.method ?? 'GET';
    let text = '';
    for await (const part of request.setEncoding('utf8')) text += part;
    const { basePath, token } = this.#options;
    const path = url.pathname.startsWith(basePath) ? url.pathname.slice(basePath.length) : '';
    this.requests.push(`${method} ${path}`);
    const fault = this.faults.find((each) => each.method === method && each.path.test(path));
    if (fault) {
      this.faults.splice(this.faults.indexOf(fault), 1);
      return reply(response, fault.status, { message: fault.message }, fault.headers);
    }
    if (request.headers.authorization !== `token ${token}`) {
      return reply(response, 401, { message: 'Bad credentials' });
    }
    return this.#route({ method, path, url, text, response });
  }

  #route(call: Call): ServerResponse {
    const { method, path, response } = call;
    const key = `${method} ${path}`;
    const number = Number(/\d+(?=\/(?:comments|events|reviews)$|$)/.exec(path)?.[0] ?? 0);
    if (key === 'GET /user') {
      return reply(response, 403, { message: 'Resource not accessible by integration' });
    }
    if (key === `GET ${REPOSITORY}/issues/${number}/comments`) return this.#list(call, this.comments);
    if (key === `GET ${REPOSITORY}/issues/${number}/events`) return this.#list(call, this.#events());
    if (key === `GET ${REPOSITORY}/pulls/${number}/reviews`) return this.#list(call, this.#reviewBodies());
    const collaborator = /\/collaborators\/([^/]+)\/permission$/.exec(path)?.[1];
    if (collaborator !== undefined) return this.#permission(call, decodeURIComponent(collaborator));
    if (key === `POST ${REPOSITORY}/issues/${number}/comments`) {
      return this.#write(call, () => {
        this.addComment('github-actions[bot]', '');
        return this.comments.at(-1);
      });
    }
    if (key === `PATCH ${REPOSITORY}/issues/comments/${number}`) {
      return this.#write(call, () => this.comments.find(({ id }) => id === number));
    }
    if (key === `POST ${REPOSITORY}/pulls`) return this.#propose(call, null);
    if (key === `PATCH ${REPOSITORY}/pulls/${number}`) return this.#propose(call, number);
    if (key === `POST ${REPOSITORY}/check-runs`) return this.#check(call, this.checkRuns.length + 1);
    if (key === `PATCH ${REPOSITORY}/check-runs/${number}`) return this.#check(call, number);
    const compared = /\/compare\/(.+)$/.exec(path)?.[1];
    if (compared !== undefined) {
      const sha = this.mergeBases.get(decodeURIComponent(compared));
      return sha === undefined
        ? reply(response, 404, { message: 'Not Found' })
        : reply(response, 200, { status: 'diverged', merge_base_commit: { sha }, commits: [] });
    }
    const commit = /\/commits\/([0-9a-f]+)\/pulls$/.exec(path)?.[1];
    if (commit !== undefined)
      return reply(
        response,
        200,
        this.#pulls((each) => each.isListedByCommit && each.headSha === commit),
      );
    if (key === `GET ${REPOSITORY}/pulls/${number}`) {
      const [found] = this.#pulls((each) => each.number === number);
      return found ? reply(response, 200, found) : reply(response, 404, { message: 'Not Found' });
    }
    if (key === `GET ${REPOSITORY}/pulls`)
      return reply(
        response,
        200,
        this.#pulls(() => true),
      );
    return reply(response, 404, { message: 'Not Found' });
  }

  #propose({ text, response }: Call, number: number | null): ServerResponse {
    if (!this.#options.canWrite) {
      const message = 'GitHub Actions is not permitted to create or approve pull requests.';
      return reply(response, 403, { message });
    }
    const { head, title } = JSON.parse(text) as { readonly head: string; readonly title: string };
    const known = this.pullRequests.find((each) => each.number === number);
    if (known) known.title = title;
    else {
      const next = this.pullRequests.length + 1;
      this.pullRequests.push({ number: next, headSha: '', isListedByCommit: false, branch: head, title });
    }
    const own = known?.number ?? this.pullRequests.length;
    return reply(response, known ? 200 : 201, { html_url: `https://github.test/acme/shop/pull/${own}` });
  }

  /** Annotations of later requests are added to those of the first one. */
  #check({ text, response, method }: Call, id: number): ServerResponse {
    if (!this.#options.canWrite) {
      return reply(
        response,
        403,
        { message: 'Resource not accessible by integration' },
        { 'x-accepted-github-permissions': 'checks=write' },
      );
    }
    const given = JSON.parse(text) as FakeCheckRun & {
      readonly output: Pick<FakeCheckRun, 'annotations'>;
    };
    const { annotations, summary } = given.output;
    if (annotations.length > 50 || summary.length > 65_535) {
      return reply(response, 422, { message: 'Invalid request. No more than 50 items are allowed' });
    }
    if (method === 'POST') this.checkRuns.push({ ...given, annotations: [] });
    const check = this.checkRuns[id - 1];
    if (!check) return reply(response, 404, { message: 'Not Found' });
    check.annotations.push(...annotations);
    return reply(response, method === 'POST' ? 201 : 200, { id, html_url: 'https://github.test/check' });
  }

  #pulls(isListed: (each: FakePullRequest) => boolean) {
    return this.pullRequests.filter(isListed).map(({ number, headSha, branch }) => ({
      number,
      state: 'open',
      head: { sha: headSha, ref: branch ?? `change-${number}` },
      labels: this.#labels().map((name) => ({ id: 1, name, color: 'ededed' })),
    }));
  }

  /** Those that are on it now. */
  #labels(): readonly string[] {
    const labels = new Set<string>();
    for (const { event, label } of this.labelEvents) {
      if (event === 'labeled') labels.add(label);
      else labels.delete(label);
    }
    return [...labels];
  }

  #events(): readonly unknown[] {
    return this.labelEvents.map(({ event, login, label, at }, index) => ({
      id: index + 1,
      actor: userOf(login),
      event,
      commit_id: null,
      created_at: at,
      label: { name: label, color: 'ededed' },
    }));
  }

  #reviewBodies(): readonly unknown[] {
    return this.reviews.map(({ login, body, state, commit }, index) => ({
      id: index + 1,
      user: userOf(login),
      body,
      state,
      commit_id: commit,
      submitted_at: '2026-11-22T10:00:00Z',
    }));
  }

  #permission({ response }: Call, login: string): ServerResponse {
    const permission = this.permissions.get(login);
    if (permission === undefined) return reply(response, 404, { message: `${login} is not a user` });
    return reply(response, 200, { permission, role_name: permission, user: userOf(login) });
  }

  #list({ url, response }: Call, items: readonly unknown[]): ServerResponse {
    const size = Math.min(this.#options.pageSize, Number(url.searchParams.get('per_page') ?? 30));
    const page = Number(url.searchParams.get('page') ?? 1);
    const rest = items.length > page * size;
    const next = new URL(`${this.url}${url.pathname.slice(this.#options.basePath.length)}${url.search}`);
    next.searchParams.set('page', String(page + 1));
    const headers: Record<string, string> = rest ? { link: `<${next.href}>; rel="next"` } : {};
    return reply(response, 200, items.slice((page - 1) * size, page * size), headers);
  }

  #write({ text, response, method }: Call, find: () => FakeComment | undefined): ServerResponse {
    if (!this.#options.canWrite) {
      return reply(
        response,
        403,
        { message: 'Resource not accessible by integration' },
        { 'x-accepted-github-permissions': 'issues=write; pull_requests=write' },
      );
    }
    const { body } = JSON.parse(text) as { body: string };
    if (body.length > MOST_CHARACTERS) {
      return reply(response, 422, {
        message: 'Validation Failed: body is too long (maximum is 65536 characters)',
      });
    }
    const comment = find();
    if (!comment) return reply(response, 404, { message: 'Not Found' });
    comment.body = body;
    const html_url = `https://github.test/acme/shop/pull/1#issuecomment-${comment.id}`;
    return reply(response, method === 'POST' ? 201 : 200, { id: comment.id, html_url });
  }
}

function userOf(login: string): FakeComment['user'] {
  return { login, type: login.endsWith('[bot]') ? 'Bot' : 'User' };
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly url: URL;
  readonly text: string;
  readonly response: ServerResponse;
}

function reply(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): ServerResponse {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  return response.end(JSON.stringify(body));
}
