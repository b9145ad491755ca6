"""The pages. `filmgraph.web.pages.routes` is all that the application takes from here."""
