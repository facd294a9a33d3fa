// What the judges share: where the service is, how it is asked, and what comes of a judgement.
export const [url, repository] = process.argv.slice(2);

/** Asks the service; returns the status and the answer. */
export async function ask(body, headers = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, answer: await response.json() };
}

/** Returns the schema as the service prints it. */
export async function printedSchema() {
  const response = await fetch(new URL('/schema.graphql', url));
  if (!response.ok) throw new Error(`/schema.graphql answers ${response.status}`);
  return response.text();
}

/** Reports what is wrong; the process fails where anything is. */
export function judge(what, faults) {
  for (const fault of faults) console.log(`  ${fault}`);
  console.log(`${what}: ${faults.length === 0 ? 'pass' : `${faults.length} faults`}`);
  if (faults.length > 0) process.exitCode = 1;
}
