// Every query of the fixtures as a typed document of graphql-codegen, checked by TypeScript.
import { codegen } from '@graphql-codegen/core';
import * as operations from '@graphql-codegen/typescript-operations';
import * as typed from '@graphql-codegen/typed-document-node';
import { parse } from 'graphql';
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { judge, printedSchema, repository } from './judge.mjs';

const folder = path.join(repository, 'fixtures/queries');
const files = fs.readdirSync(folder).filter((name) => name.endsWith('.graphql')).sort();
const schema = parse(await printedSchema());
const faults = [];
const written = [];
for (const name of files) {
  const source = fs.readFileSync(path.join(folder, name), 'utf8');
  // A document without a name has no type: it is named by its file.
  const title = name.replace(/\.graphql$/, '').replace(/(^|-)(\w)/g, (_, __, letter) => letter.toUpperCase());
  const document = parse(source.replace(/^(\s*(?:#.*\n\s*)*)\{/, `$1query ${title} {`).replace(/^(\s*(?:#.*\n\s*)*query)\s*\(/, `$1 ${title}(`));
  try {
    const text = await codegen({
      schema,
      documents: [{ location: name, document }],
      config: { strictScalars: true, scalars: scalars(), enumsAsTypes: true, useTypeImports: true, documentMode: 'documentNode' },
      filename: name.replace(".graphql", ".ts"),
      plugins: [{ operations: {} }, { typed: {} }],
      pluginMap: { operations, typed },
    });
    const file = path.resolve(`typed-${name.replace(/\.graphql$/, '.ts')}`);
    fs.writeFileSync(file, text);
    written.push(file);
  } catch (error) {
    faults.push(`${name}: ${error.message}`);
  }
}
const program = ts.createProgram(written, { strict: true, noEmit: true, skipLibCheck: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler });
for (const { file, start, messageText } of ts.getPreEmitDiagnostics(program)) {
  const at = file ? `${path.basename(file.fileName)}:${file.getLineAndCharacterOfPosition(start).line + 1}: ` : '';
  faults.push(`${at}${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
}
written.forEach((file) => fs.rmSync(file));
judge(`graphql-codegen: ${files.length} typed documents`, faults);

/** Every scalar of the schema is a text or a number in JSON; one that is not named here is a fault. */
function scalars() {
  const own = schema.definitions.filter(({ kind }) => kind === 'ScalarTypeDefinition').map(({ name }) => name.value);
  return Object.fromEntries(own.map((name) => [name, 'string | number']));
}
