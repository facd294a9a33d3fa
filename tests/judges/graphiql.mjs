// GraphiQL: the files are those of the packages, and the page starts with nothing but them.
import { JSDOM, VirtualConsole } from 'jsdom';
import fs from 'node:fs';
import path from 'node:path';
import { judge, repository, url } from './judge.mjs';

const faults = [];
const packages = {
  'graphiql.min.js': 'graphiql/graphiql.min.js',
  'graphiql.min.css': 'graphiql/graphiql.min.css',
  'react.production.min.js': 'react/umd/react.production.min.js',
  'react-dom.production.min.js': 'react-dom/umd/react-dom.production.min.js',
};
for (const [name, source] of Object.entries(packages)) {
  const served = Buffer.from(await (await fetch(new URL(`/graphiql/${name}`, url))).arrayBuffer());
  for (const [where, bytes] of [['served', served], ['kept', fs.readFileSync(path.join(repository, 'assets/graphiql', name))]]) {
    if (!bytes.equals(fs.readFileSync(path.join('node_modules', source)))) faults.push(`${name} as ${where} is not that of the package`);
  }
}

const response = await fetch(`${url}?query=${encodeURIComponent('{ __typename }')}`, { headers: { accept: 'text/html' } });
const html = await response.text();
if (/https?:\/\//.test(html) || /<script(?![^>]*\ssrc=)/.test(html)) faults.push('the page has a script or an address of its own');
const asked = [];
const virtualConsole = new VirtualConsole();
virtualConsole.on('jsdomError', (error) => { if (!/Could not parse CSS/.test(error.message)) faults.push(`the page: ${error.message}`); });
const page = new JSDOM(html, {
  url: `${url}?query=${encodeURIComponent('{ __typename }')}`,
  runScripts: 'dangerously',
  resources: 'usable',
  pretendToBeVisual: true,
  virtualConsole,
  beforeParse(window) {
    // What a browser has and jsdom has not.
    Object.assign(window, { TextDecoder, TextEncoder });
    window.fetch = (address, init) => { asked.push(init?.body ?? ''); return fetch(new URL(address, url), init); };
    window.matchMedia = () => ({ matches: false, addEventListener() {}, removeEventListener() {}, addListener() {}, removeListener() {} });
    window.document.createRange = () => ({ setEnd() {}, setStart() {}, getBoundingClientRect: () => ({}), getClientRects: () => ({ length: 0 }), commonAncestorContainer: window.document.documentElement });
    window.ResizeObserver = class { observe() {} unobserve() {} disconnect() {} };
  },
});
const { document } = page.window;
const until = async (what, holds) => {
  for (let tries = 0; tries < 600; tries += 1) {
    if (holds()) return;
    if (faults.length > 0) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  faults.push(`${what} did not come within a minute`);
};
await until('GraphiQL', () => document.querySelector('.graphiql-container button.graphiql-execute-button'));
await until('introspection', () => asked.some((body) => String(body).includes('__schema')));
const editor = document.querySelector('.graphiql-query-editor .CodeMirror')?.CodeMirror;
if (!editor?.getValue().includes('{ __typename }')) faults.push(`the query of the address is not in the editor: ${editor?.getValue()}`);
const before = asked.length;
if (asked.some((body) => String(body).includes('"{ __typename }"'))) faults.push('the query of the address was run unasked');
const answered = () => document.querySelector('.result-window .CodeMirror')?.CodeMirror.getValue().includes('"__typename": "Query"');
await until('the answer', () => {
  // A click before the page is ready does nothing; one while it waits would stop it.
  if (asked.length === before) document.querySelector('button.graphiql-execute-button').click();
  return answered();
});
page.window.close();
judge('GraphiQL: files of the packages, the page offline', faults);
process.exit();
