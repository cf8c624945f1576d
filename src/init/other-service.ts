/** Services in other languages: what they are, how they are started, and how their spans come to spangate. Pure. */
import { HEALTH_PATH, type NodeService, type StartCommand } from './detect.ts';
import { findJavaRoutes, findPythonRoutes } from './other-routes.ts';
import { placeOf, type SourcePlace } from './port.ts';
import type { Project } from './project.ts';
import { pythonStart } from './python-start.ts';
import type { Route } from './routes.ts';

/** With what a Node service has, so that the same file comes of it. */
export interface OtherService extends NodeService {
  readonly language: 'Python' | 'Java' | 'Go';
  /** Where it was recognised. */
  readonly place: SourcePlace;
  /** Whether OpenTelemetry can be brought to it. */
  readonly instrument: boolean;
}

interface Kind {
  readonly language: OtherService['language'];
  readonly framework: string;
  readonly file: RegExp;
  readonly text: RegExp;
}

const PYTHON = { language: 'Python', file: /\.py$|requirements\.txt$|pyproject\.toml$|Pipfile$/ } as const;

/** Those that name a framework come first, sources before lists of packages. */
const KINDS: readonly Kind[] = [
  {
    ...PYTHON,
    framework: 'FastAPI',
    text: /\bfrom fastapi import|\bimport fastapi|^fastapi\b|["']fastapi\b/m,
  },
  { ...PYTHON, framework: 'Flask', text: /\bfrom flask import|\bimport flask|^flask\b|["']flask\b/im },
  {
    ...PYTHON,
    framework: 'Django',
    text: /\bfrom django\b|django\.core|DJANGO_SETTINGS_MODULE|^django\b|["']django\b/im,
  },
  {
    language: 'Java',
    framework: 'Spring',
    file: /pom\.xml$|build\.gradle(?:\.kts)?$|\.(?:java|kt)$/,
    text: /org\.springframework|spring-boot/,
  },
  { language: 'Go', framework: 'Go', file: /(?:^|\/)go\.mod$/, text: /^module\s/m },
];

export function detectOtherService(project: Project): OtherService | null {
  for (const kind of KINDS) {
    for (const [path, source] of project.sources) {
      const match = kind.file.test(path) ? kind.text.exec(source) : null;
      if (match) return serviceOf(project, kind, placeOf(path, source, match.index));
    }
  }
  return null;
}

function serviceOf(project: Project, { language, framework }: Kind, place: SourcePlace): OtherService {
  const routes = routesOf(project, language, framework);
  const isHealth = (route: Route) =>
    route.method === 'GET' && HEALTH_PATH.test(route.path.replace(/\/$/, ''));
  const { start, setup } = startOf(project, language, framework);
  return {
    name: 'api',
    packageManager: 'npm',
    framework,
    language,
    place,
    start,
    setup,
    port: { kind: 'unknown' },
    healthRoute: routes.find(isHealth) ?? actuator(project),
    routes: routes.filter((route) => !isHealth(route)),
    backends: [],
    hasWorkspaces: false,
    instrument: language !== 'Go',
  };
}

function routesOf({ sources }: Project, language: string, framework: string): readonly Route[] {
  if (language === 'Python') return findPythonRoutes(sources, framework);
  return language === 'Java' ? findJavaRoutes(sources) : [];
}

function startOf(
  project: Project,
  language: string,
  framework: string,
): { readonly start: StartCommand | null; readonly setup: string | null } {
  if (language === 'Python') return pythonStart(project, framework);
  const { names } = project;
  if (language === 'Go') {
    return {
      setup: 'go build -o .spangate/service .',
      start: { command: '.spangate/service', source: 'go.mod' },
    };
  }
  if (names.has('pom.xml')) {
    const maven = names.has('mvnw') ? './mvnw' : 'mvn';
    return {
      setup: `${maven} --quiet --batch-mode -DskipTests package`,
      start: { command: 'java -jar target/*.jar --server.port=${port}', source: 'pom.xml' },
    };
  }
  const gradle = names.has('gradlew') ? './gradlew' : 'gradle';
  return {
    setup: `${gradle} --quiet bootJar`,
    start: { command: 'java -jar build/libs/*.jar --server.port=${port}', source: 'build.gradle' },
  };
}

/** Spring's own answer to whether it is up. */
function actuator({ sources }: Project): Route | null {
  for (const [file, text] of sources) {
    if (text.includes('spring-boot-starter-actuator'))
      return { method: 'GET', path: '/actuator/health', file };
  }
  return null;
}
