// The pages in Chromium: the way from the overview to a unit, the keyboard alone, a narrow screen, accessibility by axe-core, and no request
// that leaves the host. Called with the address of the service; with a folder as its third argument it leaves screenshots there.
import { audit, browser, expect, faults, judge, origin, picture, soon, visitor } from './browser.mjs';

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
