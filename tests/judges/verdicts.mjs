// The service and graphql-js agree on which documents are valid: the queries of the fixtures, each changed a little in many ways.
import * as graphql16 from 'graphql';
import * as graphql17 from 'graphql-17';
import fs from 'node:fs';
import path from 'node:path';
import { ask, judge, printedSchema, repository } from './judge.mjs';

// 17 has the rules of September 2025, but takes empty selections, which that has not; 16 has the grammar. A document is valid where both say so.
const printed = await printedSchema();
const judges = [graphql16, graphql17].map((graphql) => ({ ...graphql, schema: graphql.buildSchema(printed) }));
// graphql-js takes anything for a scalar that it does not know. The service knows them; what it refuses of a value is its own affair.
const isOfScalar = ({ message }) => /\(GraphQL 5\.6\.1\)$/.test(message) && !/ is not of the type (Int|Float|String|Boolean|ID)[: ]/.test(message);
let met = false;
for (const { schema, isScalarType, isSpecifiedScalarType } of judges) {
  for (const scalar of Object.values(schema.getTypeMap()).filter((type) => isScalarType(type) && !isSpecifiedScalarType(type))) {
    const take = () => { met = true; return ''; };
    Object.assign(scalar, { parseLiteral: take, coerceInputLiteral: take });
  }
}
const folder = path.join(repository, 'fixtures/queries');
const texts = fs.readdirSync(folder).filter((name) => name.endsWith('.graphql')).sort().map((name) => fs.readFileSync(path.join(folder, name), 'utf8'));
// What the queries of the fixtures have nothing of.
texts.push(
  'query Q($at: String = "main", $ids: [ID!]!, $yes: Boolean = true) { thread(at: $at) { ...F @include(if: $yes) requirements(first: 2, filter: { identifier: { in: ["a", "b"] } }) { nodes { id } } } node(id: "x") { __typename ... on Requirement { title @skip(if: false) } } nodes(ids: $ids) { id } } fragment F on Thread { watermark commit { id } }',
  'mutation M($title: String!) { a: commit(input: { message: "m", changes: [{ retire: "a" }, { putPart: { id: "b", title: $title } }] }) { changed errors { code ... on ConflictError { head } } } b: createBranch(input: { name: "x" }) { branch { name } } }',
  'subscription S { commits(branch: "main") { id message author { name } } }',
  'query A { __schema { types { name ofType { name } } } } query B { __type(name: "Node") { ...T } } fragment T on __Type { fields(includeDeprecated: true) { name } possibleTypes { name } }',
  '"what it is for" query Described("a version" $at: String! = "main") { thread(at: $at) { watermark } }',
);
const names = ['id', 'nodes', 'title', 'identifier', '__typename', 'thread', 'first', 'Node', 'Thread', 'Requirement', 'String', 'Int', 'nothing'];

/** The same changes in every run. */
let state = 20250911;
function random(below) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}
const any = (items) => items[random(items.length)];

/** Changes one token or moves one part of a document. */
function changed(text) {
  const tokens = text.replace(/#.*$/gm, '').match(/"""[\s\S]*?"""|"(?:\\.|[^"\\])*"|\.\.\.|[\w.-]+|[^\s,]/g);
  const at = random(tokens.length);
  switch (random(7)) {
    case 0: tokens.splice(at, 1); break;
    case 1: tokens.splice(at, 0, tokens[at]); break;
    case 2: tokens[at] = any(tokens); break;
    case 3: tokens[at] = any(names); break;
    case 4: tokens.splice(at, 0, any(['@skip(if: true)', '@include(if: $no)', '... on Node { id }', '... { __typename }', '$x', 'x:', '!', 'null', '1', '"a"', '[', ']'])); break;
    case 5: [tokens[at], tokens[(at + 1) % tokens.length]] = [tokens[(at + 1) % tokens.length], tokens[at]]; break;
    default: tokens.splice(at, 0, ...tokens.slice(at, at + 1 + random(12)));
  }
  // The parser reads no space before the `!` of a type, which the grammar allows.
  return tokens.join(' ').replaceAll(' !', '!');
}

/** Returns why a document is not valid; nothing where it is. */
function fault(text) {
  try {
    return judges.flatMap(({ schema, parse, validate }) => validate(schema, parse(text)))[0]?.message;
  } catch (error) {
    return error.message;
  }
}

const documents = texts.flatMap((text) => [text, ...Array.from({ length: 120 }, () => changed(random(4) === 0 ? changed(text) : text))]);
const faults = [];
let valid = 0;
for (const query of documents) {
  met = false;
  const found = fault(query);
  const expected = found === undefined;
  if (expected) valid += 1;
  // Nothing is executed, as no operation has this name, which is found after validation.
  const { answer } = await ask({ query, operationName: 'NothingOfThisName' });
  const refusals = (answer.errors ?? []).filter(({ message }) => !/has no operation called "NothingOfThisName"/.test(message));
  const isLimit = refusals.some(({ extensions }) => extensions.code === 'LIMIT_EXCEEDED') || (met && refusals.length > 0 && refusals.every(isOfScalar));
  if (!isLimit && expected !== (refusals.length === 0)) {
    faults.push(`graphql-js ${expected ? 'takes' : 'refuses'} what the service ${expected ? 'refuses' : 'takes'}: ${query.slice(0, 600)} ${JSON.stringify(refusals.slice(0, 2))} ${found ?? ''}`);
  }
}
judge(`graphql-js: the same verdict on ${documents.length} documents, ${valid} of them valid`, faults.slice(0, 20));
