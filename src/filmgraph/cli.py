"""The command line. Each command is a few lines over the layer that does the work.

Exit codes: 0 all went well; 1 something in the input was refused (the rest was done); 2 the command could
not be carried out.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from rich.markup import escape

from filmgraph.catalog import Catalog, load_catalog, read_catalog
from filmgraph.documents import expected, read
from filmgraph.draw import Theme, draw_entity, format_of
from filmgraph.errors import DocumentError, FilmgraphError, NotFoundError
from filmgraph.evaluate import format_report
from filmgraph.evaluation import Evaluation
from filmgraph.explain import explain as explained
from filmgraph.export import FORMATS
from filmgraph.export import export as export_graph
from filmgraph.extractor import Extractor, Rules
from filmgraph.extractors import Choice, extractor_options
from filmgraph.index import LineageIndex
from filmgraph.ingest import Progress as IngestProgress
from filmgraph.ingest import ingest as ingest_documents
from filmgraph.memory import loading
from filmgraph.model import Document, Entity, EntityKind, Relation
from filmgraph.reader import Reader
from filmgraph.recommend import recommend as recommend_films
from filmgraph.reliability import diagram, rates_record
from filmgraph.search import NameIndex
from filmgraph.settings import Settings, seed_dir
from filmgraph.stages import STAGES
from filmgraph.store import Store, open_store
from filmgraph.terminal import (
    counting,
    entity_record,
    err,
    lineage_record,
    out,
    path_record,
    print_json,
    progress_bar,
    recommendation_record,
    show_counts,
    show_edges,
    show_lineage,
    show_recommendations,
    show_refused,
    show_strongest,
    show_tokens,
    token_record,
)
from filmgraph.tokens import ROLES, Tokens
from filmgraph.transfer import copy as copy_graph
from filmgraph.wording import label

SAME_NAME = 0.7
"""How like a name must be to what was asked for to be taken without asking back."""

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
store_option = click.option(
    "--store", "store_url", help="The graph's file or address.  [default: FILMGRAPH_STORE, or filmgraph.db]"
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="filmgraph")
def cli() -> None:
    """Read film reviews; ask where a film comes from and what came of it."""


def main() -> None:
    """Run the command line; every FilmgraphError ends in one clear line and exit code 2."""
    try:
        cli()
    except FilmgraphError as error:
        err.print(f"filmgraph: {error}", style="red", markup=False, soft_wrap=True)
        sys.exit(2)


# ── what comes in ───────────────────────────────────────────────────────────────────────────


@cli.group()
def catalog() -> None:
    """Films, people, franchises and works that names are linked to."""


@catalog.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@store_option
def catalog_import(paths: tuple[Path, ...], store_url: str | None) -> None:
    """Import catalogues: a directory or file of IMDb datasets, MovieLens, or seed tables.

    Importing again updates what changed and never duplicates.
    """
    with _open(store_url) as store:
        _import(store, paths)


@cli.command()
@click.argument("sources", nargs=-1, required=True)
@click.option(
    "--catalog", "catalog_path", type=click.Path(exists=True, path_type=Path), help="Import this first."
)
@extractor_options
@store_option
@as_json
def ingest(
    sources: tuple[str, ...],
    catalog_path: Path | None,
    choice: Choice,
    store_url: str | None,
    as_json: bool,
) -> None:
    """Read reviews into the graph: files, folders, globs, URLs, or - for standard input.

    Ingesting twice changes nothing; an interrupted run is resumed by running it again.
    """
    settings = _settings(store_url)
    with open_store(settings.store) as store, choice.open() as extractor:
        _prepare_catalog(store, catalog_path)
        progress, refused = _ingest(store, sources, settings, extractor)
        counts = store.stats()
    if as_json:
        done = {"read": progress.read, "known": progress.known, "unread": progress.unread, "refused": refused}
        print_json(done | {"graph": counts})
    else:
        unread = f"{progress.unread} to be read again, " if progress.unread else ""
        out.print(
            f"{progress.read} read, {progress.known} already known, {unread}{refused} refused; "
            f"{progress.claims} claims found with {progress.evidence} quotes"
        )
        show_counts(counts)
    sys.exit(1 if refused or progress.unread else 0)


@cli.command()
@click.argument("sources", nargs=-1, required=True)
@click.option(
    "--catalog",
    "catalog_path",
    type=click.Path(exists=True, path_type=Path),
    help="Link names to these films.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write here, not to standard output.",
)
@extractor_options
@click.option(
    "--explain", is_flag=True, help="Say what decided each claim and each link, in words on a terminal."
)
@click.option(
    "--format", "form", type=click.Choice(["json", "text"]),
    help="JSON lines, or an explanation in words.  [default: json, but text to explain on a terminal]",
)  # fmt: skip
def extract(
    sources: tuple[str, ...],
    catalog_path: Path | None,
    output: Path | None,
    choice: Choice,
    explain: bool,
    form: str | None,
) -> None:
    """Read reviews without a store: one JSON line each, in the input's order."""
    on_terminal = output is None and sys.stdout.isatty()
    in_words = form == "text" or (form is None and explain and on_terminal)
    settings = Settings.from_environment()
    refused: list[DocumentError] = []
    unread = 0
    with contextlib.ExitStack() as stack:
        reader = _reader(catalog_path, stack.enter_context(choice.open()))
        file = stack.enter_context(output.open("wb")) if output else sys.stdout.buffer
        documents = _documents(sources, settings, refused)
        if output:
            documents = stack.enter_context(counting(documents, "Reading reviews", expected(sources)))
        for line in reader.extract_all(documents, explain=explain or in_words):
            unread += "incomplete" in line
            text = f"{explained(line)}\n" if in_words else json.dumps(line, ensure_ascii=False)
            file.write(text.encode() + b"\n")
    show_refused(refused)
    if unread:
        err.print(
            f"{unread} reviews are incomplete; run again to have them read, the rest costs nothing then."
        )
    sys.exit(1 if refused or unread else 0)


