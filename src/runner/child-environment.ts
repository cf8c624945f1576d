/**
 * The environment of the commands that spangate starts. They run code of the pull request, so what a CI gives to its
 * own steps is kept from them: tokens, and the files through which a step talks to its runner. What a service needs
 * of those can be handed on by `env:` in the configuration.
 */

export interface ChildEnvironmentOptions {
  /** Environment of spangate itself. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  /** Ours: ports, names, OpenTelemetry's variables. */
  readonly ours?: Readonly<Record<string, string>>;
  /** Added to `NODE_OPTIONS`, behind what the user has there. */
  readonly nodeOptions?: string;
  /** `env:` of the configuration: wins over all of the above, and may name a variable that is withheld. */
  readonly configured?: Readonly<Record<string, string>>;
  /** Folders that `PATH` gets at its end. */
  readonly path?: readonly string[];
  /** For set-up commands such as `npm ci`, which need the tokens of package registries. */
  readonly packageRegistries?: boolean;
}

export interface ChildEnvironment {
  /** Sorted by name: the order and the size of an environment move the stack, and with it the speed. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of the variables that were there and are not passed on. */
  readonly withheld: readonly string[];
}

/**
 * What no service needs and what must not leak: `*` stands for any characters, letters are compared without case.
 * The list is by name, not by the look of a name: `*_TOKEN` or `*_PASSWORD` would take `DATABASE_PASSWORD` from the
 * services that need it.
 */
export const WITHHELD: readonly string[] = [
  // GitHub Actions, and those that speak its protocol (Gitea, Forgejo).
  ...['INPUT_*', 'ACTIONS_*', 'STATE_*', 'GITHUB_TOKEN', 'GH_TOKEN', 'GITHUB_ENV', 'GITHUB_PATH'],
  ...['GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY', 'GH_ENTERPRISE_TOKEN'],
  ...['GITHUB_ENTERPRISE_TOKEN', 'GITHUB_PAT', 'GH_PAT', 'GITEA_TOKEN', 'FORGEJO_TOKEN'],
  // GitLab: https://docs.gitlab.com/ci/variables/predefined_variables/. The repository URL has the job token in it.
  ...['CI_JOB_TOKEN', 'CI_JOB_JWT*', 'CI_BUILD_TOKEN', 'CI_REPOSITORY_URL', 'CI_REGISTRY_PASSWORD'],
  ...['CI_DEPLOY_PASSWORD', 'CI_DEPENDENCY_PROXY_PASSWORD', 'GITLAB_TOKEN', 'GL_TOKEN'],
  // Other CIs.
  ...['BUILDKITE_AGENT_ACCESS_TOKEN', 'BUILDKITE_AGENT_JOB_API_TOKEN', 'BUILDKITE_AGENT_TOKEN'],
  ...['CIRCLE_TOKEN', 'CIRCLE_OIDC_TOKEN*', 'SYSTEM_ACCESSTOKEN', 'ENDPOINT_AUTH_*'],
  ...['BITBUCKET_STEP_OIDC_TOKEN', 'DRONE_NETRC_PASSWORD', 'CI_NETRC_PASSWORD', 'SEMAPHORE_OIDC_TOKEN'],
  // Credentials with which jobs deploy and publish.
  ...['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_WEB_IDENTITY_TOKEN_FILE'],
  ...['GOOGLE_APPLICATION_CREDENTIALS', 'GOOGLE_GHA_CREDS_PATH', 'CLOUDSDK_AUTH_*', 'AZURE_CLIENT_SECRET'],
  ...['VAULT_TOKEN', 'DOCKER_AUTH_CONFIG', 'SSH_AUTH_SOCK', 'CODECOV_TOKEN', 'SONAR_TOKEN'],
  // Set by git for its hooks, such as one that calls us; they name a repository, and win over the folder.
  ...['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_PREFIX', 'GIT_COMMON_DIR', 'GIT_OBJECT_DIRECTORY'],
  // Ours: what the self test injects is injected by it alone.
  'SPANGATE_INJECT',
];

/** Withheld from services, and passed on to set-up commands. */
export const PACKAGE_REGISTRIES: readonly string[] = [
  ...['NPM_TOKEN', 'NODE_AUTH_TOKEN', 'YARN_NPM_AUTH_TOKEN', 'YARN_NPM_AUTH_IDENT'],
  // npm passes on its configuration, registry credentials too, to what `npx` and `npm run` start.
  ...['NPM_CONFIG_*_AUTH', 'NPM_CONFIG_*_AUTHTOKEN', 'NPM_CONFIG_*_PASSWORD'],
];

export function childEnvironment(options: ChildEnvironmentOptions): ChildEnvironment {
  const isWithheld = matcher(options.packageRegistries ? WITHHELD : [...WITHHELD, ...PACKAGE_REGISTRIES]);
  const env: Record<string, string> = {};
  const withheld: string[] = [];
  for (const [name, value] of Object.entries(options.inherited)) {
    if (value === undefined) continue;
    if (isWithheld(name)) withheld.push(name);
    else env[name] = value;
  }
  Object.assign(env, options.ours, options.configured);
  const nodeOptions = [env.NODE_OPTIONS, options.nodeOptions].filter(Boolean).join(' ');
  if (nodeOptions !== '') env.NODE_OPTIONS = nodeOptions;
  if (options.path) env.PATH = [env.PATH, ...options.path].filter(Boolean).join(':');
  return {
    env: Object.fromEntries(Object.entries(env).sort(byName)),
    withheld: withheld.filter((name) => !(name in env)).sort(),
  };
}

function matcher(patterns: readonly string[]): (name: string) => boolean {
  const alternatives = patterns.map((pattern) => pattern.replaceAll('*', '.*')).join('|');
  const expression = new RegExp(`^(${alternatives})$`, 'i');
  return (name) => expression.test(name);
}

/** By code unit, so that no locale decides. */
function byName([left]: [string, string], [right]: [string, string]): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
