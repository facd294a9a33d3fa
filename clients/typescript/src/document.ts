/** A GraphQL document that carries the types of its data and of its variables. */
export interface Document<Data, Variables> {
  readonly text: string;
  /** Never there: it only keeps the types. */
  readonly types?: (variables: Variables) => Data;
}

/** Gives a document its types; for documents of your own, generate them as `codegen.json` does. */
export function document<Data, Variables = Record<string, never>>(text: string): Document<Data, Variables> {
  return { text };
}
