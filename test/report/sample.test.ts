import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { expectFile } from './golden.ts';

const golden = (file: string) => readFileSync(path.join(import.meta.dirname, 'golden', file), 'utf8');

/** GitHub renders the Markdown report in place; it is indented by nothing, so that it is exactly what is posted. */
function sample(): string {
  return `# What a report looks like

A pull request made \`GET /orders/:id\` load its order lines one by one, and made one function slower. Base and head were
measured side by side. All texts are what the tests expect of the formats (\`test/report/golden\`).

## In a terminal

\`\`\`
${golden('together-red.terminal.txt')}\`\`\`

And green:

\`\`\`
${golden('together-pass.terminal.txt')}\`\`\`

A change that loosens limits, and accepts a part of what it makes slower:

\`\`\`
${golden('together-accepted-in-part.terminal.txt')}\`\`\`

A pool of connections that became too small, which the concurrency probe sees:

\`\`\`
${golden('together-concurrency.terminal.txt')}\`\`\`

Against a stored baseline:

\`\`\`
${golden('fail-loop-and-slow-span.terminal.txt')}\`\`\`

And the first time, before there is one:

\`\`\`
${golden('nothing-compared.terminal.txt')}\`\`\`

## In a comment or job summary

${golden('together-red.md')}`;
}

it('docs/report-sample.md shows what the formats give', () => {
  expectFile(path.join(import.meta.dirname, '../../docs/report-sample.md'), sample());
});

it('README.md begins with what red looks like', () => {
  const readme = readFileSync(path.join(import.meta.dirname, '../../README.md'), 'utf8');
  const shown = /<!-- sample: red -->\n```\n(.*?)\n```\n<!-- \/sample -->/s.exec(readme)?.[1];
  const [whole] = golden('together-red.terminal.txt').split('\n\nWhat was compared');
  expect(shown).toBe(whole);
});
