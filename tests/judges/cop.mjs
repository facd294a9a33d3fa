// The checks of graphql-cop, and what each expects of a service that many may reach.
import { ask, judge, url } from './judge.mjs';

const faults = [];
function check(name, holds, seen) {
  if (!holds) faults.push(`${name}: ${JSON.stringify(seen).slice(0, 300)}`);
}
const errors = ({ answer }) => answer.errors ?? [];

const aliases = await ask({ query: `{ ${Array.from({ length: 101 }, (_, at) => `alias${at}: __typename`).join(' ')} }` });
check('alias overloading', aliases.answer.data === undefined && errors(aliases)[0].extensions.code === 'LIMIT_EXCEEDED', aliases);

const batch = await ask(Array.from({ length: 10 }, () => ({ query: '{ __typename }' })));
check('array-based batching', batch.status === 400 && !Array.isArray(batch.answer), batch);

const circular = await ask({ query: '{ __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } }' });
check('circular introspection', circular.answer.data === undefined, circular);

const directives = await ask({ query: `{ __typename ${'@aa'.repeat(10)} }` });
check('directive overloading', directives.answer.data === undefined && errors(directives).length < 10, directives);

const duplicates = await ask({ query: `{ ${'__typename '.repeat(500)} }` });
check('field duplication', duplicates.answer.data === undefined, duplicates);

const misspelt = await ask({ query: '{ __schema { directive } }' });
check('field suggestions', errors(misspelt).length > 0 && !errors(misspelt).some(({ message }) => /did you mean/i.test(message)), misspelt);

const traced = await ask({ query: '{ __typename }', extensions: { tracing: true } });
check('tracing', traced.answer.extensions === undefined, traced);

const mutation = await fetch(`${url}?query=${encodeURIComponent('mutation { __typename }')}`);
check('mutations by GET', mutation.status === 405 && mutation.headers.get('allow') === 'POST', mutation.status);

const form = await fetch(url, { method: 'POST', body: new URLSearchParams({ query: '{ __typename }' }) });
check('forms of other sites', form.status === 415, form.status);

const text = await fetch(url, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{"query":"{ __typename }"}' });
check('plain text of other sites', text.status === 415, text.status);

// Queries by GET are what GraphQL over HTTP wants; a page of another site may not send them.
const foreign = await fetch(`${url}?query=${encodeURIComponent('{ __typename }')}`, { headers: { origin: 'https://evil.example' } });
check('queries by GET from another site', foreign.status === 403, foreign.status);

const unhandled = await ask({ query: 'qwerty cop { abc }' });
check('unhandled errors', unhandled.status === 400 && errors(unhandled).every(({ extensions }) => extensions.exception === undefined && extensions.code === 'BAD_INPUT'), unhandled);

// GraphiQL is there on purpose: it has no rights of its own, and no page may frame it.
const page = await fetch(url, { headers: { accept: 'text/html' } });
const policy = page.headers.get('content-security-policy') ?? '';
check('GraphiQL', page.ok && policy.includes("frame-ancestors 'none'") && policy.includes("script-src 'self'"), [page.status, policy]);

judge('graphql-cop: 13 checks', faults);
