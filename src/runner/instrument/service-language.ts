/** Which language a service is in, by its start command and its folder; and whether it has OpenTelemetry. Pure. */

export type Language = 'python' | 'java' | 'node' | 'go';

export interface StartFacts {
  readonly command: string;
  /** Names at the top of the service's folder. */
  readonly names: ReadonlySet<string>;
}

const PROGRAMS: readonly (readonly [Language, RegExp])[] = [
  ['python', /^(?:python|pypy)[\d.]*$|^(?:gunicorn|uvicorn|hypercorn|daphne|granian|waitress-serve)$/],
  ['python', /^(?:flask|fastapi|django-admin|celery|uv|poetry|pipenv|pdm)$|\.py$/],
  ['java', /^(?:java|mvnw?|gradlew?)$|\.jar$/],
  ['node', /^(?:node|npm|npx|yarn|pnpm|tsx|ts-node|bun|next|nest)$|\.[cm]?[jt]s$/],
  ['go', /^go$|\.go$/],
];

const FILES: readonly (readonly [Language, readonly string[]])[] = [
  ['python', ['requirements.txt', 'pyproject.toml', 'Pipfile', 'manage.py', 'setup.py']],
  ['java', ['pom.xml', 'build.gradle', 'build.gradle.kts']],
  ['go', ['go.mod']],
  ['node', ['package.json']],
];

/** @returns null where neither says */
export function languageOf({ command, names }: StartFacts): Language | null {
  for (const word of command.split(/[\s;&|()]+/)) {
    const program = word.slice(word.lastIndexOf('/') + 1);
    const found = PROGRAMS.find(([, pattern]) => pattern.test(program));
    if (found) return found[0];
  }
  return FILES.find(([, files]) => files.some((file) => names.has(file)))?.[0] ?? null;
}

/** @param env what the service gets without us */
export function bringsOpenTelemetry(
  command: string,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  const java = [command, env.JAVA_TOOL_OPTIONS, env.JDK_JAVA_OPTIONS, env._JAVA_OPTIONS];
  return (
    /\bopentelemetry-instrument\b/.test(command) ||
    /opentelemetry[\w./]*auto_instrumentation/.test(env.PYTHONPATH ?? '') ||
    java.some((text) => /-javaagent:\S*opentelemetry/.test(text ?? ''))
  );
}
