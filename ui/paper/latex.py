"""
Writes a table for a LaTeX document, with the rules of the package booktabs.
"""

import re
from collections.abc import Mapping, Sequence

SIGNS = {
    "\\": r"\textbackslash{}",
    **{sign: f"\\{sign}" for sign in "{}$&#_%"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "−": "$-$",
    "–": "--",
    "—": "---",
    "…": r"\ldots{}",
    "→": r"$\rightarrow$",
    "▲": r"$\uparrow$",
    "▼": r"$\downarrow$",
    "≥": r"$\geq$",
    "≤": r"$\leq$",
    "±": r"$\pm$",
    "\u00a0": "~",
}
_SIGN = re.compile("|".join(map(re.escape, SIGNS)))
_FIGURE = re.compile(r"[+−-]?[\d,.]+( %)?|[+−-]?[\d,.]+ \(.*\)|[\d,.]+ → [\d,.]+|–|")


def escaped(text: str) -> str:
    r"""Return a text as LaTeX prints it, on one line.

    >>> escaped("50 % of R&D_x"), escaped("a\\b {c} ~ ^")
    ('50 \\% of R\\&D\\_x', 'a\\textbackslash{}b \\{c\\} \\textasciitilde{} \\textasciicircum{}')
    >>> escaped("−1.0 (−2.1 … +0.3)"), escaped("two\nlines")
    ('$-$1.0 ($-$2.1 \\ldots{} +0.3)', 'two lines')
    """
    return " ".join(_SIGN.sub(lambda found: SIGNS[found[0]], text).split())


def latex_table(rows: Sequence[Mapping[str, object]], caption: str, label: str) -> str:
    r"""Return a table with a caption; columns of figures are set to the right, other columns to the left.

    Parameters
    ----------
    rows : the cells by column; all rows have the columns of the first
    label : what \ref names, after "tab:"
    """
    columns = list(rows[0]) if rows else []
    cells = [["" if row[name] is None else str(row[name]) for name in columns] for row in rows]
    sides = "".join("r" if all(_FIGURE.fullmatch(row[j]) for row in cells) else "l" for j in range(len(columns)))
    lines = [_line(row) for row in cells]
    if cells and cells[-1][0] == "macro":
        lines.insert(-1, r"\midrule")
    body = "\n".join(lines)
    return rf"""% \usepackage{{booktabs}}
\begin{{table}}
\centering
\caption{{{escaped(caption)}}}
\label{{tab:{label}}}
\begin{{tabular}}{{{sides}}}
\toprule
{_line(columns)}
\midrule
{body}
\bottomrule
\end{{tabular}}
\end{{table}}
"""


def _line(cells: Sequence[str]) -> str:
    return " & ".join(map(escaped, cells)) + r" \\"
