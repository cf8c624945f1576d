import { expect, test } from 'vitest';
import { bringsOpenTelemetry, languageOf } from '../../../src/runner/instrument/service-language.ts';

test.each([
  ['.venv/bin/gunicorn app:app', [], 'python'],
  ['DEBUG=0 python3.12 -m http.server', [], 'python'],
  ['uv run uvicorn app:app', ['package.json'], 'python'],
  ['java -jar target/app.jar', [], 'java'],
  ['./mvnw spring-boot:run', [], 'java'],
  ['exec node dist/server.js', ['pom.xml'], 'node'],
  ['go run .', [], 'go'],
  ['./run.sh', ['go.mod'], 'go'],
  ['./run.sh', ['pyproject.toml', 'package.json'], 'python'],
  ['./run.sh', ['build.gradle.kts'], 'java'],
  ['./run.sh', ['package.json'], 'node'],
  ['./run.sh', ['Makefile'], null],
])('%s in a folder with %j is %s', (command, names, language) => {
  expect(languageOf({ command, names: new Set(names) })).toBe(language);
});

test.each([
  ['opentelemetry-instrument gunicorn app:app', {}, true],
  ['java -javaagent:tools/opentelemetry-javaagent.jar -jar app.jar', {}, true],
  ['java -jar app.jar', { JAVA_TOOL_OPTIONS: '-javaagent:/opt/opentelemetry.jar' }, true],
  ['java -jar app.jar', { JAVA_TOOL_OPTIONS: '-Xmx256m' }, false],
  ['java -javaagent:/opt/newrelic.jar -jar app.jar', {}, false],
  ['gunicorn app:app', { PYTHONPATH: '/x/opentelemetry/instrumentation/auto_instrumentation' }, true],
  ['gunicorn app:app', {}, false],
])('%s with %j brings OpenTelemetry: %s', (command, env, brings) => {
  expect(bringsOpenTelemetry(command, env)).toBe(brings);
});
