// Apollo Client's normalised cache, which merges whatever has one __typename and one id: what was required at one version, and known at
// one watermark, must never be answered for another.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApolloClient, HttpLink, InMemoryCache, gql } from '@apollo/client/core/index.js';

const uri = `${process.env['THROUGHLINE_URL'] ?? 'http://127.0.0.1:7300'}/graphql`;
const before = process.env['THROUGHLINE_BEFORE'];

async function possibleTypes(): Promise<Record<string, string[]>> {
  const query = '{ __schema { types { kind name possibleTypes { name } } } }';
  const answer = await fetch(uri, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  type Types = { kind: string; name: string; possibleTypes: { name: string }[] | null }[];
  const { data } = (await answer.json()) as { data: { __schema: { types: Types } } };
  const abstract = data.__schema.types.filter((type) => type.kind === 'INTERFACE' || type.kind === 'UNION');
  return Object.fromEntries(abstract.map((type) => [type.name, (type.possibleTypes ?? []).map((of) => of.name)]));
}

const apollo = async () =>
  new ApolloClient({ cache: new InMemoryCache({ possibleTypes: await possibleTypes() }), link: new HttpLink({ uri }) });

const REQUIREMENT = gql`
  fragment limits on Requirement {
    id
    identifier
    constraints {
      id
      limit
    }
  }
`;

const limit = (data: any, alias = 'thread'): number => data[alias].requirement.constraints[0].limit;

test('two versions in one request keep apart', async () => {
  const client = await apollo();
  const query = gql`
    ${REQUIREMENT}
    {
      then: thread(at: "PDR") {
        id
        requirement(id: "requirement/REQ-12") {
          ...limits
        }
      }
      now: thread {
        id
        requirement(id: "requirement/REQ-12") {
          ...limits
        }
      }
    }
  `;
  const { data } = await client.query({ query });
  assert.deepEqual([limit(data, 'then'), limit(data, 'now')], [90, 85]);
  const cached = client.readQuery({ query });
  assert.deepEqual([limit(cached, 'then'), limit(cached, 'now')], [90, 85]);
});

test('two versions one after the other keep apart', async () => {
  const client = await apollo();
  const query = gql`
    ${REQUIREMENT}
    query ($at: String) {
      thread(at: $at) {
        id
        requirement(id: "requirement/REQ-12") {
          ...limits
        }
      }
    }
  `;
  for (const [at, expected] of [['PDR', 90], ['main', 85], ['PDR', 90]] as const) {
    const { data } = await client.query({ query, variables: { at } });
    assert.equal(limit(data), expected, at);
  }
  assert.equal(limit(client.readQuery({ query, variables: { at: 'PDR' } })), 90);
  assert.equal(limit(client.readQuery({ query, variables: { at: 'main' } })), 85);
});

const JULY = `designRevision(id: "design/BRG-7-C") {
  id
  fieldUsage(property: "property/bearing-temperature", window: { from: "2025-07-01T00:00:00Z", to: "2025-08-01T00:00:00Z" }) {
    sampleCount
    max
  }
}`;

const max = (data: any, alias = 'thread'): number => data[alias].designRevision.fieldUsage.max;

test('two watermarks keep apart, in one request and one after the other', { skip: !before }, async () => {
  const together = gql`query ($before: String!) { before: thread(asKnownAt: $before) { id ${JULY} } now: thread { id ${JULY} } }`;
  const client = await apollo();
  const { data } = await client.query({ query: together, variables: { before } });
  const [early, late] = [max(data, 'before'), max(data, 'now')];
  assert.notEqual(early, late, 'what came late raises the maximum');
  const cached = client.readQuery({ query: together, variables: { before } });
  assert.deepEqual([max(cached, 'before'), max(cached, 'now')], [early, late]);

  const each = gql`query ($known: String) { thread(asKnownAt: $known) { id ${JULY} } }`;
  const other = await apollo();
  for (const [known, expected] of [[before, early], [undefined, late]] as const) {
    const answer = await other.query({ query: each, variables: { known } });
    assert.equal(max(answer.data), expected);
  }
  assert.equal(max(other.readQuery({ query: each, variables: { known: before } })), early);
});

test('a unit is one object, whatever field leads to it', async () => {
  const client = await apollo();
  const query = gql`
    {
      thread {
        id
        one: twinInstance(id: "pump/P-042") {
          __typename
          id
        }
        found: lookup(identifier: "P-042") {
          nodes {
            __typename
            id
          }
        }
      }
    }
  `;
  const { data } = await client.query({ query });
  const found = data.thread.found.nodes[0];
  assert.deepEqual([found.__typename, found.id], [data.thread.one.__typename, data.thread.one.id]);
  const again = await client.query({
    query: gql`
      query ($id: ID!) {
        node(id: $id) {
          __typename
          id
          ... on TwinInstance {
            identifier
          }
        }
      }
    `,
    variables: { id: found.id },
  });
  assert.deepEqual([again.data.node.__typename, again.data.node.identifier], [found.__typename, 'P-042']);
});
