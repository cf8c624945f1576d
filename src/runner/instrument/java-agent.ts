/** The OpenTelemetry agent for Java: a jar of one version, fetched once, checked and kept. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, UserError } from '../../errors.ts';

export interface AgentVersion {
  readonly version: string;
  readonly sha256: string;
  /** Of a repository in Maven's layout. */
  readonly repository: string;
}

/** Tried with `examples/java-orders`. */
export const JAVA_AGENT: AgentVersion = {
  version: '2.33.1',
  sha256: 'e43a270df53c6f423e0ab157be9c27ccc01d5dc3232e162fe54777573db2f149',
  repository: 'https://repo.maven.apache.org/maven2',
};

/**
 * @param cache where it is kept between runs
 * @returns the jar
 * @throws UserError `java-agent-not-fetched`, `java-agent-damaged`
 */
export async function fetchedJavaAgent(
  cache: string,
  agent: AgentVersion = JAVA_AGENT,
  signal?: AbortSignal,
): Promise<string> {
  const name = `opentelemetry-javaagent-${agent.version}.jar`;
  const file = join(cache, name);
  if (existsSync(file)) return file;
  const url = `${agent.repository}/io/opentelemetry/javaagent/opentelemetry-javaagent/${agent.version}/${name}`;
  const bytes = await download(url, file, signal);
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== agent.sha256) throw damaged(url, found, agent.sha256);
  await mkdir(cache, { recursive: true, mode: 0o700 });
  const scratch = `${file}.${process.pid}.new`;
  try {
    await writeFile(scratch, bytes);
    await rename(scratch, file);
  } finally {
    await rm(scratch, { force: true });
  }
  return file;
}

async function download(url: string, file: string, signal: AbortSignal | undefined): Promise<Buffer> {
  try {
    const answer = await fetch(url, { ...(signal && { signal }) });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return Buffer.from(await answer.arrayBuffer());
  } catch (cause) {
    signal?.throwIfAborted();
    const reason =
      cause instanceof Error ? ((cause.cause as Error | undefined) ?? cause).message : String(cause);
    throw new UserError({
      code: 'java-agent-not-fetched',
      what: `The OpenTelemetry agent for Java could not be fetched: ${reason}.`,
      where: url,
      hint: `Fetch it by other means and name it, as in \`instrument: { java: tools/opentelemetry-javaagent.jar }\`, or put it there: ${file}`,
      exitCode: EXIT.couldNotMeasure,
      cause,
    });
  }
}

function damaged(url: string, found: string, expected: string): UserError {
  return new UserError({
    code: 'java-agent-damaged',
    what: `What came as the OpenTelemetry agent for Java is something else: its SHA-256 is ${found}, and not ${expected}.`,
    where: url,
    hint: 'A proxy may have answered in place of the repository. Nothing of it was kept.',
    exitCode: EXIT.couldNotMeasure,
  });
}
