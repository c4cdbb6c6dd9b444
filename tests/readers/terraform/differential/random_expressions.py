"""Random expressions of the language, typed by construction and now and then wrong on purpose.

The same seed gives the same expressions. Each leaf is a constant or a name of the preamble; each inner node
an operator, a function, a conditional, a template or a loop as configurations use them.
"""

import random
from collections.abc import Callable

_NAMES: dict[str, list[str]] = {
    "number": [
        "local.n",
        "local.zero",
        "local.ratio",
        "local.cfg.timeout",
        'local.byenv["prod"]',
        "local.derived",
        "var.timeout",
        "var.config.lambda_timeout",
        "local.numbers[3]",
        'var.services["web"].timeout',
        "local.objs[0].t",
        "local.request_timeout",
        "var.idle_timeout_seconds",
    ],
    "string": [
        "local.key",
        "local.name",
        "local.url",
        "local.seconds",
        "local.empty",
        "var.env",
        "local.words[0]",
        "local.objs[1].name",
        "var.config.name",
        'var.services["worker"].port',
        "var.subnets[0]",
        "local.cfg.nested.deep.value",
        "local.none",
    ],
    "bool": ["local.flags.on", "local.flags.off", "local.objs[0].on"],
    "strings": [
        "local.words",
        "var.subnets",
        "local.typed_list",
        "local.typed_set",
        "var.hosts",
        "local.users[0].roles",
    ],
    "numbers": ["local.numbers", "local.cfg.list", "local.objs[*].t", "var.config.health.codes"],
    "map": [
        "local.byenv",
        "local.typed_map",
        "local.flags",
        "var.config.tags",
        "{ for k, v in var.services : k => v.timeout }",
    ],
    "objects": ["local.objs", "local.users", "values(var.services)"],
}
_TYPES = ("number", "string", "bool", "strings", "numbers", "map")
_NUMBERS = ("0", "1", "2", "3", "7", "30", "60", "0.5", "1.5", "-1", "100", "1e3", "0.1", "2.25")
_TEXTS = (
    '"a"',
    '""',
    '"5"',
    '"30s"',
    '"true"',
    '"x-y_z"',
    '"Hello World"',
    '"a,b,c"',
    '"1.50"',
    '"/tmp/x"',
    '"é"',
)
_PATTERNS = (r'"/[a-z]+/"', r'"/[0-9]/"', r'"/(.)$/"', r'"/^./"', '"-"', '"a"', r'"/\\s|-/"')


class Generator:
    """Draws expressions; `wrong` is how often a part is of another type than it should be."""

    def __init__(self, seed: int, wrong: float = 0.04) -> None:
        self.random = random.Random(seed)
        self.wrong = wrong
        self.bound = 0

    def expression(self) -> str:
        """One expression of any type."""
        return self.of(self.random.choice(_TYPES), 0)

    def of(self, kind: str, depth: int) -> str:
        """An expression that should be of a kind."""
        if self.random.random() < self.wrong:
            kind = self.random.choice(_TYPES)
        if depth >= 4 or self.random.random() < 0.12 + 0.1 * depth:
            return self._leaf(kind)
        makers = _MAKERS[kind] if self.random.random() < 0.8 else _ANY
        return self.random.choice(makers)(self, kind, depth + 1)

    def _leaf(self, kind: str) -> str:
        if self.random.random() < 0.5:
            return self.random.choice(_NAMES[kind])
        if kind == "number":
            return self.random.choice(_NUMBERS)
        if kind == "string":
            return self.random.choice(_TEXTS)
        if kind == "bool":
            return self.random.choice(("true", "false"))
        count = self.random.randint(0, 3)
        if kind == "map":
            pairs = (f"{key} = {self._leaf('number')}" for key in "abc"[:count])
            return f"{{ {', '.join(pairs)} }}"
        return f"[{', '.join(self._leaf(kind[:-1]) for _ in range(count))}]"

    def constant(self, kind: str) -> str:
        """A constant that is not null."""
        return self.random.choice({"number": _NUMBERS, "string": _TEXTS, "bool": ("true", "false")}[kind])

    def name(self) -> str:
        """A fresh name for a loop variable."""
        self.bound += 1
        return f"v{self.bound}"


def _call(function: str, *kinds: str) -> Callable[[Generator, str, int], str]:
    def make(generator: Generator, _: str, depth: int) -> str:
        return f"{function}({', '.join(generator.of(kind, depth) for kind in kinds)})"

    return make


