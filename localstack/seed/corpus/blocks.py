"""The intermediate form of a document: runs of text in paragraphs, tables and columns."""

from dataclasses import dataclass, field


@dataclass
class Run:
    """A stretch of text; mark is its label, or None for a separator; an empty text with a mark is a pseudo mark.

    flags: b bold, i italic, c small caps, g grey, s small, l large, k accent colour, x continues the previous mark.
    """

    text: str
    mark: str = None
    flags: str = ""
    link: str = None


@dataclass
class Para:
    """A paragraph; right holds runs set at the right margin of the same line."""

    runs: list
    right: list = None
    style: str = "body"  # name, headline, heading, body, bullet, bullet2
    align: str = "left"
    before: float = 0
    indent: float = 0
    glyph: str = "•"


@dataclass
class Table:
    """Rows of cells, each cell a list of blocks; widths are fractions of the text width."""

    rows: list
    widths: list
    borders: bool = False
    breakable: bool = False  # a row may be longer than a page


@dataclass
class Columns:
    """A page-long pair of columns."""

    sidebar: list
    main: list
    side: str = "left"
    sidebar_first: bool = True
    width: float = 0.3
    shade: bool = False


@dataclass
class Style:
    """How the whole document looks."""

    font: str = "serif"
    size: float = 10.5
    margin: float = 2.0  # cm
    accent: str = "1F3864"
    heading: dict = field(default_factory=dict)
    paper: str = "a4"
    item_gap: float = 1.0
    ligatures: bool = True
    typed_bullets: bool = False


@dataclass
class Document:
    """A whole document; header and footer repeat on each page, {page} and {pages} stand for numbers."""

    blocks: list
    style: Style
    header: str = None
    footer: str = None


def walk_runs(blocks):
    """Yield every run of the blocks in the order of printing."""
    for block in blocks:
        if isinstance(block, Para):
            yield from block.runs
            if block.right:
                yield Run("")
                yield from block.right
        elif isinstance(block, Table):
            for row in block.rows:
                for cell in row:
                    yield from walk_runs(cell)
        elif isinstance(block, Columns):
            first, second = (block.sidebar, block.main) if block.sidebar_first else (block.main, block.sidebar)
            yield from walk_runs(first)
            yield from walk_runs(second)


def marks_of(blocks):
    """List the marks of the blocks in the order of printing."""
    marks = []
    for run in walk_runs(blocks):
        if run.mark is None:
            continue
        if "x" in run.flags and marks and marks[-1][0] == run.mark:
            marks[-1][1] += run.text
        elif run.text.strip() or run.mark.startswith("entry:"):
            marks.append([run.mark, run.text])
    marks = [[label, text.strip()] for label, text in marks]
    return [mark for mark in marks if mark[1] or mark[0].startswith("entry:")]


def has_columns(blocks):
    """Tell whether a page is set in two columns."""
    return any(isinstance(block, Columns) for block in blocks)
