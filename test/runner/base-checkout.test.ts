import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EXIT } from '../../src/errors.ts';
import { checkOutBase, checkOutHead, checkoutCacheDirectory } from '../../src/runner/base-checkout.ts';
import type { CheckoutSetUp } from '../../src/runner/checkout/checkout.ts';
import {
  checkoutsIn,
  commit,
  createRepository,
  filesOf,
  GIT_ENVIRONMENT,
  type GitBench,
  git,
  openGitBench,
  stateOf,
  worktreesOf,
  write,
} from './checkout/git-bench.ts';
import { livingOf } from './process-bench.ts';

const GATE = join(import.meta.dirname, 'checkout', 'fixtures', 'gate-in-set-up.mjs');

let bench: GitBench;
let repository: string;
let first: string;

beforeEach(() => {
  bench = openGitBench();
  repository = join(bench.folder, 'project');
  first = createRepository(repository, { '.gitignore': 'node_modules\n*.log\n', 'src/a.js': 'a\n' });
});

afterEach(async () => {
  await bench[Symbol.asyncDispose]();
});

/** Counts how often it runs, and writes what a set-up writes. */
function counted(key = 'one'): CheckoutSetUp & { runs: number } {
  return {
    key,
    runs: 0,
    async run({ directory }) {
      this.runs += 1;
      write(directory, { 'node_modules/express/index.js': key });
    },
  };
}

describe('the base', () => {
  test('is checked out as it was committed, without a branch', async () => {
    commit(repository, { 'server.js': 'second\n' });
    await using base = await checkOutBase({ ...bench.options(repository), ref: 'HEAD^1' });
    expect(base).toMatchObject({ ref: 'HEAD^1', commit: first, isReused: false, warnings: [] });
    expect(readFileSync(join(base.directory, 'server.js'), 'utf8')).toBe('first\n');
    expect(() => git(base.directory, 'symbolic-ref', '--quiet', 'HEAD')).toThrow();
  });

  test('is the first parent of a merge commit', async () => {
    git(repository, 'switch', '--quiet', '--create', 'faster');
    commit(repository, { 'faster.js': '1\n' });
    git(repository, 'switch', '--quiet', 'main');
    commit(repository, { 'other.js': '1\n' });
    git(repository, 'checkout', '--quiet', '--detach');
    git(repository, 'merge', '--quiet', '--no-ff', '--message', 'merge', 'faster');
    await using base = await checkOutBase({ ...bench.options(repository), ref: 'HEAD^1' });
    expect(Object.keys(filesOf(base.directory)).sort()).toEqual([
      '.gitignore',
      'other.js',
      'server.js',
      'src/a.js',
    ]);
  });

  test('leaves a dirty work tree, index, branch, stash and settings as they are, byte by byte', async () => {
    write(repository, { 'src/a.js': 'stashed\n' });
    git(repository, 'stash');
    write(repository, { 'staged.js': '1\n', 'src/a.js': 'staged\n' });
    git(repository, 'add', '--all');
    write(repository, { 'src/a.js': 'changed\n', 'new.js': 'untracked\n', 'x.log': 'ignored\n' });
    rmSync(join(repository, 'server.js'));
    const before = stateOf(repository);
    {
      await using base = await checkOutBase({ ...bench.options(repository), ref: 'HEAD', setUp: counted() });
      await using head = await checkOutHead(bench.options(repository, { setUp: counted() }));
      expect(stateOf(repository)).toEqual(before);
      expect(head.directory).not.toBe(base.directory);
    }
    expect(stateOf(repository)).toEqual(before);
  });

  test('runs no hook of the user', async () => {
    const hook = join(repository, '.git', 'hooks', 'post-checkout');
    writeFileSync(hook, `#!/bin/sh\ntouch ${bench.folder}/hooked\n`);
    chmodSync(hook, 0o755);
    await using base = await checkOutBase({ ...bench.options(repository), ref: 'HEAD' });
    expect(existsSync(join(base.directory, 'server.js'))).toBe(true);
    expect(existsSync(join(bench.folder, 'hooked'))).toBe(false);
  });

  test('comes from a bare repository, and from a work tree of one', async () => {
    const bare = join(bench.folder, 'bare.git');
    git(bench.folder, 'clone', '--quiet', '--bare', repository, bare);
    const linked = join(bench.folder, 'linked');
    git(bare, 'worktree', 'add', '--quiet', linked, 'main');
    commit(linked, { 'server.js': 'second\n' });
    for (const from of [bare, linked]) {
      await using base = await checkOutBase({ ...bench.options(from), ref: first });
      expect(readFileSync(join(base.directory, 'server.js'), 'utf8')).toBe('first\n');
    }
    await using head = await checkOutHead(bench.options(linked));
    expect(readFileSync(join(head.directory, 'server.js'), 'utf8')).toBe('second\n');
    await expect(checkOutHead(bench.options(bare))).rejects.toMatchObject({ code: 'not-a-work-tree' });
    expect(worktreesOf(bare)).toContain(linked);
  });

  test('comes from a shallow clone, whose bare origin has more', async () => {
    const bare = join(bench.folder, 'origin.git');
    git(bench.folder, 'clone', '--quiet', '--bare', repository, bare);
    commit(repository, { 'server.js': 'second\n' });
    git(repository, 'push', '--quiet', bare, 'main');
    const clone = join(bench.folder, 'clone');
    git(bench.folder, 'clone', '--quiet', '--depth', '2', `file://${bare}`, clone);
    await using base = await checkOutBase({ ...bench.options(clone), ref: 'HEAD^1' });
    expect(readFileSync(join(base.directory, 'server.js'), 'utf8')).toBe('first\n');
  });

  test('names submodules and LFS files that are not there', async () => {
    const library = join(bench.folder, 'library');
    createRepository(library);
    git(
      repository,
      '-c',
      'protocol.file.allow=always',
      'submodule',
      '--quiet',
      'add',
      library,
      'vendor/library',
    );
    commit(repository, {
      '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n',
      'model.bin': 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n',
    });
    const before = stateOf(repository);
    await using base = await checkOutBase({ ...bench.options(repository), ref: 'HEAD' });
    expect(base.warnings.map(({ code }) => code)).toEqual(['submodules-empty', 'lfs-pointers']);
    expect(base.warnings[0]?.message).toContain('vendor/library');
    expect(base.warnings[1]?.message).toContain('model.bin');
    await using again = await checkOutBase({ ...bench.options(repository), ref: 'HEAD' });
    await again[Symbol.asyncDispose]();
    await using reused = await checkOutBase({ ...bench.options(repository), ref: 'HEAD' });
    expect(reused).toMatchObject({ isReused: true, warnings: base.warnings });
    expect(stateOf(repository)).toEqual(before);
  });

  test('may not lie in the work tree, where it would find the packages of head', async () => {
    const cacheDirectory = join(repository, '.spangate', 'cache');
    const options = bench.options(repository, { cacheDirectory });
    await expect(checkOutBase({ ...options, ref: 'HEAD' })).rejects.toMatchObject({
      code: 'cache-in-work-tree',
    });
  });
});

