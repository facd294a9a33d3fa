// Decisions in Chromium, by clicks alone: from what the field shows to a finding, the change that answers it and a signed review; a merge with a
// conflict, a record in its form, a file from its columns to the merge, and a reading as it arrives.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { audit, browser, expect, faults, judge, origin, picture, visitor } from './browser.mjs';

const WINDOW = 'from=2025-12-01&to=2026-01-01';
const page = await visitor({ viewport: { width: 1280, height: 900 }, colorScheme: 'light' });
const narrow = await visitor({ viewport: { width: 390, height: 844 }, colorScheme: 'light' });

/** Judges a page as it is, and the same address on a narrow screen. */
async function look(what) {
  await audit(page, what);
  await picture(page, what);
  await narrow.goto(page.url());
  const width = await narrow.evaluate(() => document.documentElement.scrollWidth);
  expect(`${what} is ${width} px wide on a screen of 390`, width <= 390);
  await audit(narrow, `${what}, narrow`);
}

/** Presses a button of a form and waits for the page that follows. */
async function press(form, button) {
  await Promise.all([page.waitForEvent('load'), form.getByRole('button', { name: button, exact: true }).click()]);
}

async function sign(form) {
  await form.locator('[name="authorName"]').fill('Anna');
  await form.locator('[name="authorEmail"]').fill('anna@plant.example');
}

// From the design to the finding, the change and the review.
await page.goto(`${origin}/pages/design?id=pump/A&${WINDOW}`);
await look('design');
// Another limit, by its slider: the page shows what it would touch, and stays where it is.
const slider = page.locator('#form-exposure input[type="range"]');
expect('the slider does not begin at the limit', await slider.inputValue() === await page.locator('#form-exposure [name="limit"]').inputValue());
await page.evaluate(() => { window.stays = true; });
await slider.evaluate((range) => {
  range.value = '70';
  for (const name of ['input', 'change']) range.dispatchEvent(new Event(name, { bubbles: true }));
});
await page.getByText('Margins that it makes a difference to').waitFor();
expect('the number does not follow the slider', await page.locator('#form-exposure [name="limit"]').inputValue() === '70');
expect('the answer is not in the address', new URL(page.url()).searchParams.get('limit') === '70');
expect('the page was loaded anew', await page.evaluate(() => window.stays === true));
await look('exposure');
await page.goto(`${origin}/pages/design?id=pump/A&${WINDOW}`);
const evidence = page.locator('#form-record-evidence');
await sign(evidence);
await press(evidence, 'Record as evidence');
await page.locator('#decisions a[href*="/pages/finding"]').first().click();
const finding = page.locator('#form-decide-finding');
await finding.waitFor();
await look('finding');
expect('a decision does not remember who decides', await finding.locator('[name="authorEmail"]').inputValue() === 'anna@plant.example');
await finding.locator('[name="reason"]').fill('The seal runs hot');
await press(finding, 'Accept, and request a change');
await page.locator('#changes a[href*="/pages/change"]').first().click();
const change = page.locator('#form-decide-change');
await change.waitFor();
await look('change');
await change.locator('[name="reason"]').fill('Agreed');
await press(change, 'Approve');
expect('the change is not approved', await page.locator('.badges').getByText('approved').count() === 1);
await change.locator('[name="reason"]').fill('Done');
await press(change, 'State that it is implemented');
expect('a refusal is not beside its form', await change.getByText('no design revision answers it').count() === 1);
await audit(page, 'a refused decision');
await page.goto(`${origin}/pages/design?id=pump/A&${WINDOW}`);
const opening = page.locator('#form-open-review');
await opening.locator('[name="title"]').fill('Release');
await press(opening, 'Open the review');
const signing = page.locator('#form-sign-review');
await signing.waitFor();
await look('review');
const report = await page.pdf({ format: 'A4' });
expect('the report of a review does not print', report.subarray(0, 5).toString() === '%PDF-' && report.length > 10_000);
await signing.locator('[name="reason"]').fill('Agreed');
await press(signing, 'Sign: approved');
expect('the review is not signed', await page.locator('#sign').getByText('It is signed').count() === 1);

// A branch, a record in its form on each side, and the conflict decided by clicking a side.
await page.goto(`${origin}/pages/versions`);
await look('versions');
const branch = page.locator('#form-create-branch');
await branch.locator('[name="name"]').fill('try');
await press(branch, 'Make the branch');
for (const [at, limit] of [['main', '82'], ['try', '80']]) {
  await page.goto(`${origin}/pages/edit?id=REQ-1&at=${at}`);
  const record = page.locator('#form-put');
  if (at === 'main') await look('edit');
  await record.locator('[name="field:constraints:0:limit"]').fill(limit);
  await record.locator('[name="message"]').fill(`Allow ${limit}`);
  await press(record, 'Commit');
}
await page.goto(`${origin}/pages/merge?source=try&into=main`);
await look('merge');
await page.getByLabel('try: 80').check();
await press(page.locator('#form-merge'), 'Merge');
await page.goto(`${origin}/pages/requirement?id=REQ-1&${WINDOW}`);
expect('the side that was clicked is not what the merge has', await page.getByText('MAX ≤ 80').count() > 0);

// A file: chosen, mapped, imported as a job, merged.
const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'bring-')), 'plant.csv');
fs.writeFileSync(file, 'Serial;Plant\nP-7;Oslo\nP-8;Leuna\n');
await page.locator('nav[aria-label="Pages"] a[href*="/pages/bring"]').click();
const upload = page.locator('#form-upload');
await upload.waitFor();
await look('bring');
// A browser takes a file that is dropped on the field as one that is chosen there.
await upload.locator('input[type="file"]').setInputFiles(file);
await press(upload, 'Look at it');
await page.locator('#form-class [name="class"]').selectOption('TwinInstance');
await press(page.locator('#form-class'), 'Show its fields');
const mapping = page.locator('#form-import');
await mapping.waitFor();
await mapping.locator('[name="id"]').fill('unit/{Serial}');
await audit(page, 'mapping');
await picture(page, 'mapping');
await press(mapping, 'Show the commit that it would make');
expect('the preview does not show what would come', await page.locator('#preview').getByText('unit/P-7').count() > 0);
expect('the preview loses what was chosen', await mapping.locator('[name="id"]').inputValue() === 'unit/{Serial}');
await press(mapping, 'Import as a job');
await page.getByText('merge it into main').waitFor();
await page.getByText('merge it into main').click();
await page.locator('#form-merge').waitFor();
await press(page.locator('#form-merge'), 'Merge');

// A reading as it arrives.
await page.goto(`${origin}/pages/unit?id=P-1&${WINDOW}`);
await page.locator('[data-live][data-connected]').waitFor();
const rows = page.locator('[data-live] tbody tr');
let second = 1_765_400_000;
while (await rows.count() === 0 && second < 1_765_400_100) {
  await fetch(`${origin}/api/v2/write?bucket=b&org=o&precision=s`, { method: 'POST', body: `m,twin=P-1 temp=77.25 ${second}` });
  second += 1;
  await rows.first().waitFor({ timeout: 2_000 }).catch(() => {});
}
expect('a reading does not appear as it arrives', await rows.first().getByText('77.25').count() === 1);
await look('unit');

await browser.close();
judge('decisions in Chromium: finding, change, review, merge, form, file, live reading; axe, narrow, nothing leaves the host', faults);
