// The pages in Chromium: the way from the overview to a unit, the keyboard alone, a narrow screen, accessibility by axe-core, and no request
// that leaves the host. Called with the address of the service; with a folder as its third argument it leaves screenshots there.
import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { judge, url } from './judge.mjs';

const pictures = process.argv[4];
const faults = [];
const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--force-prefers-reduced-motion'] });
const origin = new URL(url).origin;

/** Opens a context whose faults are noted: requests that leave the host, refusals of the policy, errors of scripts. */
async function visitor(options) {
  const context = await browser.newContext(options);
  context.on('request', (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith('data:')) faults.push(`a request leaves the host: ${request.url()}`);
  });
  const page = await context.newPage();
  // A page of the demo takes seconds in a debug build on a machine that is busy.
  page.setDefaultTimeout(150_000);
  page.on('pageerror', (error) => faults.push(`${page.url()}: ${error.message}`));
  page.on('console', (message) => { if (message.type() === 'error') faults.push(`${page.url()}: ${message.text()}`); });
  return page;
}

/** Judges accessibility in the page, in an isolated world of its own: the page's policy stays in force. */
async function audit(page, what) {
  const client = await page.context().newCDPSession(page);
  const { frameTree } = await client.send('Page.getFrameTree');
  const { executionContextId: contextId } = await client.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id, worldName: 'axe' });
  await client.send('Runtime.evaluate', { expression: axe, contextId });
  const rules = JSON.stringify({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] });
  const { result, exceptionDetails } = await client.send('Runtime.evaluate', {
    expression: `axe.run(document, ${rules}).then((found) => JSON.stringify(found.violations.map((of) => [of.id, of.nodes.length, of.nodes[0].target.join(' '), of.nodes[0].failureSummary])))`,
    contextId, awaitPromise: true, returnByValue: true,
  });
  if (exceptionDetails) { faults.push(`axe does not run on ${what}: ${exceptionDetails.exception?.description}`); return; }
  for (const violation of JSON.parse(result.value)) faults.push(`axe, ${what}: ${violation.join(' | ')}`);
  await client.detach();
}

async function picture(page, name, full = true) {
  if (pictures) await page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: full });
}

const expect = (what, holds) => { if (!holds) faults.push(what); };
// The browser reports a new address or a change of the page some time after the key was pressed.
const soon = (what, event) => event.catch(() => faults.push(what));

// The way through the pages, by links alone.
const page = await visitor({ viewport: { width: 1280, height: 900 }, colorScheme: 'light' });
await page.goto(`${origin}/`);
expect('the address does not lead to the overview', page.url().startsWith(`${origin}/pages/?at=`));
const place = new URL(page.url()).searchParams;
await audit(page, 'overview');
await picture(page, 'overview');
await page.locator('#requirements tbody a[href*="/pages/requirement"]').first().click();
await page.waitForSelector('svg.strip');
for (const name of ['at', 'asKnownAt', 'from', 'to']) expect(`${name} is lost on the way`, new URL(page.url()).searchParams.get(name) === place.get(name));
await audit(page, 'requirement');
await picture(page, 'requirement');
await page.locator('table a[href*="/pages/unit"]').first().click();
await page.waitForSelector('h1');
await audit(page, 'unit');
await picture(page, 'unit');

// The keyboard alone: the first stop skips to the content, a link is followed by Enter, and the search shows what it finds.
await page.goto(`${origin}/`);
await page.keyboard.press('Tab');
expect('the first stop is not the link to the content', await page.evaluate(() => document.activeElement.className) === 'skip');
await page.keyboard.press('Enter');
await soon('it does not lead to the content', page.waitForURL('**/*#content'));
let steps = 0;
const onRequirement = () => page.evaluate(() => document.activeElement.getAttribute('href')?.startsWith('/pages/requirement') ?? false);
while (!(await onRequirement()) && steps < 60) { await page.keyboard.press('Tab'); steps += 1; }
expect('no requirement is reached by the keyboard', await onRequirement());
await Promise.all([page.waitForURL('**/pages/requirement**'), page.keyboard.press('Enter')]);
await page.focus('#q');
const term = (await page.locator('h1').textContent()).split(' ').pop();
await page.keyboard.type(term);
await page.waitForSelector('#found li');
await page.keyboard.press('Escape');
await soon('Escape does not close what a search found', page.waitForSelector('#found li', { state: 'detached' }));

// Dark, by the system and by the switch.
const dark = await visitor({ viewport: { width: 1280, height: 900 }, colorScheme: 'dark' });
await dark.goto(`${origin}/`);
await dark.locator('#requirements tbody a[href*="/pages/requirement"]').first().click();
await dark.waitForSelector('svg.strip');
await audit(dark, 'requirement, dark');
await picture(dark, 'requirement-dark', false);
const paper = () => dark.evaluate(() => getComputedStyle(document.body).backgroundColor);
const before = await paper();
await dark.click('#theme');
expect('the switch does not change the colours', await paper() !== before);

// A narrow screen scrolls in one direction.
const narrow = await visitor({ viewport: { width: 390, height: 844 }, colorScheme: 'light' });
const narrowly = async (what) => {
  const width = await narrow.evaluate(() => document.documentElement.scrollWidth);
  expect(`${what} is ${width} px wide on a screen of 390`, width <= 390);
  await audit(narrow, `${what}, narrow`);
};
await narrow.goto(`${origin}/`);
await narrowly('overview');
await narrow.locator('#requirements tbody a[href*="/pages/requirement"]').first().click();
await narrow.waitForSelector('svg.strip');
await narrowly('requirement');
await picture(narrow, 'requirement-narrow', false);
await narrow.locator('table a[href*="/pages/unit"]').first().click();
await narrowly('unit');

// Without scripts a page reads the same, and it prints.
const plain = await visitor({ javaScriptEnabled: false, viewport: { width: 1280, height: 900 } });
await plain.goto(`${origin}/`);
expect('without scripts the overview is empty', await plain.locator('#requirements tbody tr').count() > 0);
const printed = await page.pdf({ format: 'A4' });
expect('the page does not print', printed.subarray(0, 5).toString() === '%PDF-');

await browser.close();
judge('pages in Chromium: the way through, keyboard, narrow and dark, axe, nothing leaves the host', faults);
