// The schema rules of graphql-eslint, those for Relay included.
import { ESLint } from 'eslint';
import graphql from '@graphql-eslint/eslint-plugin';
import fs from 'node:fs';
import path from 'node:path';
import { judge, printedSchema } from './judge.mjs';

const rules = (name) => graphql.configs[`flat/${name}`].rules;
const file = path.resolve('linted.graphql');
fs.writeFileSync(file, await printedSchema());
const eslint = new ESLint({
  overrideConfigFile: true,
  overrideConfig: [
    {
      files: ['**/*.graphql'],
      languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema: file } } },
      plugins: { '@graphql-eslint': graphql },
      rules: { ...rules('schema-recommended'), ...rules('schema-relay'), ...exceptions() },
    },
  ],
});
const [{ messages }] = await eslint.lintFiles([file]);
fs.rmSync(file);
const counts = new Map();
for (const { ruleId } of messages) counts.set(ruleId, (counts.get(ruleId) ?? 0) + 1);
judge(`graphql-eslint: the rules schema-recommended and schema-relay ${JSON.stringify(Object.fromEntries(counts))}`, messages.slice(0, 40).map(({ ruleId, line, message }) => `${line}: ${message} (${ruleId})`));

/** What is asked otherwise than these sets do, and why. */
function exceptions() {
  const rule = (name, ...value) => [`@graphql-eslint/${name}`, value.length === 1 ? value[0] : value];
  return Object.fromEntries([
    // Both styles mean the same; a library prints them.
    rule('description-style', 'off'),
    // Only what can be fetched anew has an identity of its own: the types that are a Node.
    rule('strict-id-in-types', 'off'),
    // A list that cannot grow, such as the limits of a requirement, needs no pages; edges may lead to what is no Node, such as a sample.
    rule('relay-edge-types', 'error', { withEdgeSuffix: true, shouldImplementNode: false, listTypeCanWrapOnlyEdgeType: false }),
    // Histories are read from the newest on; Relay's specification wants one direction at least.
    rule('relay-arguments', 'error', { includeBoth: false }),
  ]);
}
