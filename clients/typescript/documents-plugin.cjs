// Writes each operation as a constant that carries the types of its data and variables.
const { print, visit } = require('graphql');

const capital = (name) => name[0].toUpperCase() + name.slice(1);

function fragmentsOf(node, all, found = new Map()) {
  visit(node, {
    FragmentSpread(spread) {
      const name = spread.name.value;
      if (!found.has(name) && all.has(name)) {
        found.set(name, all.get(name));
        fragmentsOf(all.get(name), all, found);
      }
    },
  });
  return found;
}

module.exports.plugin = (_schema, documents) => {
  const definitions = documents.flatMap((file) => file.document.definitions);
  const fragments = new Map(
    definitions.filter((node) => node.kind === 'FragmentDefinition').map((node) => [node.name.value, node]),
  );
  const constant = (operation) => {
    const name = capital(operation.name.value);
    const type = `${name}${capital(operation.operation)}`;
    const text = [operation, ...fragmentsOf(operation, fragments).values()].map(print).join('\n\n');
    return `export const ${name} = document<${type}, ${type}Variables>(${JSON.stringify(text)});`;
  };
  const operations = definitions.filter((node) => node.kind === 'OperationDefinition');
  return {
    prepend: ["import { document } from './document.js';", ''],
    content: operations.map(constant).join('\n'),
  };
};
