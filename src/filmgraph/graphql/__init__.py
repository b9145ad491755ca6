"""GraphQL over HTTP, whatever the schema: requests, prepared documents, execution, answers."""
