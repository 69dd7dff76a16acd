"""Many pictures on a few pages, each at its own size, with its name over it."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFont

CAPTION = 22
GAP = 12


def pages(pictures, width, height, paper="white", ink="black"):
    """Sheets of at most about width x height, filled row by row.

    Parameters
    ----------
    pictures : sequence of (str, Image)
        In their order; one that is larger than a page has a page to itself.
    """
    rows, row, used = [], [], 0
    for name, picture in pictures:
        if row and used + picture.width > width - GAP:
            rows.append(row)
            row, used = [], 0
        row.append((name, picture))
        used += picture.width + GAP
    rows += [row] if row else []
    sheets, page, used = [], [], 0
    for row in rows:
        high = max(picture.height for _, picture in row) + CAPTION + GAP
        if page and used + high > height:
            sheets.append(_page(page, width, paper, ink))
            page, used = [], 0
        page.append(row)
        used += high
    return sheets + ([_page(page, width, paper, ink)] if page else [])


def _page(rows, width, paper, ink):
    heights = [max(p.height for _, p in row) + CAPTION + GAP for row in rows]
    widths = [sum(p.width + GAP for _, p in row) + GAP for row in rows]
    sheet = Image.new("RGB", (max([width] + widths), sum(heights)), paper)
    pen, font = ImageDraw.Draw(sheet), _font()
    top = 0
    for row, high in zip(rows, heights):
        left = GAP
        for name, picture in row:
            pen.text((left, top + 4), name, fill=ink, font=font)
            sheet.paste(picture, (left, top + CAPTION))
            left += picture.width + GAP
        top += high
    return sheet


def _font():
    try:
        return ImageFont.truetype("DejaVuSans.ttf", 12)
    except OSError:
        return ImageFont.load_default()
