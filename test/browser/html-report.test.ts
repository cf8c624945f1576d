/** Opens the report in a real browser: what it loads, how it looks without style and scripts, whether everybody can use it. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatResult } from '../../src/report/format.ts';
import { CASES } from '../report/cases.ts';

/** Debian's and Ubuntu's name; another one by CHROMIUM. */
const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';

const SHOWN = ['together-explained', 'together-pass', 'nothing-compared', 'hostile', 'many-rows'] as const;

/** What Jenkins sends with an archived file unless somebody changed it. */
const JENKINS_POLICY = "sandbox allow-same-origin; default-src 'none'; img-src 'self'; style-src 'self';";

const folder = mkdtempSync(join(tmpdir(), 'spangate-browser-'));
let browser: Browser;

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: EXECUTABLE,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
  });
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

function htmlOf(name: string): string {
  const result = CASES[name];
  if (!result) throw new Error(`no case ${name}`);
  return formatResult(result, 'html');
}

function fileOf(name: string): string {
  const file = join(folder, `${name}.html`);
  writeFileSync(file, htmlOf(name));
  return pathToFileURL(file).href;
}

/** Hands a page to `look`, with what it complained of and what it asked for. */
async function opened<T>(
  address: string,
  options: BrowserContextOptions,
  look: (page: Page, seen: { readonly errors: string[]; readonly requests: string[] }) => Promise<T>,
): Promise<T> {
  await using context = await browser.newContext(options);
  const page = await context.newPage();
  const seen = { errors: [] as string[], requests: [] as string[] };
  page.on('console', (message) => {
    if (message.type() === 'error') seen.errors.push(message.text());
  });
  page.on('pageerror', (error) => seen.errors.push(String(error)));
  page.on('request', (request) => seen.requests.push(request.url()));
  await page.goto(address);
  return await look(page, seen);
}

async function violations(page: Page): Promise<readonly string[]> {
  // By way of the debugger, which the page's policy does not bind.
  await page.evaluate(axe.source);
  const found = await page.evaluate('axe.run(document, { resultTypes: ["violations"] })');
  return (found as axe.AxeResults).violations.map(
    ({ id, help, nodes }) => `${id}: ${help} (${nodes.length}), ${nodes[0]?.html.slice(0, 160)}`,
  );
}

describe.each(SHOWN)('the report of %s', (name) => {
  test('loads nothing but itself, and breaks none of its own rules', async () => {
    await opened(fileOf(name), {}, async (page, { errors, requests }) => {
      expect(await page.locator('h1').innerText()).not.toBe('');
      expect(errors).toEqual([]);
      expect(requests).toHaveLength(1);
    });
  });

  test.each(['light', 'dark'] as const)(
    'has no fault that an accessibility checker finds, %s',
    async (colorScheme) => {
      await opened(fileOf(name), { colorScheme }, async (page) => {
        await page.evaluate('document.querySelectorAll("details").forEach((each) => { each.open = true })');
        expect(await violations(page)).toEqual([]);
      });
    },
  );

  test('fits a screen of 400 pixels', async () => {
    await opened(fileOf(name), { viewport: { width: 400, height: 800 } }, async (page) => {
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(400);
    });
  });
});

test('the accessibility checker finds faults where there are some', async () => {
  const file = join(folder, 'faulty.html');
  writeFileSync(file, '<html><body><svg role="img"></svg><p style="color:#ccc">pale</p></body></html>');
  await opened(pathToFileURL(file).href, {}, async (page) => {
    const found = (await violations(page)).map((each) => each.split(':')[0]);
    expect(found).toEqual(expect.arrayContaining(['color-contrast', 'html-has-lang', 'svg-img-alt']));
  });
});

test('says its verdict in one screen', async () => {
  await opened(fileOf('together-explained'), { viewport: { width: 1280, height: 800 } }, async (page) => {
    for (const words of ['pg.query SELECT order_lines', 'pg.query SELECT stock', 'Failed (2)']) {
      const box = await page.getByText(words).first().boundingBox();
      expect((box?.y ?? 9_999) + (box?.height ?? 0)).toBeLessThanOrEqual(800);
    }
  });
});

test('is read where scripts and its own style are forbidden, with its charts', async () => {
  const html = htmlOf('together-explained');
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': JENKINS_POLICY });
    response.end(html);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    await opened(`http://127.0.0.1:${port}/`, {}, async (page) => {
      // Not ours: the style was refused.
      expect(await page.evaluate('getComputedStyle(document.body).maxWidth')).toBe('none');
      expect(await page.evaluate('getComputedStyle(document.querySelector("h1")).fontSize')).toBe('32px');
      expect(await page.locator('h1').innerText()).toContain('called 6 times a request instead of 1 (N+1)');
      const fill = 'getComputedStyle(document.querySelector("figure svg rect")).fill';
      expect(await page.evaluate(fill)).not.toBe('rgb(0, 0, 0)');
    });
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test('is used with the keyboard alone', async () => {
  await opened(fileOf('together-explained'), {}, async (page) => {
    const reached = new Set<string>();
    for (let presses = 0; presses < 60; presses += 1) {
      await page.keyboard.press('Tab');
      reached.add(
        await page.evaluate('document.activeElement.tagName + "." + document.activeElement.className'),
      );
      const opens = await page.evaluate(
        'document.activeElement.tagName === "SUMMARY" && !document.activeElement.parentElement.open',
      );
      if (opens === true) {
        await page.keyboard.press('Enter');
        expect(await page.evaluate('document.activeElement.parentElement.open')).toBe(true);
        break;
      }
    }
    expect([...reached]).toEqual(expect.arrayContaining(['DIV.scroll', 'A.term', 'SUMMARY.']));
  });
});

test('is printed in the colours of paper', async () => {
  await opened(fileOf('together-explained'), { colorScheme: 'dark' }, async (page) => {
    await page.emulateMedia({ media: 'print' });
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    expect((await page.pdf()).length).toBeGreaterThan(10_000);
  });
});
