import { describe, expect, test } from 'vitest';
import { ciName } from '../../src/runner/ci-name.ts';
import { coresToUse, cpuQuota, readMachine, startConditions } from '../../src/runner/machine.ts';

/** A system that has these files only. */
function system(files: Readonly<Record<string, string>>): (path: string) => string | null {
  return (path) => files[path] ?? null;
}

describe('the CPU quota', () => {
  test.each<[string, Record<string, string>, number | null]>([
    [
      'cgroup 2 in a container',
      { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': '150000 100000\n' },
      1.5,
    ],
    [
      'cgroup 2 without a quota',
      { '/proc/self/cgroup': '0::/user.slice\n', '/sys/fs/cgroup/user.slice/cpu.max': 'max 100000\n' },
      null,
    ],
    [
      'cgroup 2 with the tightest quota further up',
      {
        '/proc/self/cgroup': '0::/pod/job\n',
        '/sys/fs/cgroup/pod/job/cpu.max': '400000 100000\n',
        '/sys/fs/cgroup/pod/cpu.max': '200000 100000\n',
      },
      2,
    ],
    [
      'cgroup 1',
      {
        '/proc/self/cgroup': '5:memory:/docker/1\n4:cpu,cpuacct:/docker/1\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '50000\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      },
      0.5,
    ],
    [
      'cgroup 1 without a quota',
      {
        '/proc/self/cgroup': '4:cpu,cpuacct:/\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      },
      null,
    ],
    ['a system without cgroups', {}, null],
  ])('of %s', (_, files, expected) => {
    expect(cpuQuota(system(files))).toBe(expected);
  });
});

describe('the machine', () => {
  test('counts the cores that this process may use', () => {
    const files = { '/proc/self/status': 'Name:\tnode\nCpus_allowed_list:\t0-3,8,10-11\n' };
    expect(readMachine({}, system(files)).cores).toBe(7);
  });

  test('names the image of a hosted runner and its CI', () => {
    const env = { ImageOS: 'ubuntu24', ImageVersion: '20261101.1', GITHUB_ACTIONS: 'true', CI: 'true' };
    expect(readMachine(env, system({}))).toMatchObject({
      image: 'ubuntu24 20261101.1',
      ci: 'GitHub Actions',
    });
  });

  test('leaves open what it cannot know', () => {
    expect(readMachine({}, system({}))).toMatchObject({
      cpuQuota: null,
      image: null,
      ci: null,
      serviceRuntime: null,
      openTelemetry: null,
    });
  });

  test('of this test is known', () => {
    const machine = readMachine(process.env);
    expect(machine.cores).toBeGreaterThan(0);
    expect(machine.memoryBytes).toBeGreaterThan(2 ** 28);
    expect(machine.kernel).not.toBe('');
  });
});

describe('conditions of a stretch', () => {
  const stat = (user: number, steal: number) => `cpu  ${user} 0 100 800 0 0 0 ${steal} 50 0\ncpu0 1 2 3 4\n`;
  const pressure = (total: number) =>
    `some avg10=1.00 avg60=0.00 avg300=0.00 total=${total}\nfull avg10=0.00 total=0\n`;

  test('are shares of what passed in it', () => {
    const files: Record<string, string> = {
      '/proc/stat': stat(100, 10),
      '/proc/pressure/cpu': pressure(5_000),
    };
    let now = 1_000;
    const end = startConditions(system(files), () => now);
    files['/proc/stat'] = stat(175, 35);
    files['/proc/pressure/cpu'] = pressure(505_000);
    now = 3_000;
    // 25 of 100 ticks were stolen; somebody waited for 0.5 of 2 seconds.
    expect(end()).toEqual({ steal: 0.25, pressure: 0.25 });
  });

  test('are null where the system does not tell', () => {
    expect(startConditions(system({}))()).toEqual({ steal: null, pressure: null });
  });

  test('are null in no time at all', () => {
    const files = { '/proc/stat': stat(1, 1), '/proc/pressure/cpu': pressure(1) };
    expect(startConditions(system(files), () => 0)()).toEqual({ steal: null, pressure: null });
  });
});

describe('the CI', () => {
  test.each([
    [{ GITHUB_ACTIONS: 'true', CI: 'true' }, 'GitHub Actions'],
    [{ GITHUB_ACTIONS: 'true', GITEA_ACTIONS: 'true', CI: 'true' }, 'Gitea Actions'],
    [{ GITLAB_CI: 'true', CI: 'true' }, 'GitLab CI'],
    [{ BUILDKITE: 'true' }, 'Buildkite'],
    [{ JENKINS_URL: 'https://ci.example/' }, 'Jenkins'],
    [{ CI: 'woodpecker' }, 'Woodpecker'],
    [{ CI: '1' }, 'unknown CI'],
    [{ CI: 'false' }, null],
    [{ CI: '' }, null],
    [{}, null],
  ])('of %j is %s', (env, expected) => {
    expect(ciName(env)).toBe(expected);
  });
});

test.each([
  [{ cores: 4, cpuQuota: null }, 4],
  [{ cores: 64, cpuQuota: 2.5 }, 2],
  [{ cores: 2, cpuQuota: 8 }, 2],
  [{ cores: 8, cpuQuota: 0.5 }, 1],
])('of %j as many cores are used as there are whole ones: %i', (machine, expected) => {
  expect(coresToUse(machine)).toBe(expected);
});