@cli.command()
@click.argument("review_ids", nargs=-1, required=True)
@store_option
def retract(review_ids: tuple[str, ...], store_url: str | None) -> None:
    """Take reviews back: the graph is as if they had never been read."""
    unknown = 0
    with _open(store_url) as store:
        for review in review_ids:
            if store.retract(review):
                out.print(f"retracted {review}")
            else:
                unknown += 1
                err.print(
                    f"filmgraph: there is no review {review}; `filmgraph export` lists them", style="red"
                )
    sys.exit(1 if unknown else 0)


# ── what can be asked ───────────────────────────────────────────────────────────────────────


@cli.command()
@click.argument("film")
@click.option(
    "--direction", type=click.Choice(["ancestors", "descendants", "both"]), default="both", show_default=True
)
@click.option("--depth", type=click.IntRange(1, 32), default=3, show_default=True)
@click.option("--relation", "relations", multiple=True, type=click.Choice([r.value for r in Relation]))
@click.option("--min-belief", type=click.FloatRange(0, 1), default=0.0)
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Only what critics had written by then.")
@store_option
@as_json
def lineage(
    film: str,
    direction: str,
    depth: int,
    relations: tuple[str, ...],
    min_belief: float,
    limit: int,
    as_of: Any,
    store_url: str | None,
    as_json: bool,
) -> None:
    """Where FILM comes from and what came of it. FILM is a title, "Title (year)" or an id."""
    with _open(store_url, readonly=True) as store:
        entity = _find(store, film)
        index = LineageIndex.build(store, as_of=as_of.date() if as_of else None)
        chosen = tuple(Relation(name) for name in relations) or None
        wanted = ("ancestors", "descendants") if direction == "both" else (direction,)
        found = {
            way: index.lineage(
                entity.id, direction=way, depth=depth, relations=chosen, min_belief=min_belief, limit=limit
            )
            for way in wanted
        }
        if as_json:
            print_json(
                {"of": entity_record(entity)}
                | {way: lineage_record(store, lines) for way, lines in found.items()}
            )
            return
        for way, lines in found.items():
            show_lineage(store, entity, way, lines)


@cli.command()
@click.argument("later")
@click.argument("earlier")
@click.option("-k", "count", type=click.IntRange(1, 20), default=3, show_default=True, help="How many paths.")
@click.option("--max-depth", type=click.IntRange(1, 12), default=6, show_default=True)
@store_option
@as_json
def path(later: str, earlier: str, count: int, max_depth: int, store_url: str | None, as_json: bool) -> None:
    """How LATER comes from EARLIER: the best paths, each hop with a quote."""
    with _open(store_url, readonly=True) as store:
        start, end = _find(store, later), _find(store, earlier)
        paths = LineageIndex.build(store).paths(start.id, end.id, k=count, max_depth=max_depth)
        if as_json:
            print_json([path_record(store, found) for found in paths])
            return
        if not paths:
            out.print(f"No path from {label(start)} to {label(end)} within {max_depth} steps.")
        for found in paths:
            out.print(f"[bold]belief {found.belief:.2f}[/bold]")
            show_edges(store, found.edges)


