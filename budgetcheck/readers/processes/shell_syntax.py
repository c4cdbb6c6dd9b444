"""The structure of a shell script: commands, conditions, loops and functions."""

from dataclasses import dataclass, replace

from budgetcheck.readers.processes.lexing import Part, ShellError, Source, Token, Word, lex

_DEEPEST = 40
_ENDS = frozenset({"then", "else", "elif", "fi", "do", "done", "esac", "}"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """`NAME=value`, `NAME+=value`, `NAME=(a b)`; `word` holds only the value."""

    name: str
    word: Word
    array: tuple[Word, ...] | None = None
    append: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A simple command with the variables set for it; without words the variables are the shell's own."""

    assignments: tuple[Assignment, ...]
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Commands joined by `&&` and `||`, or by pipes; `operators[i]` stands before `parts[i + 1]`."""

    parts: tuple["Node", ...]
    operators: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Branches:
    """`if` with its `elif`s: conditions with what follows them, and the `else`."""

    arms: tuple[tuple["Block", "Block"], ...]
    otherwise: "Block | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """`while`, `until` or `for`; a `for` has a `variable` and no condition."""

    condition: "Block | None"
    body: "Block"
    until: bool = False
    variable: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`case` with its arms: patterns and what they lead to."""

    subject: Word
    arms: tuple[tuple[tuple[Word, ...], "Block"], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function definition."""

    name: str
    body: "Block"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Commands one after the other."""

    nodes: tuple["Node", ...]


Node = Command | Chain | Branches | Repeat | Case | Function | Block


def parse_shell(source: Source) -> Block:
    """The structure of a script, as far as it is understood: what follows a fault is left out."""
    try:
        tokens = lex(source)
    except ShellError:
        return Block(nodes=())
    parser = _Parser(tokens)
    return parser.script()


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    def script(self) -> Block:
        nodes: list[Node] = []
        try:
            while True:
                nodes += self.block().nodes
                if self.at >= len(self.tokens):
                    break
                self.at += 1  # a stray `)` or `done`
        except ShellError:
            pass
        return Block(nodes=tuple(nodes))

    def block(self, *, arm: bool = False) -> Block:
        """Commands up to a closing word, which is left; `arm`: also up to `;;`."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise ShellError("is nested too deep")
        nodes: list[Node] = []
        while self.at < len(self.tokens):
            operator = self._operator()
            if operator in ("\n", ";", "&"):
                self.at += 1
            elif self._at_end(arm=arm):
                break
            else:
                nodes.append(self._chain())
        self.depth -= 1
        return Block(nodes=tuple(nodes))

    def _at_end(self, *, arm: bool) -> bool:
        operator = self._operator()
        return operator == ")" or (arm and operator in (";;", ";&", ";;&")) or self._plain() in _ENDS

    def _chain(self) -> Node:
        negated = self._take("!")
        parts: list[Node] = [self._one()]
        operators: list[str] = []
        while self._operator() in ("&&", "||", "|", "|&"):
            operators.append(self._operator())
            self.at += 1
            while self._operator() == "\n":
                self.at += 1
            parts.append(self._one())
        if len(parts) == 1 and not negated:
            return parts[0]
        return Chain(parts=tuple(parts), operators=tuple(operators), negated=negated)

    def _one(self) -> Node:
        operator = self._operator()
        if operator == "(":
            self.at += 1
            inner = self.block()
            self._expect_operator(")")
            return inner
        if operator:
            raise ShellError(f"`{operator}` stands where a command should")
        match self._plain():
            case "{":
                self.at += 1
                inner = self.block()
                self._expect("}")
                return inner
            case "if":
                return self._if()
            case "while" | "until":
                return self._while()
            case "for" | "select":
                return self._for()
            case "case":
                return self._case()
            case "function":
                self.at += 1
                return self._function()
            case _:
                following = self.tokens[self.at + 1 : self.at + 3]
                if [token.operator for token in following] == ["(", ")"]:
                    return self._function()
                return self._command()

    def _if(self) -> Node:
        arms: list[tuple[Block, Block]] = []
        otherwise = None
        self.at += 1
        while True:
            condition = self.block()
            self._expect("then")
            arms.append((condition, self.block()))
            if self._take("elif"):
                continue
            if self._take("else"):
                otherwise = self.block()
            self._expect("fi")
            return Branches(arms=tuple(arms), otherwise=otherwise)

    def _while(self) -> Node:
        until = self._plain() == "until"
        self.at += 1
        condition = self.block()
        self._expect("do")
        body = self.block()
        self._expect("done")
        return Repeat(condition=condition, body=body, until=until)

    def _for(self) -> Node:
        self.at += 1
        name = self._plain() or ""
        while self.at < len(self.tokens) and self._plain() != "do":
            self.at += 1
        self._expect("do")
        body = self.block()
        self._expect("done")
        return Repeat(condition=None, body=body, variable=name)

    def _case(self) -> Node:
        self.at += 1
        subject = self._next_word()
        self._skip_breaks()
        self._expect("in")
        arms: list[tuple[tuple[Word, ...], Block]] = []
        while True:
            self._skip_breaks()
            if self._take("esac"):
                return Case(subject=subject, arms=tuple(arms))
            if self._operator() == "(":
                self.at += 1
            patterns = [self._next_word()]
            while self._operator() == "|":
                self.at += 1
                patterns.append(self._next_word())
            self._expect_operator(")")
            arms.append((tuple(patterns), self.block(arm=True)))
            if self._operator() in (";;", ";&", ";;&"):
                self.at += 1

    def _function(self) -> Node:
        name = self._next_word().plain or ""
        while self._operator() in ("(", ")", "\n"):
            self.at += 1
        body = self._one()
        return Function(name=name, body=body if isinstance(body, Block) else Block(nodes=(body,)))

    def _command(self) -> Node:
        assignments: list[Assignment] = []
        words: list[Word] = []
        test = self._plain() == "[["
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token.word is None:
                if not test or token.operator == "\n":
                    break
                self.at += 1
                # Inside `[[ ]]` operators are words of the test.
                words.append(_operator_word(token.operator, words[-1]))
                continue
            self.at += 1
            assignment = assignment_in(token) if not words or token.array is not None else None
            if assignment:
                assignments.append(assignment)
            else:
                words.append(token.word)
            if test and token.word.plain == "]]":
                break
        return Command(assignments=tuple(assignments), words=tuple(words))

    def _operator(self) -> str:
        return self.tokens[self.at].operator if self.at < len(self.tokens) else ""

    def _plain(self) -> str | None:
        word = self.tokens[self.at].word if self.at < len(self.tokens) else None
        return word.plain if word else None

    def _take(self, text: str) -> bool:
        if self._plain() == text:
            self.at += 1
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._take(text):
            raise ShellError(f"`{text}` is missing")

    def _expect_operator(self, operator: str) -> None:
        if self._operator() != operator:
            raise ShellError(f"`{operator}` is missing")
        self.at += 1

    def _next_word(self) -> Word:
        word = self.tokens[self.at].word if self.at < len(self.tokens) else None
        if word is None:
            raise ShellError("a word is missing")
        self.at += 1
        return word

    def _skip_breaks(self) -> None:
        while self._operator() == "\n":
            self.at += 1


def _operator_word(operator: str, before: Word) -> Word:

    return Word(parts=(Part(text=operator),), span=before.span)


def assignment_in(token: Token) -> Assignment | None:
    """The assignment a word is, None where it is none."""
    word = token.word
    if word is None:
        return None
    name, equals, _ = word.leading.partition("=")
    append = name.endswith("+")
    name = name.removesuffix("+")
    if not equals or not name.isidentifier():
        return None
    return Assignment(
        name=name, word=without_start(word, len(name) + append + 1), array=token.array, append=append
    )


def without_start(word: Word, length: int) -> Word:
    """The word without its first `length` characters, which are literal."""

    first, *rest = word.parts
    left = (first.text or "")[length:]
    return replace(word, parts=(replace(first, text=left), *rest) if left else tuple(rest))
