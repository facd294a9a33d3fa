// Relay's compiler on a page of requirements that can be fetched anew, and on one resource.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { judge, printedSchema } from './judge.mjs';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'relay-'));
fs.mkdirSync(path.join(folder, 'src'));
fs.writeFileSync(path.join(folder, 'schema.graphql'), await printedSchema());
fs.writeFileSync(path.join(folder, 'src/page.js'), `
graphql\`
  query pageQuery { ...page_requirements }
\`;
graphql\`
  fragment page_requirements on Query
  @refetchable(queryName: "pageOfRequirementsQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 10 }, cursor: { type: "String" }) {
    thread {
      requirements(first: $count, after: $cursor) @connection(key: "page_requirements") {
        edges { node { id ...page_requirement } }
      }
    }
  }
\`;
graphql\`
  query pageVersionQuery($at: String) { thread(at: $at) { base } log(at: $at, first: 1) { nodes { id } } }
\`;
graphql\`
  fragment page_requirement on Requirement @refetchable(queryName: "pageRequirementQuery") { identifier title }
\`;
`);
fs.writeFileSync(path.join(folder, 'relay.config.json'), JSON.stringify({ src: './src', schema: './schema.graphql', language: 'javascript', eagerEsModules: true }));
const faults = [];
try {
  const compiler = createRequire(import.meta.url).resolve('relay-compiler/cli.js');
  execFileSync(process.execPath, [compiler, 'relay.config.json'], { cwd: folder, stdio: 'pipe' });
  const generated = fs.readdirSync(path.join(folder, 'src/__generated__'));
  for (const name of ['pageOfRequirementsQuery', 'pageRequirementQuery', 'pageQuery', 'pageVersionQuery']) {
    if (!generated.includes(`${name}.graphql.js`)) faults.push(`${name} was not generated`);
  }
} catch (error) {
  faults.push(`${error.stdout ?? ''}${error.stderr ?? ''}` || String(error));
}
fs.rmSync(folder, { recursive: true });
judge('relay-compiler: a connection and a resource that can be fetched anew', faults);
