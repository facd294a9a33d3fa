// The schema as graphql-js 16 and 17 read it: printed, introspected, and the same either way.
import * as graphql16 from 'graphql';
import * as graphql17 from 'graphql-17';
import { ask, judge, printedSchema } from './judge.mjs';

const printed = await printedSchema();
for (const graphql of [graphql16, graphql17]) {
  const faults = [];
  const built = graphql.buildSchema(printed);
  faults.push(...graphql.validateSchema(built).map(String));
  const options = { specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true, inputValueDeprecation: true, oneOf: true };
  const { answer } = await ask({ query: graphql.getIntrospectionQuery(options) });
  faults.push(...(answer.errors ?? []).map(({ message }) => message));
  const introspected = graphql.buildClientSchema(answer.data);
  faults.push(...graphql.validateSchema(introspected).map(String));
  // Once more through introspection, which must add and lose nothing.
  const again = graphql.buildClientSchema(graphql.introspectionFromSchema(introspected));
  const texts = [built, introspected, again].map((schema) => graphql.printSchema(graphql.lexicographicSortSchema(schema)).split('\n'));
  const [lines, ...others] = texts;
  for (const [place, other] of others.entries()) {
    const known = new Set(other);
    const own = new Set(lines);
    const differing = [...lines.filter((line) => !known.has(line)), ...other.filter((line) => !own.has(line))];
    if (lines.length !== other.length || differing.length > 0) {
      faults.push(`${['introspected', 'round trip'][place]}: ${lines.length} and ${other.length} lines`, ...differing.slice(0, 20));
    }
  }
  judge(`graphql-js ${graphql.version}: the schema printed, validated and introspected`, faults);
}
