/** Fetching the agent from a repository that is a real server; the real one is asked by test/java. */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fetchedJavaAgent } from '../../../src/runner/instrument/java-agent.ts';
import { listen } from '../load/listening-server.ts';

const JAR = Buffer.from('a jar');
const sha256 = createHash('sha256').update(JAR).digest('hex');

let cache: string;
beforeEach(() => {
  cache = join(mkdtempSync(join(tmpdir(), 'spangate-agent-')), 'instrument');
});
afterEach(() => rmSync(join(cache, '..'), { recursive: true, force: true }));

async function repository(body: Buffer | null) {
  const asked: string[] = [];
  const listening = await listen((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(body === null ? 404 : 200).end(body);
  });
  return { ...listening, asked };
}

test('the agent is fetched once, and kept', async () => {
  const server = await repository(JAR);
  const agent = { version: '2.0.0', sha256, repository: server.url };
  const file = await fetchedJavaAgent(cache, agent);
  expect(readFileSync(file)).toEqual(JAR);
  await server[Symbol.asyncDispose]();
  expect(await fetchedJavaAgent(cache, agent)).toBe(file);
  expect(server.asked).toEqual([
    '/io/opentelemetry/javaagent/opentelemetry-javaagent/2.0.0/opentelemetry-javaagent-2.0.0.jar',
  ]);
  expect(readdirSync(cache)).toEqual(['opentelemetry-javaagent-2.0.0.jar']);
});

test('what is not the agent is not kept', async () => {
  await using server = await repository(Buffer.from('<html>please log in</html>'));
  await expect(
    fetchedJavaAgent(cache, { version: '2.0.0', sha256, repository: server.url }),
  ).rejects.toMatchObject({ code: 'java-agent-damaged', exitCode: 3 });
  expect(existsSync(cache)).toBe(false);
});

test('where it cannot be fetched, the user is told where to put it', async () => {
  const server = await repository(null);
  const agent = { version: '2.0.0', sha256, repository: server.url };
  await expect(fetchedJavaAgent(cache, agent)).rejects.toMatchObject({
    code: 'java-agent-not-fetched',
    message: 'The OpenTelemetry agent for Java could not be fetched: status 404.',
  });
  await server[Symbol.asyncDispose]();
  await expect(fetchedJavaAgent(cache, agent)).rejects.toMatchObject({
    code: 'java-agent-not-fetched',
    hint: expect.stringContaining(join(cache, 'opentelemetry-javaagent-2.0.0.jar')),
  });
});
