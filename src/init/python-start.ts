/** How a Python service is installed and started, by a light look at its folder. Pure. */
import type { StartCommand } from './detect.ts';
import type { Project } from './project.ts';

export interface PythonStart {
  readonly start: StartCommand | null;
  readonly setup: string | null;
}

export function pythonStart(project: Project, framework: string): PythonStart {
  const { setup, prefix } = installationOf(project);
  const found = framework === 'Django' ? djangoStart(project) : applicationStart(project, framework);
  if (found === null) return { setup, start: null };
  return { setup, start: { ...found, command: `${prefix}${found.command}` } };
}

/** A checkout begins without packages; the environment of the work tree is left as it is. */
function installationOf({ names, sources }: Project): {
  readonly setup: string | null;
  readonly prefix: string;
} {
  if (names.has('uv.lock')) return { setup: 'uv sync --frozen', prefix: 'uv run ' };
  if (names.has('poetry.lock')) return { setup: 'poetry install --no-interaction', prefix: 'poetry run ' };
  if (names.has('Pipfile')) return { setup: 'pipenv install', prefix: 'pipenv run ' };
  const wanted = sources.has('requirements.txt')
    ? '--requirement requirements.txt'
    : sources.has('pyproject.toml')
      ? '.'
      : null;
  if (wanted === null) return { setup: null, prefix: '' };
  const setup = `test -f .venv/.complete || (python3 -m venv --clear .venv && .venv/bin/pip install --quiet ${wanted} && touch .venv/.complete)`;
  return { setup, prefix: '.venv/bin/' };
}

/** `app = Flask(__name__)`, and which server the project has for it. */
function applicationStart(project: Project, framework: string): StartCommand | null {
  const makes = new RegExp(`^(\\w+)\\s*(?::\\s*\\w+\\s*)?=\\s*(?:\\w+\\.)?${framework}\\(`, 'm');
  for (const [file, text] of project.sources) {
    const name = file.endsWith('.py') ? makes.exec(text)?.[1] : undefined;
    if (name === undefined) continue;
    const application = `${moduleOf(file)}:${name}`;
    return { command: serverFor(project, framework, application), source: file };
  }
  return null;
}

function serverFor(project: Project, framework: string, application: string): string {
  if (framework === 'FastAPI') return `uvicorn --host 127.0.0.1 --port \${port} ${application}`;
  if (has(project, 'waitress')) return `waitress-serve --listen=127.0.0.1:\${port} ${application}`;
  if (has(project, 'gunicorn')) return gunicorn(application);
  return `flask --app ${application} run --no-reload --port \${port}`;
}

/** With threads, since gunicorn's plain workers close the connection after every answer. */
function gunicorn(application: string): string {
  return `gunicorn --threads 4 --keep-alive 60 --bind 127.0.0.1:\${port} ${application}`;
}

function djangoStart(project: Project): StartCommand | null {
  const paths = [...project.sources.keys()];
  const wsgi = paths.find((file) => /(?:^|\/)wsgi\.py$/.test(file));
  if (wsgi !== undefined && has(project, 'gunicorn'))
    return { command: gunicorn(`${moduleOf(wsgi)}:application`), source: wsgi };
  const manage = paths.find((file) => /^manage\.py$/.test(file));
  if (manage === undefined) return null;
  return { command: 'python manage.py runserver --noreload 127.0.0.1:${port}', source: manage };
}

function moduleOf(file: string): string {
  return file
    .replace(/^src\//, '')
    .replace(/(?:\/__init__)?\.py$/, '')
    .replaceAll('/', '.');
}

function has({ sources }: Project, name: string): boolean {
  const lists = ['requirements.txt', 'pyproject.toml', 'Pipfile'].map((file) => sources.get(file) ?? '');
  return lists.some((text) => new RegExp(`(?:^|["'\\s])${name}\\b`, 'im').test(text));
}
