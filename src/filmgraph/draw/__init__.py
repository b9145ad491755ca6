"""Pictures of lineages: `picture_of` says what to show, `lineage_svg` shows it, `drawn` makes files of it."""

from filmgraph.draw.files import FORMATS, draw_entity, drawn, format_of, rendered
from filmgraph.draw.picture import Mood, Picture, Tie, Work, franchise_picture, narrowed, picture_of
from filmgraph.draw.style import Theme, stylesheet
from filmgraph.draw.svg import Links, lineage_svg
from filmgraph.draw.wave import Wave, wave_svg

__all__ = [
    "FORMATS",
    "Links",
    "Mood",
    "Picture",
    "Theme",
    "Tie",
    "Wave",
    "Work",
    "draw_entity",
    "drawn",
    "format_of",
    "franchise_picture",
    "lineage_svg",
    "narrowed",
    "picture_of",
    "rendered",
    "stylesheet",
    "wave_svg",
]
