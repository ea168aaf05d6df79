"""Text and names as LaTeX takes them.

:func:`tex` escapes text so that any LaTeX prints it as it stands, in ASCII alone: what has no
command of its own stands by its code point in a box. :func:`macro` gives a key a name of letters,
two keys never one: a small letter stands for itself, everything else is spelled with a capital,

    .  Dot    -  Dash    _  Line    =  Is    /  By    blank  And    %  Percent    ,  Comma
    :  Colon  (  Open    )  Close   +  Plus  0 to 9  Zero to Nine   A to Z  Upa to Upz

and any other character as ``Code``, its hexadecimal digits as a to p, and ``q``. No spelling is
the beginning of another, so that a name can be read back.
"""

import re

# fmt: off
ACCENTS = {"é": r"\'e", "è": r"\`e", "ö": r'\"o', "ü": r'\"u', "ä": r'\"a'}
GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "η": "eta",
    "θ": "theta", "κ": "kappa", "λ": "lambda", "μ": "mu", "ξ": "xi", "π": "pi", "ρ": "rho",
    "σ": "sigma", "τ": "tau", "φ": "varphi", "Δ": "Delta", "Θ": "Theta", "Φ": "Phi",
}
SIGNS = {
    "±": "pm", "×": "times", "↓": "downarrow", "↑": "uparrow", "≥": "geq", "≤": "leq",
    "†": "dagger", "→": "rightarrow", "≫": "gg", "≪": "ll", "≡": "equiv", "·": "cdot",
    "∞": "infty", "√": "surd", "∘": "circ", "≈": "approx", "∅": "emptyset",
}
# fmt: on
TEX = {
    "\\": r"\textbackslash{}",
    **{mark: "\\" + mark for mark in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\char34{}",  # \textquotedbl is not in the encoding that LaTeX begins with
    "−": r"$-$",
    "–": "--",
    "—": "---",
    "“": "``",
    "”": "''",
    "’": "'",
    "…": r"\dots{}",
    "²": r"\textsuperscript{2}",
    "⁻": r"\textsuperscript{$-$}",
    "\u00a0": "~",
    "\u202f": r"\,",
    **ACCENTS,
    **{mark: rf"$\{name}$" for mark, name in (GREEK | SIGNS).items()},
    **{mark: rf"\textsuperscript{{{digit}}}" for digit, mark in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
}
LIGATURE = re.compile(r"(?<=[-`'?!,])(?=[-`',])|(?<=[?!])(?=`)")
DIGITS = ("Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
# fmt: off
NAMES = {
    ".": "Dot", "-": "Dash", "_": "Line", "=": "Is", "/": "By", " ": "And", "%": "Percent",
    ",": "Comma", ":": "Colon", "(": "Open", ")": "Close", "+": "Plus",
    **dict(zip("0123456789", DIGITS)),
    **{letter.upper(): f"Up{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"},
}
# fmt: on


def tex(text: str) -> str:
    """Text with every character that LaTeX reads otherwise escaped, on one line.

    A leading bracket is put in braces, since after a line's end LaTeX takes it for an argument;
    so is a star. Marks that would join, such as two hyphens, are kept apart.
    """
    line = LIGATURE.sub("\0", " ".join(text.split()))
    escaped = "".join(_one(mark) for mark in line)
    return f"{{{escaped[0]}}}{escaped[1:]}" if escaped[:1] in ("[", "*") else escaped


def _one(mark: str) -> str:
    if mark == "\0":
        return "{}"
    if mark in TEX:
        return TEX[mark]
    if " " <= mark <= "~":
        return mark
    return rf"\fbox{{\tiny U+{ord(mark):04X}}}"


def macro(key: str) -> str:
    r"""The name of a key's own macro, with ``\Patina`` before it."""
    return r"\Patina" + "".join(_letter(mark) for mark in key)


def _letter(mark: str) -> str:
    if "a" <= mark <= "z":
        return mark
    if mark in NAMES:
        return NAMES[mark]
    return "Code" + "".join("abcdefghijklmnop"[int(d, 16)] for d in f"{ord(mark):x}") + "q"
