// Runs against a service that has the demo's thread: THROUGHLINE_URL=http://127.0.0.1:7300 npm test
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Carriers,
  Changes,
  Client,
  Commit,
  Configuration,
  FieldLife,
  Provenance,
  RefusedError,
  Requirements,
  Search,
  ThroughlineError,
  Trace,
  document,
  made,
} from '../src/index.js';

const client = new Client({ url: process.env['THROUGHLINE_URL'] ?? 'http://127.0.0.1:7300' });
const window = { from: '2024-01-01T00:00:00Z', to: '2026-01-01T00:00:00Z' };

test('the field life of a revision comes with its types', async () => {
  const { thread } = await client.request(FieldLife, {
    design: 'design/BRG-7-B',
    property: 'property/bearing-temperature',
    window,
  });
  const revision = thread?.designRevision;
  assert.equal(revision?.revision, 'B');
  const samples: string | undefined = revision?.fieldUsage?.sampleCount;
  assert.ok(BigInt(samples ?? '0') > 0n, 'a Long is a string of digits');
  const hot = revision?.margins?.find((margin) => margin.requirement?.identifier === 'REQ-12');
  assert.equal(hot?.verdict, 'VIOLATES');
  assert.ok((hot?.violators?.totalCount ?? 0) >= (hot?.violators?.nodes.length ?? 0));
});

test('pages are read to their end', async () => {
  const variables = { design: 'design/BRG-7-B', window, first: 7 };
  const paths = new Set<string>();
  let count = 0;
  for await (const member of client.pages(Carriers, variables, (data) => data.thread?.designRevision?.population?.members)) {
    paths.add(member.path);
    count += 1;
  }
  const { thread } = await client.request(Carriers, { ...variables, first: 1 });
  assert.equal(count, thread?.designRevision?.population?.members?.totalCount);
  assert.ok(paths.size > 0);
});

test('a record leads up to its requirements, and down its past', async () => {
  const { thread } = await client.request(Trace, { from: 'pump/P-042', direction: 'UP' });
  const reached = thread?.trace?.nodes.map((step) => step.resource.__typename) ?? [];
  assert.ok(reached.includes('PlainRequirement'), String(reached));
  const found = await client.request(Search, { text: 'REQ-12', first: 5 });
  const requirement = found.thread?.search?.nodes.find((node) => node.__typename === 'PlainRequirement');
  assert.ok(requirement);
  const { node } = await client.request(Provenance, { id: requirement.id });
  assert.equal(node?.id, requirement.id);
  const record = node as Extract<typeof node, { provenance: unknown }>;
  assert.ok((record.provenance.blame?.nodes.length ?? 0) > 0);
  const changes = await client.request(Changes, { from: 'PDR', to: 'main', first: 3 });
  assert.ok((changes.diff?.notes?.nodes.length ?? 0) > 0);
  const unit = await client.request(Configuration, { twin: 'pump/P-042' });
  assert.ok((unit.thread?.twinInstance?.configuration?.totalCount ?? 0) > 0);
});

test('a commit is made once for each key, and a refusal is typed', async () => {
  const branch = 'typescript-client';
  const begin = document<{ createBranch: { branch: { name: string } | null; errors: [] } | null }>(
    `mutation { createBranch(input: { name: "${branch}", idempotencyKey: "typescript-client/branch" }) { branch { name } errors { code message } } }`,
  );
  assert.equal(made((await client.request(begin)).createBranch).branch?.name, branch);
  const input = {
    branch,
    message: 'Add a part',
    idempotencyKey: 'typescript-client/part',
    changes: [{ putPart: { id: 'part/client', identifier: 'CLIENT', title: 'A part of the client test' } }],
  };
  const first = made((await client.request(Commit, { input })).commit);
  const again = made((await client.request(Commit, { input })).commit);
  assert.equal(again.commit?.id, first.commit?.id);
  const twice = { branch, message: 'Add it twice', changes: [{ putPart: { id: 'part/other', identifier: 'CLIENT', title: 'Another' } }] };
  const { commit } = await client.request(Commit, { input: twice });
  const [error] = commit?.errors ?? [];
  assert.equal(error?.__typename, 'ViolationError');
  assert.ok(error?.__typename === 'ViolationError' && (error.violations?.totalCount ?? 0) > 0);
  assert.throws(() => made(commit), RefusedError);
});

test('an error keeps its code and the parts that did not fail', async () => {
  const text = '{ then: thread(at: "no-such-version") { watermark } now: thread { watermark } }';
  const both = document<{ then: { watermark: string } | null; now: { watermark: string } | null }>(text);
  await assert.rejects(client.request(both), (error: unknown) => {
    assert.ok(error instanceof ThroughlineError);
    assert.equal(error.code, 'NOT_FOUND');
    const data = error.data as { then: null; now: { watermark: string } };
    assert.equal(data.then, null);
    assert.ok(data.now.watermark);
    return true;
  });
});

test('requirements are filtered and ordered', async () => {
  const { thread } = await client.request(Requirements, { filter: { identifier: { startsWith: 'REQ-1' } } });
  const names = thread?.requirements?.nodes.map((requirement) => requirement.identifier) ?? [];
  assert.deepEqual(names, [...names].sort());
});
