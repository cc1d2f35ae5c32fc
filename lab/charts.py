"""Small charts as inline SVG. Colours are classes of the page's style, so that they follow its dark mode."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup, escape

WIDTH = 520
LABEL = 140
BAR = 20
MOST_BARS = 15
TONES = 6


def svg(height: float, inside: Sequence[str], title: str) -> Markup:
    head = f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{escape(title)}">'
    return Markup("".join([head, *inside, "</svg>"]))


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'


def rectangle(x: float, y: float, width: float, height: float, kind: str) -> str:
    size = f'width="{max(width, 0):.1f}" height="{max(height, 0):.1f}"'
    return f'<rect x="{x:.1f}" y="{y:.1f}" {size} rx="3" class="{kind}"/>'


def parts(counts: Sequence[tuple[str, int]]) -> Markup:
    """One bar, parted by count, with a legend below."""
    whole = sum(count for _, count in counts) or 1
    inside, x = [], 0.0
    for index, (_, count) in enumerate(counts):
        width = WIDTH * count / whole
        inside.append(rectangle(x, 0, width - 2, 34, f"tone{index % TONES}"))
        x += width
    for index, (name, count) in enumerate(counts):
        row, column = divmod(index, 3)
        left, top = column * WIDTH / 3, 52 + row * 26
        inside.append(rectangle(left, top, 14, 14, f"tone{index % TONES}"))
        inside.append(text(left + 22, top + 12, f"{name}: {count}"))
    return svg(56 + 26 * ((len(counts) + 2) // 3), inside, "machines by state")


def bars(rows: Sequence[tuple[str, float, float]], limit: float = 0.0) -> Markup:
    """(name, so far, projected) each; a line where the limit is."""
    most = max([limit, *(max(so_far, projected) for _, so_far, projected in rows)]) or 1.0
    scale = (WIDTH - LABEL - 70) / most
    inside = []
    for index, (name, so_far, projected) in enumerate(rows):
        top = index * (BAR + 8)
        over = " over" if limit and projected > limit else ""
        inside += [
            text(LABEL - 10, top + 15, shortened(name), anchor="end"),
            rectangle(LABEL, top, projected * scale, BAR, f"projected{over}"),
            rectangle(LABEL, top, so_far * scale, BAR, f"sofar{over}"),
            text(LABEL + projected * scale + 8, top + 15, f"{projected:.2f}", "number"),
        ]
    height = len(rows) * (BAR + 8)
    if limit:
        x = LABEL + limit * scale
        inside.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{height}" class="limit"/>')
        inside.append(text(x, height + 16, f"limit {limit:.0f}", "number", "middle"))
    return svg(height + 22, inside, "cost so far and projected")


def columns(values: Sequence[tuple[str, float]]) -> Markup:
    """One column a day."""
    return svg(190, list(column_shapes(values)), "spending by day")


def column_shapes(values: Sequence[tuple[str, float]]) -> Iterator[str]:
    most = max(value for _, value in values) or 1.0
    step = WIDTH / len(values)
    width = min(step * 0.7, 60)
    for index, (name, value) in enumerate(values):
        middle = (index + 0.5) * step
        height = 140 * value / most
        yield rectangle(middle - width / 2, 160 - height, width, height, "sofar")
        yield text(middle, 178, name, "number", "middle")
        if step > 26:
            yield text(
                middle, 154 - height, f"{value:,.0f}" if most >= 10 else f"{value:.2f}", "number", "middle"
            )


def shortened(name: str, most: int = 17) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"
