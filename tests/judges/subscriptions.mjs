// The client graphql-ws: a query, an invalid one, a subscription that sees a change, and a clean end.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { ask, judge, url } from './judge.mjs';

const faults = [];
let close;
const closed = new Promise((resolve) => { close = resolve; });
let pongs = 0;
const client = createClient({
  url: url.replace(/^http/, 'ws'),
  webSocketImpl: WebSocket,
  lazy: false,
  retryAttempts: 0,
  keepAlive: 50,
  on: { closed: ({ code }) => close(code), pong: () => { pongs += 1; } },
});

/** Runs an operation to its end: the answers, or the errors that refuse it. */
async function run(payload) {
  const answers = [];
  try {
    for await (const answer of client.iterate(payload)) answers.push(answer);
    return { answers };
  } catch (refused) {
    return { refused };
  }
}

const query = await run({ query: '{ __typename }' });
if (query.answers?.[0]?.data?.__typename !== 'Query' || query.answers.length !== 1) faults.push(`a query: ${JSON.stringify(query)}`);
const invalid = await run({ query: '{ nothing }' });
if (invalid.refused?.[0]?.extensions?.code !== 'BAD_INPUT') faults.push(`an invalid query: ${JSON.stringify(invalid)}`);

const events = client.iterate({ query: 'subscription { commits { message } }' });
const first = events.next();
// The subscription is open once a query that came after it is answered.
await run({ query: '{ __typename }' });
const change = { query: 'mutation { commit(input: { message: "Seen by graphql-ws", changes: [{ putPart: { id: "part/ws", identifier: "WS" } }] }) { changed } }' };
const made = await ask(change);
if (made.answer.errors) faults.push(`the change: ${JSON.stringify(made.answer)}`);
const event = (await first).value;
if (event?.data?.commits?.message !== 'Seen by graphql-ws') faults.push(`the event: ${JSON.stringify(event)}`);
await events.return();
while (pongs === 0) await new Promise((resolve) => setTimeout(resolve, 20));
await client.dispose();
const code = await closed;
if (code !== 1000) faults.push(`the connection is closed with ${code}`);
judge('graphql-ws: a query, a refusal, a subscription, pings, the close', faults);