describe('a checkout', () => {
  test('has a path as long as that of every other', async () => {
    write(repository, { 'src/a.js': 'changed\n' });
    await using base = await checkOutBase({ ...bench.options(repository), ref: 'HEAD' });
    await using same = await checkOutBase({ ...bench.options(repository), ref: 'HEAD' });
    await using head = await checkOutHead(bench.options(repository));
    expect(new Set([base.directory, same.directory, head.directory]).size).toBe(3);
    expect(same.directory.length).toBe(base.directory.length);
    expect(head.directory.length).toBe(base.directory.length);
  });

  test('is set up once, and stays for the next run', async () => {
    const setUp = counted();
    const directories: string[] = [];
    for (let run = 0; run < 2; run += 1) {
      await using base = await checkOutBase({ ...bench.options(repository, { setUp }), ref: 'HEAD' });
      expect(base.isReused).toBe(run === 1);
      directories.push(base.directory);
    }
    expect(setUp.runs).toBe(1);
    expect(new Set(directories).size).toBe(1);
  });

  test('is used as base by one run that another used as head', async () => {
    const setUp = counted();
    await (await checkOutHead(bench.options(repository, { setUp })))[Symbol.asyncDispose]();
    await using base = await checkOutBase({ ...bench.options(repository, { setUp }), ref: 'main' });
    expect(base.isReused).toBe(true);
  });

  test.each([
    ['the set-up is another one', (): CheckoutSetUp => counted('two'), () => {}],
    [
      'a file of the commit was changed',
      () => counted(),
      (top: string) => writeFileSync(join(top, 'server.js'), 'x'),
    ],
    ['a file of the commit is gone', () => counted(), (top: string) => rmSync(join(top, 'src/a.js'))],
    ['its folder is gone', () => counted(), (top: string) => rmSync(top, { recursive: true })],
    [
      'it has another commit',
      () => counted(),
      (top: string) => git(top, 'commit', '--allow-empty', '-m', 'x'),
    ],
    ['git has forgotten it', () => counted(), (top: string) => rmSync(join(top, '.git'))],
    [
      'its marker is torn',
      () => counted(),
      (top: string) => writeFileSync(`${top}.json`, '{"version": 1, "com'),
    ],
  ])('is made anew where %s', async (_, next, damage) => {
    const base = await checkOutBase({ ...bench.options(repository, { setUp: counted() }), ref: 'HEAD' });
    await base[Symbol.asyncDispose]();
    damage(base.directory);
    const setUp = next();
    await using again = await checkOutBase({ ...bench.options(repository, { setUp }), ref: 'HEAD' });
    expect(again).toMatchObject({ isReused: false, directory: base.directory });
    expect(readFileSync(join(again.directory, 'server.js'), 'utf8')).toBe('first\n');
    expect(readFileSync(join(again.directory, 'node_modules/express/index.js'), 'utf8')).toBe(setUp.key);
  });

  test('is reused though its set-up changes a file of the commit', async () => {
    const setUp: CheckoutSetUp = {
      key: 'lock',
      run: async ({ directory }) => writeFileSync(join(directory, 'src/a.js'), 'generated\n'),
    };
    await (await checkOutBase({ ...bench.options(repository, { setUp }), ref: 'HEAD' }))[
      Symbol.asyncDispose
    ]();
    await using base = await checkOutBase({ ...bench.options(repository, { setUp }), ref: 'HEAD' });
    expect(base.isReused).toBe(true);
  });

  test('is removed at the end where none is to be kept', async () => {
    const base = await checkOutBase({
      ...bench.options(repository, { keep: 0, setUp: counted() }),
      ref: 'HEAD',
    });
    await base[Symbol.asyncDispose]();
    await base[Symbol.asyncDispose]();
    expect(existsSync(base.directory)).toBe(false);
    expect(worktreesOf(repository)).toEqual([repository]);
    expect(checkoutsIn(bench.cache)).toEqual([]);
  });

  test('is kept for the commits that were used last, and no more', async () => {
    const commits = [first, commit(repository, { n: '2' }), commit(repository, { n: '3' })];
    const [a, b, c] = commits.map((ref) => async () => {
      await using base = await checkOutBase({ ...bench.options(repository), ref });
      return base.isReused;
    });
    await a?.();
    await b?.();
    expect(await a?.()).toBe(true);
    // b was used longest ago.
    await c?.();
    expect(checkoutsIn(bench.cache)).toHaveLength(2);
    expect(worktreesOf(repository)).toHaveLength(3);
    expect(await a?.()).toBe(true);
    expect(await b?.()).toBe(false);
  });

  test('of a work tree with changes is not kept', async () => {
    write(repository, { 'src/a.js': 'changed\n' });
    const head = await checkOutHead(bench.options(repository));
    await head[Symbol.asyncDispose]();
    expect(existsSync(head.directory)).toBe(false);
    expect(worktreesOf(repository)).toEqual([repository]);
  });

  test('works in a path with blanks, quotes and dollar signs', async () => {
    await using other = openGitBench(`it's "my" $HOME project`);
    const project = join(other.folder, 'a b');
    createRepository(project);
    write(project, { "o'brien $(x).js": 'new\n' });
    await using base = await checkOutBase({ ...other.options(project), ref: 'main' });
    await using head = await checkOutHead(other.options(project));
    expect(filesOf(head.directory)).toEqual(filesOf(project));
    expect(existsSync(join(base.directory, 'server.js'))).toBe(true);
  });

  test('is removed with those of a clone that is gone', async () => {
    await (await checkOutBase({ ...bench.options(repository), ref: 'HEAD' }))[Symbol.asyncDispose]();
    const moved = join(bench.folder, 'moved');
    renameSync(repository, moved);
    unused(bench.cache);
    await using base = await checkOutBase({ ...bench.options(moved), ref: 'HEAD' });
    expect(readdirSync(bench.cache)).toHaveLength(1);
    expect(existsSync(base.directory)).toBe(true);
  });

  test('stays where the clone cannot be seen from here, and was used lately, as what is in use was', async () => {
    const base = await checkOutBase({ ...bench.options(repository), ref: 'HEAD' });
    const moved = join(bench.folder, 'moved');
    renameSync(repository, moved);
    await (await checkOutBase({ ...bench.options(moved), ref: 'HEAD' }))[Symbol.asyncDispose]();
    expect(existsSync(base.directory)).toBe(true);
    renameSync(moved, repository);
    await base[Symbol.asyncDispose]();
  });

  // Root may remove whatever it likes.
  test.skipIf(process.getuid?.() === 0)(
    'that cannot be removed lies in nobody else’s way, and is named',
    async () => {
      const left = await checkOutBase({ ...bench.options(repository), ref: 'HEAD' });
      await left[Symbol.asyncDispose]();
      rmSync(`${left.directory}.json`);
      write(left.directory, { 'data/file': '1' });
      const data = join(left.directory, 'data');
      chmodSync(data, 0o500);
      try {
        commit(repository, { 'another.js': '1' });
        await using other = await checkOutBase({ ...bench.options(repository), ref: 'HEAD' });
        expect(existsSync(other.directory)).toBe(true);
        await expect(checkOutBase({ ...bench.options(repository), ref: 'HEAD^' })).rejects.toMatchObject({
          code: 'checkout-not-removable',
          where: left.directory,
        });
      } finally {
        chmodSync(data, 0o700);
      }
    },
  );
});

