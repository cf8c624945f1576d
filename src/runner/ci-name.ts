/** Which CI runs this program, by the variables that each of them sets. */

type Variables = Readonly<Record<string, string | undefined>>;

/** In this order: Gitea and Forgejo set GitHub's variable as well. */
const CI_BY_VARIABLE: readonly (readonly [string, string])[] = [
  ['FORGEJO_ACTIONS', 'Forgejo Actions'],
  ['GITEA_ACTIONS', 'Gitea Actions'],
  ['GITHUB_ACTIONS', 'GitHub Actions'],
  ['GITLAB_CI', 'GitLab CI'],
  ['BUILDKITE', 'Buildkite'],
  ['CIRCLECI', 'CircleCI'],
  ['JENKINS_URL', 'Jenkins'],
  ['TF_BUILD', 'Azure Pipelines'],
  ['BITBUCKET_BUILD_NUMBER', 'Bitbucket Pipelines'],
  ['TEAMCITY_VERSION', 'TeamCity'],
  ['CODEBUILD_BUILD_ID', 'AWS CodeBuild'],
  ['DRONE', 'Drone'],
  ['SEMAPHORE', 'Semaphore'],
  ['TRAVIS', 'Travis CI'],
  ['APPVEYOR', 'AppVeyor'],
  ['CIRRUS_CI', 'Cirrus CI'],
];

/** @returns null on a machine of one's own */
export function ciName(env: Variables): string | null {
  const found = CI_BY_VARIABLE.find(([variable]) => isSet(env[variable]));
  if (found) return found[1];
  if (!isSet(env.CI)) return null;
  // Woodpecker writes its name there.
  return env.CI === 'woodpecker' ? 'Woodpecker' : 'unknown CI';
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== 'false' && value !== '0';
}
