"""What the command line shows: progress, tables and lines for people, plain records for programs."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from filmgraph.errors import DocumentError
from filmgraph.index import LineageIndex
from filmgraph.lineage import Edge, Lineage, Path
from filmgraph.model import Entity
from filmgraph.recommend import Recommendation
from filmgraph.store import EvidenceRecord, Store
from filmgraph.tokens import Token
from filmgraph.wording import edge_sentence, label, name_of

__all__ = [
    "counting", "entity_record", "err", "lineage_record", "out", "path_record", "print_json", "progress_bar",
    "recommendation_record", "show_counts", "show_edges", "show_lineage", "show_recommendations",
    "show_refused", "show_strongest", "show_tokens", "token_record",
]  # fmt: skip

QUOTE_CHARS = 240
err = Console(stderr=True, highlight=False)
out = Console(highlight=False)

# ── progress and complaints ─────────────────────────────────────────────────────────────────


def progress_bar() -> Progress:
    """A bar on standard error, with the count and the time spent."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err,
    )


@contextlib.contextmanager
def counting(items: Iterable[Any], description: str, total: int | None = None) -> Iterator[Iterator[Any]]:
    """The items, with a bar that moves as they are taken."""
    with progress_bar() as bar:
        yield iter(bar.track(items, total=total, description=description))


def show_refused(refused: list[DocumentError]) -> None:
    for error in refused:
        err.print(f"refused {error}", style="yellow", markup=False, soft_wrap=True)
    if refused:
        some = "1 document was" if len(refused) == 1 else f"{len(refused)} documents were"
        err.print(f"{some} refused; all others were read.")


def token_record(token: Token) -> dict[str, Any]:
    """A token for programs, without its digest."""
    if token.revoked:
        state = "revoked"
    elif not token.is_valid(datetime.now(UTC)):
        state = "expired"
    else:
        state = "until" if token.expires else "valid"
    return {
        "id": token.id,
        "name": token.name,
        "role": token.role,
        "created": token.created,
        "expires": token.expires,
        "state": state,
    }


# ── for people ──────────────────────────────────────────────────────────────────────────────


def show_tokens(tokens: Iterable[Token]) -> None:
    table = Table("id", "name", "role", "made", "", box=None, header_style="bold")
    for token in tokens:
        shown = token_record(token)
        state = shown["state"] + (f" {token.expires:%Y-%m-%d}" if shown["state"] == "until" else "")
        table.add_row(token.id, escape(token.name), token.role, f"{token.created:%Y-%m-%d}", state)
    out.print(table if table.row_count else "There are no tokens; `filmgraph token create NAME` makes one.")


