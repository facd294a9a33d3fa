// What the judges in Chromium share: visitors whose faults are noted, accessibility by axe-core, and pictures. With a folder as its third
// argument a judge leaves screenshots there.
import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { judge, url } from './judge.mjs';

export { judge };
const pictures = process.argv[4];
export const faults = [];
const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--force-prefers-reduced-motion'] });
export const origin = new URL(url).origin;

/** Opens a context whose faults are noted: requests that leave the host, refusals of the policy, errors of scripts. */
export async function visitor(options) {
  const context = await browser.newContext(options);
  context.on('request', (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith('data:')) faults.push(`a request leaves the host: ${request.url()}`);
  });
  const page = await context.newPage();
  // A page of the demo takes seconds in a debug build on a machine that is busy.
  page.setDefaultTimeout(150_000);
  page.on('pageerror', (error) => faults.push(`${page.url()}: ${error.message}`));
  // A decision that is refused answers with its page and this status: that is no fault.
  const isRefusal = (message) => message.text().includes('the server responded with a status of 409');
  page.on('console', (message) => { if (message.type() === 'error' && !isRefusal(message)) faults.push(`${page.url()}: ${message.text()}`); });
  return page;
}

/** Judges accessibility in the page, in an isolated world of its own: the page's policy stays in force. */
export async function audit(page, what) {
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

export async function picture(page, name, full = true) {
  if (pictures) await page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: full });
}

export const expect = (what, holds) => { if (!holds) faults.push(what); };
// The browser reports a new address or a change of the page some time after the key was pressed.
export const soon = (what, event) => event.catch(() => faults.push(what));