@cli.command()
@click.argument("liked", nargs=-1, required=True)
@click.option("--disliked", multiple=True, help="A film to keep away from; may be repeated.")
@click.option("-n", "first", type=click.IntRange(1, 100), default=10, show_default=True)
@store_option
@as_json
def recommend(
    liked: tuple[str, ...], disliked: tuple[str, ...], first: int, store_url: str | None, as_json: bool
) -> None:
    """Films for somebody who liked LIKED, each with its reason."""
    with _open(store_url, readonly=True) as store:
        index = LineageIndex.build(store)
        good = [_find(store, name).id for name in liked]
        bad = [_find(store, name).id for name in disliked]
        found = recommend_films(index, store, liked=good, disliked=bad, first=first)
    if as_json:
        print_json([recommendation_record(item) for item in found])
    elif found:
        show_recommendations(found)
    else:
        out.print("Nothing to recommend: no critic has tied these films to others yet.")


@cli.command()
@click.argument("name")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="SVG goes to the terminal without it.",
)
@click.option(
    "--kind",
    type=click.Choice(["lineage", "wave", "franchise"]),
    default="lineage",
    show_default=True,
    help="The lineage of a work, its descendants by year, or the films of a franchise.",
)
@click.option(
    "--direction", type=click.Choice(["ancestors", "descendants", "both"]), default="both", show_default=True
)
@click.option("--depth", type=click.IntRange(1, 32), default=3, show_default=True)
@click.option("--relation", "relations", multiple=True, type=click.Choice([r.value for r in Relation]))
@click.option("--min-belief", type=click.FloatRange(0, 1), default=0.0)
@click.option(
    "--limit", type=click.IntRange(1, 400), default=40, show_default=True, help="Works on either side."
)
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Only what critics had written by then.")
@click.option("--theme", type=click.Choice(["auto", "light", "dark"]), default="auto", show_default=True)
@store_option
def draw(
    name: str, output: Path | None, theme: Theme, as_of: Any, store_url: str | None, **asked: Any
) -> None:
    """Draw where NAME comes from and what came of it, as SVG, PNG, PDF, DOT or Mermaid by the ending of OUTPUT."""
    form = format_of(output) if output else "svg"
    day = as_of.date() if as_of else None
    with _open(store_url, readonly=True) as store:
        kinds = [EntityKind.FRANCHISE] if asked["kind"] == "franchise" else None
        entity = _find(store, name, kinds)
        index = LineageIndex.build(store, as_of=day)
        drawn = draw_entity(store, index, entity, form, theme=theme, as_of=day, **asked)
    if output:
        output.write_bytes(drawn)
        err.print(f"{label(entity)}: {output}", markup=False)
    else:
        click.echo(drawn.decode())


@cli.command("export")
@click.option("--format", "form", type=click.Choice(sorted(FORMATS)), default="graphml", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False))
@store_option
def export_command(form: str, output: Path | None, store_url: str | None) -> None:
    """The whole graph for other programs; equal graphs give equal bytes."""
    with _open(store_url, readonly=True) as store, contextlib.ExitStack() as stack:
        file = stack.enter_context(output.open("wb")) if output else sys.stdout.buffer
        export_graph(store, form, file)


@cli.command()
@store_option
def migrate(store_url: str | None) -> None:
    """Bring the store up to this program's schema, making it if need be."""
    with _open(store_url) as store:
        out.print(f"The store is up to date, at revision {store.revision()}.")


@cli.command()
@click.argument("source")
@click.argument("target")
def copy(source: str, target: str) -> None:
    """Copy the whole graph of the store SOURCE into TARGET, an empty one, and compare their exports."""
    with open_store(source, readonly=True) as old, open_store(target) as new, progress_bar() as bar:
        task = bar.add_task("Copying reviews", total=old.stats()["reviews"])
        copied = copy_graph(old, new, on_stored=lambda done: bar.update(task, completed=done.reviews))
    out.print(
        f"{copied.entities} catalogued entities, {copied.reviews} reviews and {copied.judgements} judgements copied;"
        f" both stores export the same ({copied.digest})"
    )


@cli.command()
@store_option
def verify(store_url: str | None) -> None:
    """Check the store: its file, its references, every quote and every belief."""
    with _open(store_url, readonly=True) as store:
        problems = store.verify()
    for problem in problems:
        err.print(problem, style="red", markup=False)
    out.print("The store is sound." if not problems else f"{len(problems)} problems.")
    sys.exit(1 if problems else 0)


