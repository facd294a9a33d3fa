import type { Document } from './document.js';

/** An error of a response, as the GraphQL specification writes it. */
export interface ResponseError {
  message: string;
  path?: (string | number)[];
  locations?: { line: number; column: number }[];
  extensions?: { code?: string; outcome?: 'COMMITTED' | 'NOT_COMMITTED' | 'UNKNOWN' } & Record<string, unknown>;
}

/** What a response holds: data, errors, or both where a part failed. */
export interface Response<Data> {
  data?: Data | null;
  errors?: ResponseError[];
}

/** A request that was refused, or an answer of which a part failed. */
export class ThroughlineError<Data = unknown> extends Error {
  constructor(
    message: string,
    /** The HTTP status. */
    readonly status: number,
    readonly errors: ResponseError[],
    /** The parts that did not fail. */
    readonly data: Data | null,
  ) {
    super(message);
    this.name = 'ThroughlineError';
  }

  /** The stable code of the first error, such as NOT_FOUND. */
  get code(): string | undefined {
    return this.errors[0]?.extensions?.code;
  }
}

/** A mutation that the state of the thread does not allow: a conflict, or data that breaks shapes or rules. */
export class RefusedError<E extends UserError = UserError> extends Error {
  constructor(readonly errors: readonly E[]) {
    super(errors.map((error) => error.message).join('\n'));
    this.name = 'RefusedError';
  }
}

/** What all errors in the payload of a mutation have. */
export interface UserError {
  code: 'BAD_INPUT' | 'CONFLICT' | 'SHAPE_VIOLATION';
  message: string;
}

export interface ClientOptions {
  /** The service, such as http://127.0.0.1:7300. */
  url: string;
  /** Sent with every request, such as `authorization`. */
  headers?: Record<string, string>;
  /** Another fetch than the global one. */
  fetch?: typeof fetch;
}

/** The connection of a field that is read in pages. */
export interface Connection<Node> {
  nodes: Node[];
  pageInfo: { hasNextPage: boolean; endCursor?: string | null };
}

type Given<Variables> = Record<string, never> extends Variables ? [variables?: Variables] : [variables: Variables];

/** A client of one service. */
export class Client {
  readonly #endpoint: string;
  readonly #headers: Record<string, string>;
  readonly #fetch: typeof fetch;

  constructor(options: ClientOptions) {
    this.#endpoint = new URL('/graphql', options.url).href;
    this.#headers = options.headers ?? {};
    this.#fetch = options.fetch ?? fetch;
  }

  /** Asks, and returns data and errors as they come. */
  async ask<Data, Variables>(document: Document<Data, Variables>, ...given: Given<Variables>): Promise<Response<Data>> {
    return (await this.#send(document, given[0])).response;
  }

  /** Asks, and returns the data; throws a `ThroughlineError` where any of it failed. */
  async request<Data, Variables>(document: Document<Data, Variables>, ...given: Given<Variables>): Promise<Data> {
    const { status, response } = await this.#send(document, given[0]);
    const { data = null, errors = [] } = response;
    if (errors.length > 0 || data === null) {
      throw new ThroughlineError(errors[0]?.message ?? `the service answered ${status}`, status, errors, data);
    }
    return data;
  }

  /** Reads all items of a connection, page by page. `pick` finds the connection in the data. */
  async *pages<Data, Variables extends { after?: string | null | undefined }, Node>(
    document: Document<Data, Variables>,
    variables: Variables,
    pick: (data: Data) => Connection<Node> | null | undefined,
  ): AsyncGenerator<Node> {
    let after = variables.after ?? null;
    for (;;) {
      const page = pick(await this.request(document, ...([{ ...variables, after }] as unknown as Given<Variables>)));
      if (!page) return;
      yield* page.nodes;
      if (!page.pageInfo.hasNextPage || !page.pageInfo.endCursor) return;
      after = page.pageInfo.endCursor;
    }
  }

  async #send<Data, Variables>(document: Document<Data, Variables>, variables: Variables | undefined) {
    const answer = await this.#fetch(this.#endpoint, {
      method: 'POST',
      headers: { ...this.#headers, 'content-type': 'application/json', accept: 'application/graphql-response+json' },
      body: JSON.stringify({ query: document.text, variables: variables ?? {} }),
    });
    const text = await answer.text();
    try {
      return { status: answer.status, response: JSON.parse(text) as Response<Data> };
    } catch {
      throw new ThroughlineError(`the service answered ${answer.status} without JSON`, answer.status, [], null);
    }
  }
}

/** Returns the payload of a mutation that changed something; throws a `RefusedError` where it changed nothing. */
export function made<Payload extends { errors: readonly UserError[] }>(payload: Payload | null | undefined): Payload {
  if (!payload) throw new Error('the answer has no such payload');
  if (payload.errors.length > 0) throw new RefusedError(payload.errors);
  return payload;
}