def _infix(operators: tuple[str, ...], left: str, right: str) -> Callable[[Generator, str, int], str]:
    def make(generator: Generator, _: str, depth: int) -> str:
        operator = generator.random.choice(operators)
        return f"({generator.of(left, depth)} {operator} {generator.of(right, depth)})"

    return make


def _logic(generator: Generator, _: str, depth: int) -> str:
    # Newer versions do not look at the right side where the left one decides: no errors there.
    operator, right = generator.random.choice(("&&", "||")), generator.random.choice(_NAMES["bool"])
    return f"({generator.of('bool', depth)} {operator} {right})"


def _constant(function: str, kind: str, choices: tuple[str, ...]) -> Callable[[Generator, str, int], str]:
    """A call whose last argument is one of a few constants."""

    def make(generator: Generator, _: str, depth: int) -> str:
        return f"{function}({generator.of(kind, depth)}, {generator.random.choice(choices)})"

    return make


def _conditional(generator: Generator, kind: str, depth: int) -> str:
    parts = (generator.of("bool", depth), generator.of(kind, depth), generator.of(kind, depth))
    return f"({parts[0]} ? {parts[1]} : {parts[2]})"


def _try(generator: Generator, kind: str, depth: int) -> str:
    return f"try({generator.of(kind, depth)}, {generator.of(kind, depth)})"


def _coalesce(generator: Generator, kind: str, depth: int) -> str:
    return f"coalesce({generator.of(kind, depth)}, {generator.of(kind, depth)})"


def _round_trip(generator: Generator, kind: str, depth: int) -> str:
    syntax = generator.random.choice(("json", "yaml"))
    return f"{syntax}decode({syntax}encode({generator.of(kind, depth)}))"


def _template(generator: Generator, _: str, depth: int) -> str:
    shapes = ('"{}-${{{}}}"', '"${{{1}}}s"', '"%{{ if {2} }}{0}${{{1}}}%{{ else }}none%{{ endif }}"')
    shape = generator.random.choice(shapes)
    return shape.format("t", generator.of("string", depth), generator.of("bool", depth))


def _template_loop(generator: Generator, _: str, depth: int) -> str:
    name = generator.name()
    return f'"%{{ for {name} in {generator.of("strings", depth)} }}<${{{name}}}>%{{ endfor }}"'


def _list_for(generator: Generator, kind: str, depth: int) -> str:
    name, source = generator.name(), generator.of(kind, depth)
    element = f'"${{{name}}}!"' if kind == "strings" else f"{name} * 2"
    condition = f" if {name} != {generator.of(kind[:-1], depth)}" if generator.random.random() < 0.5 else ""
    return f"[for {name} in {source} : {element}{condition}]"


def _pick(generator: Generator, kind: str, depth: int) -> str:
    source = generator.of(f"{kind}s", depth)
    return f"{source}[{generator.random.choice(('0', '1', 'length(local.objs) - 3'))}]"


def _splat(generator: Generator, _: str, __: int) -> str:
    source = generator.random.choice(_NAMES["objects"])
    return f"{source}[*].{generator.random.choice(('name', 't', 'team', 'timeout'))}"


def _map_for(generator: Generator, _: str, depth: int) -> str:
    key, value = generator.name(), generator.name()
    return f"{{ for {key}, {value} in {generator.of('map', depth)} : upper({key}) => {value} }}"


def _grouped(generator: Generator, _: str, depth: int) -> str:
    name = generator.name()
    return f"{{ for {name} in {generator.of('strings', depth)} : substr({name}, 0, 1) => length({name})... }}"


def _looked_up(generator: Generator, _: str, depth: int) -> str:
    key = generator.random.choice(('"prod"', '"a"', '"nope"', "var.env"))
    return f"lookup({generator.of('map', depth)}, {key}, {generator.of('number', depth)})"


def _format(generator: Generator, _: str, depth: int) -> str:
    verb, kind = generator.random.choice(
        (("%s", "string"), ("%d", "number"), ("%v", "number"), ("%05.1f", "number"), ("%t", "bool"))
    )
    del depth  # untyped nulls are formatted differently from version to version
    return f'format("<{verb}>", {generator.constant(kind)})'


def _replaced(generator: Generator, _: str, depth: int) -> str:
    pattern = generator.random.choice(_PATTERNS)
    return f"replace({generator.of('string', depth)}, {pattern}, {generator.random.choice(_TEXTS)})"


