// The audits of GraphQL over HTTP: every MUST and every SHOULD.
import { serverAudits } from 'graphql-http';
import { judge, url } from './judge.mjs';

const audits = serverAudits({ url });
const results = await Promise.all(audits.map((audit) => audit.fn()));
judge(
  `${audits.length} audits of GraphQL over HTTP`,
  // A notice is what a service MAY do.
  results.filter(({ status }) => status !== 'ok' && status !== 'notice').map(({ status, name, reason }) => `${status}: ${name}: ${reason}`),
);
