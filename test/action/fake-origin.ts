/** The repository on the server, and clones of it as actions/checkout makes them. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const IDENTITY = {
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
};

export class FakeOrigin implements Disposable {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'spangate-origin-')));
  readonly url = `file://${this.folder}/shop.git`;
  /** Of a developer, with a work tree. */
  readonly work = join(this.folder, 'work');
  #clones = 0;

  /** @param fixture folder whose files are the first commit of main */
  constructor(fixture: string) {
    const bare = join(this.folder, 'shop.git');
    git(this.folder, ['init', '--quiet', '--bare', '--initial-branch', 'main', bare]);
    // As GitHub allows: any commit can be fetched by its hash.
    git(bare, ['config', 'uploadpack.allowAnySHA1InWant', 'true']);
    cpSync(fixture, this.work, { recursive: true });
    git(this.work, ['init', '--quiet', '--initial-branch', 'main']);
    git(this.work, ['remote', 'add', 'origin', this.url]);
    this.commit('first');
    git(this.work, ['push', '--quiet', 'origin', 'main']);
  }

  git(...args: readonly string[]): string {
    return git(this.work, args);
  }

  edit(file: string, change: (text: string) => string): void {
    const path = join(this.work, file);
    writeFileSync(path, change(readFileSync(path, 'utf8')));
  }

  /** @returns its hash */
  commit(message: string): string {
    git(this.work, ['add', '--all']);
    git(this.work, ['commit', '--quiet', '--allow-empty', '--message', message]);
    return git(this.work, ['rev-parse', 'HEAD']);
  }

  push(branch: string): void {
    git(this.work, ['push', '--quiet', '--force', 'origin', branch]);
  }

  /** What GitHub makes of a pull request: the branch merged into main. @returns the merge commit */
  mergeRef(number: number, branch: string): string {
    git(this.work, ['checkout', '--quiet', '--detach', 'main']);
    git(this.work, ['merge', '--quiet', '--no-ff', '--no-edit', branch]);
    const sha = git(this.work, ['rev-parse', 'HEAD']);
    git(this.work, ['push', '--quiet', '--force', 'origin', `HEAD:refs/pull/${number}/merge`]);
    git(this.work, ['checkout', '--quiet', branch]);
    return sha;
  }

  /** As actions/checkout does with `fetch-depth: 1`. @returns the folder */
  checkout(sha: string, depth: number | null = 1): string {
    this.#clones += 1;
    const folder = join(this.folder, `clone-${this.#clones}`);
    git(this.folder, ['init', '--quiet', folder]);
    git(folder, ['remote', 'add', 'origin', this.url]);
    const limit = depth === null ? [] : [`--depth=${depth}`];
    git(folder, ['fetch', '--quiet', '--no-tags', ...limit, 'origin', sha]);
    git(folder, ['checkout', '--quiet', '--force', sha]);
    return folder;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

export function git(directory: string, args: readonly string[]): string {
  const env = { PATH: process.env.PATH ?? '', HOME: tmpdir(), GIT_CONFIG_NOSYSTEM: '1', ...IDENTITY };
  return execFileSync('git', [...args], {
    cwd: directory,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}

/** The payload of `pull_request`, as far as the action reads it, with text that a stranger chose. */
export function pullRequestPayload(options: {
  number: number;
  headSha: string;
  commits: number;
  isFork?: boolean;
  /** When the head was pushed. */
  pushedAt?: string;
  /** Label that was added, which started the workflow. */
  label?: string;
}) {
  const { number, headSha, commits, isFork = false, pushedAt = '2026-11-22T09:00:00Z', label } = options;
  return {
    action: label === undefined ? 'synchronize' : 'labeled',
    ...(label !== undefined && { label: { name: label } }),
    repository: { default_branch: 'main' },
    pull_request: {
      number,
      title: '`$(touch /tmp/owned)` ::error::forged @everyone',
      commits,
      updated_at: pushedAt,
      head: { sha: headSha, ref: '$(id)', repo: { id: isFork ? 2 : 1, pushed_at: pushedAt } },
      base: { ref: 'main', sha: '0'.repeat(40), repo: { id: 1 } },
    },
  };
}

export function pushPayload(before: string | null = null) {
  return { ref: 'refs/heads/main', before: before ?? '0'.repeat(40), repository: { default_branch: 'main' } };
}