/** As if nobody had come back for more than a week. */
function unused(cache: string): void {
  const then = new Date(Date.now() - 8 * 24 * 3600 * 1000);
  for (const name of readdirSync(cache)) {
    utimesSync(join(cache, name, 'repository.txt'), then, then);
  }
}

describe('the head', () => {
  test('has all that is changed, staged and new, and nothing that is ignored', async () => {
    commit(repository, {
      'gone.js': '1',
      'was-file': '1',
      'was-folder/x': '1',
      'run.sh': '#!/bin/sh\n',
      'hidden.js': '1',
    });
    symlinkSync('src', join(repository, 'link'));
    commit(repository, {});
    write(repository, { 'src/a.js': 'changed\n', 'staged.js': '1\n', 'hidden.js': 'mine\n' });
    git(repository, 'update-index', '--assume-unchanged', 'hidden.js');
    git(repository, 'add', 'staged.js');
    git(repository, 'rm', '--quiet', 'gone.js');
    for (const path of ['was-file', 'was-folder', 'link'])
      rmSync(join(repository, path), { recursive: true });
    chmodSync(join(repository, 'run.sh'), 0o755);
    write(repository, {
      'was-file/inner.js': '1',
      'was-folder': '1',
      'link/real.js': '1',
      'näme with\nnewline.js': '1',
      'x.log': 'ignored',
      'node_modules/a.js': 'ignored',
    });
    symlinkSync('../nowhere', join(repository, 'src', 'dangling'));
    await using head = await checkOutHead(bench.options(repository));
    const { 'x.log': log, 'node_modules/a.js': packages, ...expected } = filesOf(repository);
    expect([log, packages]).not.toContain(undefined);
    expect(filesOf(head.directory)).toEqual(expected);
    expect(head).toMatchObject({
      isDirty: true,
      source: repository,
      commit: git(repository, 'rev-parse', 'HEAD'),
    });
  });

  test('of a clean work tree is its commit', async () => {
    write(repository, { 'x.log': 'ignored' });
    await using head = await checkOutHead(bench.options(join(repository, 'src')));
    expect(head).toMatchObject({ isDirty: false, commit: first });
  });

  test('does not write through a link to what is outside', async () => {
    const outside = join(bench.folder, 'outside');
    mkdirSync(outside);
    symlinkSync(outside, join(repository, 'data'));
    commit(repository, {});
    rmSync(join(repository, 'data'));
    write(repository, { 'data/x.js': 'mine\n' });
    await using head = await checkOutHead(bench.options(repository));
    expect(readFileSync(join(head.directory, 'data/x.js'), 'utf8')).toBe('mine\n');
    expect(readdirSync(outside)).toEqual([]);
  });

  test('names repositories inside it, whose changes it does not have', async () => {
    createRepository(join(repository, 'nested'));
    await using head = await checkOutHead(bench.options(repository));
    expect(head.warnings).toMatchObject([{ code: 'repositories-not-copied' }]);
    expect(head.warnings[0]?.message).toContain('nested');
  });

  test('needs a commit', async () => {
    const empty = join(bench.folder, 'empty');
    mkdirSync(empty);
    git(empty, 'init', '--quiet');
    await expect(checkOutHead(bench.options(empty))).rejects.toMatchObject({ code: 'no-commit' });
  });
});

