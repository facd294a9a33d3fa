// Starts GraphiQL on the service that this page came from. The address may give a query, its variables and the name of an operation; none
// of them is run before somebody asks for it.
(() => {
  const asked = new URLSearchParams(location.search);
  const given = (name) => asked.get(name) ?? undefined;
  const fetcher = GraphiQL.createFetcher({ url: location.pathname, subscriptionUrl: location.origin.replace(/^http/, 'ws') + location.pathname });
  const page = React.createElement(GraphiQL, {
    fetcher,
    query: given('query'),
    variables: given('variables'),
    operationName: given('operationName'),
    defaultQuery: '# The thread as it is at the head of main. Ctrl-Space completes, Ctrl-Enter runs.\n{\n  thread {\n    watermark\n  }\n}\n',
    shouldPersistHeaders: false,
    // Tabs and history of one thread of the service do not open in another.
    storage: GraphiQL.createLocalStorage({ namespace: `graphiql ${location.pathname}` }),
  });
  ReactDOM.createRoot(document.getElementById('graphiql')).render(page);
})();