def show_counts(counts: Mapping[str, Any]) -> None:
    table = Table(box=None, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, number in counts.items():
        table.add_row(name.replace("_", " "), f"{number:,}" if isinstance(number, int) else str(number))
    out.print(table)


def show_lineage(store: Store, entity: Entity, way: str, found: Lineage) -> None:
    title = f"{way.capitalize()} of {label(entity)}"
    if not found.edges:
        out.print(f"{title}: none that a critic has named.\n", markup=False)
        return
    out.print(f"[bold]{escape(title)}[/bold]")
    show_edges(store, found.edges)
    if found.left_out:
        out.print(f"  … and {found.left_out:,} more works (raise --limit or --depth)")
    out.print()


def show_edges(store: Store, edges: Iterable[Edge]) -> None:
    """Each edge as a sentence with its belief, the best quote beneath it."""
    edges = list(edges)
    names, evidence = _names(store, edges), _evidence(store, edges)
    for edge in edges:
        out.print(
            f"  {edge_sentence(edge, names, dated=True)}  \\[belief {edge.belief:.2f}]", style="bold cyan"
        )
        said = [record for claim in edge.claims for record in evidence.get(claim, ())]
        for record in said[:1]:
            out.print(Padding(escape(quoted(record)), (0, 0, 0, 6)))


def show_recommendations(found: Iterable[Recommendation]) -> None:
    for number, item in enumerate(found, 1):
        out.print(f"{number:>2}. [bold]{escape(label(item.film))}[/bold]  \\[{item.score:.2f}]")
        out.print(Padding(escape(item.reason.sentence), (0, 0, 0, 4)))
        for record in item.reason.quotes[:1]:
            out.print(Padding(escape(quoted(record)), (0, 0, 0, 6)), style="dim")


def show_strongest(store: Store, count: int) -> None:
    """The works with most descendants, and whom they led to."""
    index = LineageIndex.build(store)
    ranked = index.ranks("descendants", first=count)
    names = store.entities([rank.entity for rank in ranked])
    out.print("\n[bold]The strongest lineages[/bold]")
    for rank in ranked:
        found = index.lineage(rank.entity, direction="descendants", depth=3, limit=8)
        heirs = [node.entity for node in found.nodes if node.generation]
        known = store.entities(heirs)
        text = ", ".join(name_of(heir, known, dated=True) for heir in heirs)
        more = f" and {found.left_out:,} more" if found.left_out else ""
        start = name_of(rank.entity, names, dated=True)
        out.print(f"  [bold]{escape(start)}[/bold] → {escape(text)}{more}", soft_wrap=True)


def quoted(record: EvidenceRecord) -> str:
    """A quote on one line with who says it, and when."""
    quote = " ".join(record.evidence.quote.split())
    shown = quote if len(quote) <= QUOTE_CHARS else quote[: QUOTE_CHARS - 1] + "…"
    year = record.published.year if record.published else None
    by = ", ".join(str(part) for part in (record.reviewer, record.outlet, year) if part)
    return f"“{shown}”" + (f" — {by}" if by else "")


# ── for programs ────────────────────────────────────────────────────────────────────────────


def print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def lineage_record(store: Store, found: Lineage) -> dict[str, Any]:
    names = store.entities([node.entity for node in found.nodes])
    return {
        "nodes": [
            entity_record(names[node.entity]) | {"generation": node.generation, "belief": node.belief}
            for node in found.nodes
        ],
        "edges": _edges(store, found.edges),
        "left_out": found.left_out,
    }


def path_record(store: Store, path: Path) -> dict[str, Any]:
    return {"belief": path.belief, "hops": _edges(store, path.edges)}


def recommendation_record(item: Recommendation) -> dict[str, Any]:
    return {
        "film": entity_record(item.film),
        "score": item.score,
        "reason": item.reason.sentence,
        "quotes": [_quote_record(record) for record in item.reason.quotes],
    }


def _edges(store: Store, edges: Iterable[Edge]) -> list[dict[str, Any]]:
    edges = list(edges)
    evidence = _evidence(store, edges)
    return [
        {
            "subject": edge.subject,
            "relation": edge.relation,
            "object": edge.object,
            "via": edge.via,
            "belief": round(edge.belief, 4),
            "claims": list(edge.claims),
            "quotes": [_quote_record(record) for claim in edge.claims for record in evidence.get(claim, ())],
        }
        for edge in edges
    ]


def entity_record(entity: Entity) -> dict[str, Any]:
    return {"id": entity.id, "name": entity.name, "year": entity.year}


def _quote_record(record: EvidenceRecord) -> dict[str, Any]:
    said = record.evidence
    return {
        "quote": said.quote,
        "polarity": said.polarity,
        "stance": said.stance,
        "reviewer": record.reviewer,
        "outlet": record.outlet,
        "published": record.published,
        "review": said.review,
        "start": said.start,
        "end": said.end,
    }


def _names(store: Store, edges: Iterable[Edge]) -> dict[str, Entity]:
    return store.entities(end for edge in edges for end in (edge.subject, edge.object, edge.via) if end)


def _evidence(store: Store, edges: Iterable[Edge]) -> dict[str, list[EvidenceRecord]]:
    return store.evidence(claim for edge in edges for claim in edge.claims)