describe('when it fails', () => {
  test('a set-up that throws leaves nothing', async () => {
    const setUp = { key: 'one', run: () => Promise.reject(new Error('no compiler')) };
    await expect(checkOutBase({ ...bench.options(repository, { setUp }), ref: 'HEAD' })).rejects.toThrow(
      'no compiler',
    );
    expect(checkoutsIn(bench.cache)).toEqual([]);
    expect(worktreesOf(repository)).toEqual([repository]);
  });

  test('Ctrl-C during the set-up leaves nothing', async () => {
    const setUp = {
      key: 'one',
      run: async () => {
        bench.abort.abort('SIGINT');
      },
    };
    const base = checkOutBase({ ...bench.options(repository, { setUp }), ref: 'HEAD' });
    await expect(base).rejects.toBe('SIGINT');
    expect(checkoutsIn(bench.cache)).toEqual([]);
    expect(worktreesOf(repository)).toEqual([repository]);
  });

  test('Ctrl-C while git checks out leaves nothing', async () => {
    const filter = join(bench.folder, 'slow-filter.sh');
    writeFileSync(filter, `#!/bin/sh\ntouch ${bench.folder}/began\nexec sleep 600\n`);
    chmodSync(filter, 0o755);
    commit(repository, { '.gitattributes': '*.slow filter=slow\n', 'x.slow': '1' });
    git(repository, 'config', 'filter.slow.smudge', filter);
    const base = checkOutBase({ ...bench.options(repository), ref: 'HEAD' });
    base.catch(() => {});
    await until(() => existsSync(join(bench.folder, 'began')));
    bench.abort.abort('SIGTERM');
    await expect(base).rejects.toBe('SIGTERM');
    expect(checkoutsIn(bench.cache)).toEqual([]);
    expect(worktreesOf(repository)).toEqual([repository]);
  });

  test('a full disk is named', async () => {
    // A git that ends as the real one does when `write` says ENOSPC.
    const bin = join(bench.folder, 'bin');
    write(bin, {
      git: `#!/bin/sh\ncase " $* " in *" worktree add "*) echo "error: unable to write file server.js: No space left on device" >&2; exit 128;; esac\nPATH='${GIT_ENVIRONMENT.PATH}' exec git "$@"\n`,
    });
    chmodSync(join(bin, 'git'), 0o755);
    const inherited = { ...GIT_ENVIRONMENT, PATH: `${bin}:${GIT_ENVIRONMENT.PATH}` };
    await expect(
      checkOutBase({ ...bench.options(repository, { inherited }), ref: 'HEAD' }),
    ).rejects.toMatchObject({ code: 'disk-full', exitCode: EXIT.couldNotMeasure });
    expect(checkoutsIn(bench.cache)).toEqual([]);
  });

  test('what git says is shown', async () => {
    commit(repository, { '.gitattributes': '*.js filter=broken\n' });
    git(repository, 'config', 'filter.broken.smudge', 'false');
    git(repository, 'config', 'filter.broken.required', 'true');
    await expect(checkOutBase({ ...bench.options(repository), ref: 'HEAD' })).rejects.toMatchObject({
      code: 'git-failed',
      detail: expect.arrayContaining([expect.stringContaining('smudge filter broken failed')]),
    });
    expect(worktreesOf(repository)).toEqual([repository]);
  });
});