_ANY = [_conditional, _try, _coalesce, _round_trip]
_MAKERS: dict[str, list[Callable[[Generator, str, int], str]]] = {
    "number": [
        _infix(("+", "-", "*", "/", "%"), "number", "number"),
        _call("ceil", "number"),
        _call("floor", "number"),
        _call("max", "number", "number"),
        _call("min", "number", "number"),
        _call("abs", "number"),
        _call("length", "strings"),
        _call("length", "map"),
        _call("length", "string"),
        _call("sum", "numbers"),
        _call("tonumber", "string"),
        _call("signum", "number"),
        _looked_up,
        _pick,
        _call("one", "numbers"),
        _constant("element", "numbers", ("0", "1", "7")),
        _call("index", "strings", "string"),
        _constant("parseint", "string", ("10", "16")),
        _constant("pow", "number", ("0", "1", "2")),
    ],
    "string": [
        _template,
        _template,
        _template_loop,
        _format,
        _replaced,
        _pick,
        _call("lower", "string"),
        _call("upper", "string"),
        _call("title", "string"),
        _call("trimspace", "string"),
        _call("tostring", "number"),
        _call("join", "string", "strings"),
        _call("join", "string", "numbers"),
        _call("trimprefix", "string", "string"),
        _call("trimsuffix", "string", "string"),
        _call("trim", "string", "string"),
        _call("jsonencode", "map"),
        _call("jsonencode", "numbers"),
        _call("yamlencode", "map"),
        _call("substr", "string", "number", "number"),
        _call("strrev", "string"),
        _call("one", "strings"),
        _constant("element", "strings", ("0", "1", "7")),
        _call("sha256", "string"),
        _call("base64encode", "string"),
        _call("chomp", "string"),
        _constant("indent", "number", _TEXTS),
    ],
    "bool": [
        _logic,
        _infix(("==", "!="), "number", "number"),
        _infix(("==", "!="), "string", "string"),
        _infix(("<", "<=", ">", ">="), "number", "number"),
        _infix(("==", "!="), "strings", "strings"),
        _infix(("==", "!="), "map", "map"),
        _call("!", "bool"),
        _constant("contains", "strings", _TEXTS),
        _constant("contains", "numbers", _NUMBERS),
        _call("can", "number"),
        _call("startswith", "string", "string"),
        _call("endswith", "string", "string"),
        _call("strcontains", "string", "string"),
        _call("tobool", "string"),
        lambda g, _, d: f"alltrue([{g.of('bool', d)}, {g.of('bool', d)}])",
        lambda g, _, d: f"anytrue([{g.of('bool', d)}, {g.of('bool', d)}])",
    ],
    "strings": [
        _list_for,
        _list_for,
        _call("concat", "strings", "strings"),
        _call("sort", "strings"),
        _call("distinct", "strings"),
        _call("compact", "strings"),
        _call("reverse", "strings"),
        _call("keys", "map"),
        _call("split", "string", "string"),
        _call("toset", "strings"),
        _call("tolist", "strings"),
        _call("setunion", "strings", "strings"),
        _splat,
        _call("setintersection", "strings", "strings"),
        _call("setsubtract", "strings", "strings"),
        _call("slice", "strings", "number", "number"),
        lambda g, _, d: f"flatten([{g.of('strings', d)}, {g.of('strings', d)}])",
        lambda g, _, d: f'formatlist("%s!", sort({g.of("strings", d)}))',
        lambda g, _, d: f'regexall("[a-z]+", {g.of("string", d)})',
        lambda g, _, d: f"chunklist({g.of('strings', d)}, 2)[0]",
    ],
    "numbers": [
        _list_for,
        _call("concat", "numbers", "numbers"),
        _call("values", "map"),
        _call("reverse", "numbers"),
        _splat,
        _call("distinct", "numbers"),
        _call("tolist", "numbers"),
        _call("toset", "numbers"),
        _call("range", "number"),
        _call("slice", "numbers", "number", "number"),
        lambda g, _, d: f"[{g.of('number', d)}, {g.of('number', d)}]",
        lambda g, _, d: f"flatten([{g.of('numbers', d)}, [{g.of('number', d)}]])",
    ],
    "map": [
        _map_for,
        _call("merge", "map", "map"),
        _call("tomap", "map"),
        _grouped,
        _call("zipmap", "strings", "numbers"),
        lambda g, _, d: f"{{ a = {g.of('number', d)}, b = {g.of('number', d)} }}",
        lambda g, _, d: f'{{ ("${{{g.of("string", d)}}}k") = {g.of("number", d)} }}',
    ],
}
