// GraphiQL over this server, with the documentation's queries.

const examples = [...document.querySelectorAll("template[data-example]")].map((one) => ({
  title: one.dataset.example,
  query: one.content.textContent,
  variables: one.dataset.variables,
}));
const fetcher = GraphiQL.createFetcher({ url: "/graphql" });
const root = ReactDOM.createRoot(document.getElementById("graphiql"));

function show(example, key) {
  root.render(
    React.createElement(GraphiQL, {
      key,
      fetcher,
      query: example.query,
      variables: example.variables,
      defaultEditorToolsVisibility: "variables",
      shouldPersistHeaders: false,
    }),
  );
}

document.getElementById("examples").addEventListener("change", (event) => {
  if (event.target.value) show(examples[Number(event.target.value)], event.target.value);
});
show(examples[0], "first");
