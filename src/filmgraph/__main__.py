"""`python -m filmgraph` is the command line."""

from filmgraph.cli import main

main()