describe('two runs', () => {
  test('at once in one process have a checkout each', async () => {
    const setUp = counted();
    const both = await Promise.all(
      [1, 2].map(() => checkOutBase({ ...bench.options(repository, { setUp }), ref: 'HEAD' })),
    );
    expect(new Set(both.map((each) => each.directory)).size).toBe(2);
    for (const each of both) {
      expect(existsSync(join(each.directory, 'node_modules'))).toBe(true);
      await each[Symbol.asyncDispose]();
    }
  });

  test('at once in two processes have a checkout each, and both end well', async () => {
    const gates = [startGate('wait'), startGate('wait')];
    const said = await Promise.all(gates.map((gate) => lineOf(gate)));
    expect(new Set(said).size).toBe(2);
    for (const line of said) expect(line).toMatch(/^has /);
    // A third one does not clean up what the others use.
    const third = await checkOutBase({ ...bench.options(repository), ref: 'HEAD' });
    for (const line of said) expect(existsSync(join(line.slice(4), 'server.js'))).toBe(true);
    await third[Symbol.asyncDispose]();
    for (const gate of gates) {
      const exit = once(gate, 'exit');
      gate.stdin?.end();
      expect(await exit).toEqual([0, null]);
    }
  });

  test('of which one was killed in its set-up: the other takes its place, and nothing is left', async () => {
    const gate = startGate('hang');
    const directory = (await lineOf(gate)).replace('in set-up ', '');
    const exit = once(gate, 'exit');
    gate.kill('SIGKILL');
    await exit;
    expect(existsSync(join(directory, 'installed'))).toBe(true);
    const setUp = counted();
    await using base = await checkOutBase({ ...bench.options(repository, { setUp }), ref: 'HEAD' });
    expect(base).toMatchObject({ isReused: false, directory });
    expect(setUp.runs).toBe(1);
    expect(existsSync(join(directory, 'installed'))).toBe(false);
    expect(worktreesOf(repository)).toEqual([repository, directory]);
  });

  test('of which one was killed: its left-over is cleaned by a run of another commit', async () => {
    const gate = startGate('hang');
    const directory = (await lineOf(gate)).replace('in set-up ', '');
    const exit = once(gate, 'exit');
    gate.kill('SIGKILL');
    await exit;
    const second = commit(repository, { 'server.js': 'second\n' });
    await using base = await checkOutBase({ ...bench.options(repository), ref: second });
    expect(base.directory).not.toBe(directory);
    expect(existsSync(directory)).toBe(false);
    expect(worktreesOf(repository)).toEqual([repository, base.directory]);
  });

  test('of which one was killed while git checked out: git ends too, and nothing is left', async () => {
    const filter = join(bench.folder, 'slow-filter.sh');
    writeFileSync(filter, `#!/bin/sh\ntouch ${bench.folder}/began\nexec sleep 600\n`);
    chmodSync(filter, 0o755);
    commit(repository, { '.gitattributes': '*.slow filter=slow\n', 'x.slow': '1' });
    git(repository, 'config', 'filter.slow.smudge', filter);
    const gate = startGate('hang');
    await until(() => existsSync(join(bench.folder, 'began')));
    const exit = once(gate, 'exit');
    gate.kill('SIGKILL');
    await exit;
    await until(() => livingOf(`gate${gate.pid}`).length === 0);
    git(repository, 'config', '--unset', 'filter.slow.smudge');
    await using base = await checkOutBase({ ...bench.options(repository), ref: 'HEAD' });
    expect(readFileSync(join(base.directory, 'x.slow'), 'utf8')).toBe('1');
    expect(worktreesOf(repository)).toEqual([repository, base.directory]);
  });

  test('leave work trees of the user alone, also one whose folder is away for now', async () => {
    const own = join(bench.folder, 'own');
    git(repository, 'worktree', 'add', '--quiet', '--detach', own);
    rmSync(own, { recursive: true });
    await using base = await checkOutBase({ ...bench.options(repository), ref: 'HEAD' });
    expect(new Set(worktreesOf(repository))).toEqual(new Set([repository, own, base.directory]));
  });

  test('forget checkouts whose folder somebody removed', async () => {
    await (await checkOutBase({ ...bench.options(repository), ref: 'HEAD' }))[Symbol.asyncDispose]();
    rmSync(bench.cache, { recursive: true });
    commit(repository, { 'server.js': 'second\n' });
    await using base = await checkOutBase({ ...bench.options(repository), ref: 'HEAD' });
    expect(worktreesOf(repository)).toEqual([repository, base.directory]);
  });
});

test('checkouts are kept where caches are kept', () => {
  expect(checkoutCacheDirectory({ XDG_CACHE_HOME: '/big' }, '/home/me')).toBe('/big/spangate/checkouts');
  expect(checkoutCacheDirectory({ XDG_CACHE_HOME: 'relative' }, '/home/me')).toBe(
    '/home/me/.cache/spangate/checkouts',
  );
});

/** A run in a process of its own, of the compiled code. */
function startGate(what: 'hang' | 'wait'): ChildProcess {
  const args = [GATE, repository, bench.cache, join(bench.folder, 'logs'), what];
  return spawn(process.execPath, args, { env: GIT_ENVIRONMENT, stdio: ['pipe', 'pipe', 'inherit'] });
}

/** The time-out of the test ends it otherwise. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate);
}

async function lineOf(gate: ChildProcess): Promise<string> {
  const { stdout } = gate;
  if (stdout === null) throw new Error('its output is not piped');
  const lines = createInterface({ input: stdout });
  const [line] = await Promise.race([once(lines, 'line'), once(gate, 'exit').then(() => ['ended'])]);
  return String(line);
}