@cli.command()
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--catalog", "catalog_path", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--stage", "stages", multiple=True, type=click.Choice([*STAGES, "all"]),
    help="Judge this step by itself, and say what a perfect rest would reach; may be repeated.",
)  # fmt: skip
@click.option("--reliability", is_flag=True, help="Say whether confidence and belief mean what they say.")
@click.option(
    "--rates", type=click.Path(dir_okay=False, path_type=Path), help="Write the measured error rates as JSON."
)
@click.option(
    "--plot", type=click.Path(dir_okay=False, path_type=Path), help="Write the reliability diagram as SVG."
)
@click.option("--links", "links_path", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Reviewers' own links.  [default: ../links/reviewer_links.jsonl.gz of DIRECTORY, if there]",
)  # fmt: skip
@click.option("--errors", type=click.IntRange(0), default=0, help="Print that many errors.")
@extractor_options
@as_json
def evaluate(
    directory: Path,
    catalog_path: Path | None,
    stages: tuple[str, ...],
    reliability: bool,
    rates: Path | None,
    plot: Path | None,
    links_path: Path | None,
    errors: int,
    choice: Choice,
    as_json: bool,
) -> None:
    """Precision, recall and F1 over DIRECTORY's docs.jsonl and gold.jsonl."""
    with choice.open() as extractor, progress_bar() as bar:
        reader = _reader(catalog_path, extractor)
        found = Evaluation.of(directory, links_path, lambda items, text: bar.track(items, description=text))
        if stages:
            judged = found.stages(reader, stages)
            text = "\n\n".join(map(str, judged))
            record: Any = [item.to_json() for item in judged]
        elif reliability or plot or rates:
            table = found.reliability(reader)
            text, record = str(table), table.to_json()
            if plot:
                plot.write_text(diagram(table), encoding="utf-8")
            if rates:
                rates.write_text(json.dumps(rates_record(table.rates), indent=2) + "\n")
        else:
            report = found.report(reader)
            text, record = format_report(report, errors=errors), report.to_json()
    if as_json:
        print_json(record)
    else:
        out.print(text, markup=False, soft_wrap=True)


# ── who may ask ─────────────────────────────────────────────────────────────────────────────


@cli.group()
def token() -> None:
    """Bearer tokens for the API: who may read, and who may change the graph."""


@token.command("create")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="read", show_default=True)
@click.option("--days", type=click.FloatRange(min=0, min_open=True), help="How long it is worth something.")
def token_create(name: str, role: str, days: float | None) -> None:
    """Make a token for NAME, who is on record for what is done with it. It is shown this once."""
    made = Tokens(Settings.from_environment().tokens).create(name, role, days=days)
    err.print("Keep it well: only its hash is stored.", style="dim")
    click.echo(made)


@token.command("list")
@as_json
def token_list(as_json: bool) -> None:
    """Every token there has been: id, name, role and whether it is valid."""
    found = Tokens(Settings.from_environment().tokens).all()
    if as_json:
        print_json([token_record(item) for item in found])
    else:
        show_tokens(found)


@token.command("revoke")
@click.argument("ids", nargs=-1, required=True)
def token_revoke(ids: tuple[str, ...]) -> None:
    """Let tokens be worth nothing from now on, by their id."""
    tokens = Tokens(Settings.from_environment().tokens)
    for id in ids:
        out.print(f"revoked {id}, the token of {escape(tokens.revoke(id).name)}")


# ── serving ─────────────────────────────────────────────────────────────────────────────────


