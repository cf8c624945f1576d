import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../src/cli.ts';
import { formatResult } from '../../src/report/format.ts';
import { startHttpReceiver } from '../../src/telemetry/otlp/http-receiver.ts';
import { OtlpInbox } from '../../src/telemetry/otlp/inbox.ts';
import type { World } from '../../src/world.ts';
import { closedUrl, scriptedReceiver } from '../handing-on/scripted-receiver.ts';
import { result } from '../report/comparison-fixture.ts';
import { explained } from '../report/explained-fixture.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spangate-test-'));
  await writeFile(join(folder, 'result.json'), formatResult(result(explained()), 'json'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function spangate(argv: readonly string[], env: World['env'] = {}) {
  const output = { stdout: '', stderr: '' };
  const code = await run({
    argv,
    cwd: folder,
    env,
    stdout: { write: (text) => (output.stdout += text) },
    stderr: { write: (text) => (output.stderr += text) },
    now: () => new Date('2026-03-05T10:00:00Z'),
    signal: new AbortController().signal,
    onExit: () => () => {},
  });
  return { code, ...output };
}

describe('spangate report --export-otlp', () => {
  it('hands the example traces on to a receiver', async () => {
    const inbox = new OtlpInbox();
    await using receiver = await startHttpReceiver({ inbox });
    const { code, stderr, stdout } = await spangate(['report', 'result.json', '--export-otlp', receiver.url]);
    const spans = explained().why?.flatMap(({ exemplars }) =>
      [...exemplars.baseline, ...exemplars.candidate].flatMap((each) => each.spans),
    );
    expect(inbox.spans().count).toBe(spans?.length);
    expect(stderr).toBe(`spangate: ${spans?.length} spans were handed on to ${receiver.url}/v1/traces\n`);
    expect(stdout).not.toContain('otlp-export');
    expect(code).toBe(0);
  });

  it('sends the headers of the environment and those of options', async () => {
    await using receiver = await scriptedReceiver({ status: 200 });
    await spangate(
      ['report', 'result.json', '--export-otlp', receiver.url, '--export-header', 'x-dataset=ci runs'],
      { OTEL_EXPORTER_OTLP_HEADERS: 'x-honeycomb-team=k-123' },
    );
    expect(receiver.requests[0]?.headers).toMatchObject({
      'x-honeycomb-team': 'k-123',
      'x-dataset': 'ci runs',
    });
  });

  it('says in the report what went wrong, and has the exit code that it had', async () => {
    const url = await closedUrl();
    const { code, stdout } = await spangate(['report', 'result.json', '--export-otlp', url, '-f', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: 'fail',
      comparisons: [{ warnings: [{ code: 'otlp-export-failed', message: expect.stringContaining(url) }] }],
    });
    expect(code).toBe(0);
  });

  it('is needed where headers are given', async () => {
    const { code, stderr } = await spangate(['report', 'result.json', '--export-header', 'x-key=s3cret']);
    expect(code).toBe(2);
    expect(stderr).toBe(`error[otlp-url-missing]: Spans are to be handed on, and nobody says where to.
  at --export-header
hint: Add --export-otlp with the address of an OTLP/HTTP receiver, such as http://localhost:4318.
`);
  });

  it('does not repeat a header that is none', async () => {
    const { code, stderr } = await spangate(['report', 'result.json', '--export-header', 's3cret']);
    expect(code).toBe(2);
    expect(stderr).toBe(`error[export-header-invalid]: What is given is not a header.
  at --export-header
hint: Give a name and a value, such as x-api-key=KEY.
`);
  });
});
