"""VNN-LIB text as tokens with places: parentheses, brackets, numbers, names, operators, strings.

Two grammars share these tokens: VNN-LIB 1.0, which is a fragment of SMT-LIB 2, and VNN-LIB 2.0 (grammar.cf of the
standard).  A token is its text and its offset; line and column are computed only for a message.  A number is a token
from its sign to its exponent, so `-5.0` is one token and `- 5.0` are two.  `forms` finds the top-level parentheses, so
that everything after it may rely on their balance.

Keywords (`:status`) and quoted symbols (`|a b|`) of SMT-LIB stand in commands that are passed over, `set-info` for one.

More generous than the 2.0 grammar: numbers may have an exponent, a plus sign, or nothing on one side of the point.
Cost: one regular-expression match a token.  Not done here: what the tokens mean.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple, NoReturn

from exactrelu.errors import QueryFormatError

__all__ = ["Form", "Source", "Token"]

_TOKEN = re.compile(
    r"""(?: \s+ | ;[^\n]* )+
    | (?P<token>
        [()\[\],]
      | "[^"\n]*"
      | <[0-9]+\.[0-9]+>
      | [-+]? (?: [0-9]+ \.? [0-9]* | \.[0-9]+ ) (?: [eE][-+]?[0-9]+ )? (?! [A-Za-z0-9_.] )
      | <= | >= | => | == | != | [-<>=+*/]
      | [A-Za-z_] [A-Za-z0-9_.-]*
      | :[A-Za-z0-9_.-]+ | \|[^|\\]*\|
    )""",
    re.VERBOSE,
)


class Token(NamedTuple):
    """A piece of text and where it begins."""

    text: str
    offset: int


class Form(NamedTuple):
    """A top-level parenthesis: the tokens from "(" to its ")", and the keyword after the "("."""

    keyword: str
    tokens: list[Token]


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a query and the name of its file, for messages."""

    text: str
    name: str

    def line(self, offset: int) -> int:
        """Return the line, from 1, of a place in the text."""
        return self.text.count("\n", 0, offset) + 1

    def fail(self, offset: int, message: str) -> NoReturn:
        """Raise QueryFormatError for a place in the text."""
        line, column = self.line(offset), offset - self.text.rfind("\n", 0, offset)
        raise QueryFormatError(f"{self.name}:{line}:{column}: {message}", line, column)

    def tokens(self) -> list[Token]:
        """Return all tokens; comments and blanks are left out."""
        found: list[Token] = []
        position, text, match = 0, self.text, _TOKEN.match
        while position < len(text):
            piece = match(text, position)
            if piece is None:
                self.fail(position, f"{text[position : position + 12].split()[0]!r} cannot begin a token here")
            if piece["token"] is not None:
                found.append(Token(piece["token"], position))
            position = piece.end()
        return found

    def forms(self) -> list[Form]:
        """Return the top-level parentheses in order.

        Raises:
            QueryFormatError: text outside parentheses, a parenthesis without partner, one without a keyword, or an
                empty file.
        """
        tokens = self.tokens()
        if not tokens:
            self.fail(0, "the file is empty; a query has declarations and at least one (assert ...)")
        forms: list[Form] = []
        opened: list[int] = []
        for index, token in enumerate(tokens):
            if token.text == "(":
                opened.append(index)
            elif not opened:
                self.fail(token.offset, f"{token.text!r} stands outside parentheses")
            elif token.text == ")":
                first = opened.pop()
                if not opened:
                    if index == first + 1:
                        self.fail(token.offset, "() is empty; a keyword is needed")
                    forms.append(Form(tokens[first + 1].text, tokens[first : index + 1]))
        if opened:
            self.fail(tokens[opened[-1]].offset, "this parenthesis is never closed")
        return forms