@cli.command()
@click.option("--host", help="Address to listen on.  [default: FILMGRAPH_HOST, or 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="[default: FILMGRAPH_PORT, or 8000]")
@store_option
def serve(host: str | None, port: int | None, store_url: str | None) -> None:
    """Serve the GraphQL API."""
    settings = _settings(store_url)
    _serve(settings, host or settings.host, settings.port if port is None else port)


@cli.command()
@click.option("--host", help="Address to listen on.  [default: FILMGRAPH_HOST, or 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="[default: FILMGRAPH_PORT, or 8000]")
@click.option("--no-serve", is_flag=True, help="Stop after the summary.")
@click.option("--store", "store_url", default="demo.db", show_default=True)
def demo(host: str | None, port: int | None, no_serve: bool, store_url: str) -> None:
    """The two-minute tour: the seed catalogue and reviews, then the server."""
    settings = _settings(store_url)
    with open_store(settings.store) as store:
        _import(store, [seed_dir()])
        _, refused = _ingest(store, [str(seed_dir() / "reviews")], settings, Rules())
        show_counts(store.stats())
        show_strongest(store, 3)
    if no_serve:
        sys.exit(1 if refused else 0)
    address, number = host or settings.host, settings.port if port is None else port
    out.print(f"\nThe pages are at [bold]http://{address}:{number}/[/bold]")
    out.print(f"GraphQL is at [bold]http://{address}:{number}/graphql[/bold]. Three queries to paste:\n")
    for query in DEMO_QUERIES:
        out.print(f"  {query}\n", markup=False, soft_wrap=True)
    out.print("Ctrl-C ends the demo.")
    _serve(settings.replace(log_level="warning", log_format="text"), address, number)


DEMO_QUERIES = (
    '{ film(title: "John Wick") { name year '
    "lineage(direction: DESCENDANTS) { nodes { generation entity { name year } } } } }",
    '{ recommendations(liked: ["film:tt2911666"], first: 5) '
    "{ film { name year } reason { sentence quotes } } }",
    "{ mostInfluential(metric: DESCENDANTS, first: 5) { entity { name year } value } }",
)


def _serve(settings: Settings, host: str, port: int) -> None:
    from filmgraph.server import serve

    serve(settings, host, port)


# ── shared steps ────────────────────────────────────────────────────────────────────────────


def _settings(store_url: str | None) -> Settings:
    settings = Settings.from_environment()
    return settings.replace(store=store_url) if store_url else settings


def _open(store_url: str | None, *, readonly: bool = False) -> Store:
    return open_store(_settings(store_url).store, readonly=readonly)


def _import(store: Store, paths: Iterable[Path]) -> None:
    for source in paths:
        with counting(read_catalog(source), f"Importing {source.name}") as entities:
            report = store.import_entities(entities, source=source.name)
        err.print(
            f"{source.name}: {report.added} added, {report.updated} updated, {report.unchanged} unchanged, "
            f"{report.merged} provisional entities merged"
        )


def _prepare_catalog(store: Store, path: Path | None) -> None:
    if path:
        _import(store, [path])
    elif next(store.iter_entities(catalogued_only=True), None) is None:
        err.print("The store has no catalogue yet; importing the seed (see `filmgraph catalog import`).")
        _import(store, [seed_dir()])


def _reader(catalog_path: Path | None, extractor: Extractor) -> Reader:
    """A reader with the catalogue at a path, or the seed's."""
    with loading():
        return Reader(load_catalog(catalog_path or seed_dir()), extractor)


def _ingest(
    store: Store, sources: Sequence[str], settings: Settings, extractor: Extractor
) -> tuple[IngestProgress, int]:
    refused: list[DocumentError] = []
    with progress_bar() as bar:
        task = bar.add_task("Preparing the catalogue", total=expected(sources))
        with loading():
            reader = Reader(Catalog(store.iter_entities(catalogued_only=True)), extractor)
        bar.update(task, description="Reading reviews")

        def show(progress: IngestProgress) -> None:
            bar.update(task, completed=progress.documents)

        documents = _documents(sources, settings, refused)
        progress = ingest_documents(documents, store, reader, on_stored=show, on_error=refused.append)
    show_refused(refused)
    return progress, len(refused)


def _documents(
    sources: Iterable[str], settings: Settings, refused: list[DocumentError]
) -> Iterator[Document]:
    return read(sources, settings, on_error=refused.append, stdin=sys.stdin.buffer)


def _find(store: Store, name: str, kinds: Sequence[EntityKind] | None = None) -> Entity:
    """The film (or other entity) that `name` means best: an id, "Title (year)" or a title."""
    if ":" in name and (entity := store.entity(name)):
        return entity
    title, _, rest = name.partition(" (")
    year = int(rest[:4]) if rest[:4].isdigit() else None
    named = [entity for entity in store.named(title, kinds) if year in (None, entity.year)]
    exact = [entity for entity in named if entity.name.lower() == title.lower()]
    ranked = exact or named or _like(store, name, title, year, kinds)
    return min(ranked, key=lambda entity: not entity.id.startswith(EntityKind.FILM))


def _like(
    store: Store, name: str, title: str, year: int | None, kinds: Sequence[EntityKind] | None
) -> list[Entity]:
    """What is called nearly so; NotFoundError with what comes nearest when that is not near enough."""
    hits = NameIndex.build(store).search(title, kinds)
    found = store.entities(hit.entity for hit in hits)
    alike = [found[hit.entity] for hit in hits if hit.score >= SAME_NAME]
    if dated := [entity for entity in alike if year in (None, entity.year)]:
        return dated
    near = "; ".join(label(entity) for entity in list(found.values())[:3])
    raise NotFoundError(f"nothing is called {name!r}" + (f"; did you mean {near}?" if near else ""))
