"""The growth of time and memory as a picture, readable on a light and on a dark ground."""
import math

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #444 }
.grid { stroke: #bbb; stroke-width: 1 } .a { stroke: #0b62a8; fill: #0b62a8 } .b { stroke: #b3470b; fill: #b3470b }
polyline { fill: none !important; stroke-width: 2.5 } text.a, text.b { stroke: none }
@media (prefers-color-scheme: dark) { text { fill: #ccc } .grid { stroke: #555 }
.a { stroke: #6cb6f5; fill: #6cb6f5 } .b { stroke: #f0965a; fill: #f0965a } }
"""
HEIGHT, WIDTH, TOP, BOTTOM = 340, 430, 50, 280


def powers(values):
    """The powers of ten around values above 0."""
    return range(math.floor(math.log10(min(values))), math.ceil(math.log10(max(values))) + 1)


def panel(left, title, lines, ticks, unit):
    """Lines of (x from 0 to 1, value); both axes are logarithmic, or the lower one has places of its own."""
    values = [value for points in lines.values() for _, value in points]
    tens = powers(values)
    right = left + WIDTH - 110

    def across(part):
        return left + part * (right - left)

    def up(value):
        return BOTTOM - (math.log10(value) - tens[0]) / (len(tens) - 1) * (BOTTOM - TOP)

    yield f'<text x="{left}" y="24" font-weight="600" style="font-weight:600">{title}</text>'
    for ten in tens:
        yield f'<line class="grid" x1="{left}" x2="{right}" y1="{up(10**ten):.1f}" y2="{up(10**ten):.1f}"/>'
        yield f'<text x="{left - 8}" y="{up(10**ten) + 4:.1f}" text-anchor="end">{10.0**ten:g} {unit}</text>'
    for part, label in ticks:
        yield f'<text x="{across(part):.1f}" y="{BOTTOM + 22}" text-anchor="middle">{label}</text>'
    for (name, kind), points in lines.items():
        places = [(across(part), up(value)) for part, value in points]
        yield f'<polyline class="{kind}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in places)}"/>'
        yield from (f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in places)
        yield f'<text class="{kind}" x="{places[-1][0] + 10:.1f}" y="{places[-1][1] + 4:.1f}">{name}</text>'


def drawn(points):
    """An SVG of processor seconds by rows and by the share of changed rows."""
    rows = sorted({point["at"] for point in points if point["axis"] == "rows"})
    shares = sorted({point["at"] for point in points if point["axis"] == "changed"})
    spread = max(len(rows) - 1, 1)
    by_rows = {(f"{'first load' if what == 'A' else 'next night'}", what.lower()): [
        (rows.index(point["at"]) / spread, point["processor"]) for point in points
        if point["axis"] == "rows" and point["what"] == what] for what in "AB"}
    by_share = {("next night", "b"): [(shares.index(point["at"]) / max(len(shares) - 1, 1), point["processor"])
                                      for point in points if point["axis"] == "changed"]}
    parts = [*panel(60, "Seconds of processors, by rows", by_rows,
                    [(at / spread, f"{count:,}") for at, count in enumerate(rows)], "s")]
    if shares:
        parts += panel(60 + WIDTH + 30, "and by the share of changed rows", by_share,
                       [(at / max(len(shares) - 1, 1), f"{share:.4g} %") for at, share in enumerate(100 * one for one in shares)], "s")
    width = 60 + WIDTH * (2 if shares else 1) + 30
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" role="img">'
            f"<title>How the time of an import grows</title><style>{STYLE}</style>\n" + "\n".join(parts) + "\n</svg>\n")
