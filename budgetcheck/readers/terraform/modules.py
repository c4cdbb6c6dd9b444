"""Module instances: inputs in, outputs back, resources expanded; local modules are followed anywhere.

A module is evaluated on demand and each of its values at most once.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from budgetcheck.model.span import Span
from budgetcheck.readers.terraform.evaluate import evaluate
from budgetcheck.readers.terraform.expand import (
    SINGLE,
    Expansion,
    Instance,
    expand_count,
    expand_each,
    expanded_value,
)
from budgetcheck.readers.terraform.files import FILE_FUNCTIONS, read_file_function
from budgetcheck.readers.terraform.functions import call_function
from budgetcheck.readers.terraform.functions.regular import METER
from budgetcheck.readers.terraform.index import Block, Header
from budgetcheck.readers.terraform.instances import Item, Resource
from budgetcheck.readers.terraform.locate import Locator
from budgetcheck.readers.terraform.scope import Scope
from budgetcheck.readers.terraform.sources import Directory
from budgetcheck.readers.terraform.values import (
    EvaluationError,
    Fuel,
    NotKnownError,
    Ref,
    Scalar,
    Unknown,
    Value,
    failed,
    map_value,
    via,
)
from budgetcheck.readers.terraform.variables import SUPPLY, RootValues

_DEEPEST_CALL = 12
_FUEL_PER_INSTANCE = 20
_STEPS_PER_FUEL = 6  # of matching regular expressions: together no longer than all other work
_INIT = "run `terraform init` first: modules below .terraform/modules are read"
WORKSPACE_NEEDS = "name the workspace in budgetcheck.yaml: `environments: {NAME: {workspace: ...}}`"


class Module:
    """One instance of a module: a root module, or a call of one whose source is at hand."""

    def __init__(
        self, locator: Locator, directory: Directory, root: RootValues, caller: "CallInstance | None" = None
    ) -> None:
        self.locator = locator
        self.sources = locator.sources
        self.directory = directory
        self.root = root
        self.caller = caller
        self.fuel: Fuel = root.fuel
        self.origin = root.origin
        self.top: Module = caller.module.top if caller else self
        self.key: tuple[str, ...] = caller.key if caller else ()
        self._values: dict[tuple[str, ...], Value] = {}
        self._expansions: dict[Header, Expansion] = {}
        self._resources: dict[tuple[Header, str], Resource] = {}
        self._calls: dict[tuple[Header, str], CallInstance] = {}

    @property
    def scope(self) -> Scope:
        """The scope of everything that stands at the top of the module."""
        return Scope(names=self)

    @property
    def place(self) -> Span | None:
        """Where a module that comes with budgetcheck is called from; None for the user's own modules."""
        if not self.directory.shipped:
            return None
        return self.caller.header.span if self.caller else self.root.place

    def address(self, name: str) -> str:
        """Full address of something in this module instance."""
        return f"{self.caller.address}.{name}" if self.caller else name

    # Names

    def variable(self, name: str) -> Value:
        """`var.name`: the caller's input or the var files' value, else the default."""
        return self._once(("var", name), lambda: self._variable(name))

    def local(self, name: str) -> Value:
        """`local.name`."""
        return self._once(("local", name), lambda: self._local(name))

    def output(self, name: str) -> Value:
        """What the module hands back."""
        return self._once(("output", name), lambda: self._output(name))

    def call(self, name: str) -> Value:
        """`module.name`."""
        return self._once(("module", name), lambda: self._call(name))

    def resource(self, kind: str, name: str) -> Value:
        """`kind.name`."""
        return self._once(("resource", kind, name), lambda: self._resource(kind, name))

    def data(self, kind: str, name: str) -> Value:
        """A data source: never known without the provider."""
        address = self.address(f"data.{kind}.{name}")
        return Unknown(
            reason=f"{address} is a data source, known only when Terraform runs",
            refs=(Ref(address=f"{self.origin}{address}", attribute=""),),
        )

    def meta(self, group: str, name: str) -> Value:
        """`path.module`, `path.root` and `terraform.workspace`."""
        if (group, name) == ("path", "module"):
            return Scalar(
                value=Path(os.path.relpath(self.directory.path, self.top.directory.path)).as_posix()
            )
        if (group, name) == ("path", "root"):
            return Scalar(value=".")
        if name == "workspace" and self.root.workspace:
            return Scalar(value=self.root.workspace)
        if name == "workspace":
            return Unknown(reason="terraform.workspace is not known", needs=WORKSPACE_NEEDS)
        return Unknown(reason=f"{group}.{name} is known only when Terraform runs")

    def function(self, name: str, arguments: tuple[Value, ...]) -> Value:
        """A function's result."""
        if name in FILE_FUNCTIONS:
            return read_file_function(name, arguments, self.sources, self.top.directory.path, self.scope)
        started = METER.steps
        result = call_function(name, arguments)
        self.fuel.burn((METER.steps - started) // _STEPS_PER_FUEL)
        return result

    def _once(self, key: tuple[str, ...], compute: Callable[[], Value]) -> Value:
        if key not in self._values:
            self._values[key] = Unknown(reason=f"{'.'.join(key)} refers to itself")
            try:
                self._values[key] = compute()
            except NotKnownError as error:
                self._values[key] = error.value
            except EvaluationError as error:
                self._values[key] = failed(str(error))
        return self._values[key]

    def _variable(self, name: str) -> Value:
        header = self.directory.variables.get(name)
        if header is None:
            given = self.root.variables.get(name) if self.root.generated and not self.caller else None
            return self._undeclared(f'variable "{name}"') if given is None else given
        block = self.sources.block(header, self.directory)
        step = Span(file=block.span.file, line=block.span.line, column=block.span.column, text=f"var.{name}")
        given = self._given(name)
        if given is None or (_is_null(given) and not self._nullable(block)):
            default = block.attributes.get("default")
            if default is None:
                return self._without_value(name, block, step)
            given = via(evaluate(self.sources.expression(default), self.scope), (default.span,))
        return via(self._typed(name, given, block), (step,))

    def _given(self, name: str) -> Value | None:
        return self.caller.input(name) if self.caller else self.root.variables.get(name)

    def _nullable(self, block: Block) -> bool:
        attribute = block.attributes.get("nullable")
        return attribute is None or attribute.text != "false"

    def _typed(self, name: str, value: Value, block: Block) -> Value:
        type_ = block.attributes.get("type")
        if type_ is None:
            return value
        try:
            return self.sources.constraint(type_).apply(value)
        except EvaluationError as error:
            return Unknown(
                reason=f'the value of variable "{name}" ({block.span.place}) does not fit its type: {error}',
                needs=f"correct the value of var.{name}",
                trail=value.trail,
            )

    def _without_value(self, name: str, block: Block, step: Span) -> Value:
        where = f'variable "{name}" ({block.span.place})'
        if block.fault:
            return Unknown(reason=block.fault, needs="correct the block", trail=(step,))
        if self.caller:
            return Unknown(
                reason=f"{where} has no default and {self.caller.title} does not set it",
                needs=f"set {name} in {self.caller.title}",
                trail=(step,),
            )
        reason = f"{where} has no default and no value in any var file"
        return Unknown(reason=reason, needs=SUPPLY, trail=(step,))

    def _local(self, name: str) -> Value:
        attribute = self.sources.locals_of(self.directory).get(name)
        if attribute is None:
            return self._undeclared(f"local value {name}")
        return via(evaluate(self.sources.expression(attribute), self.scope), (attribute.span,))

    def _output(self, name: str) -> Value:
        header = self.directory.outputs.get(name)
        if header is None and self.directory.shipped:
            unknown = Unknown(reason=f'output "{name}" of a module of the registry is not described')
            return self.caller.unknown_output(name) if self.caller else unknown
        if header is None:
            return self._undeclared(f'output "{name}"')
        attribute = self.sources.block(header, self.directory).attributes.get("value")
        if attribute is None:
            return Unknown(reason=f'output "{name}" ({header.span.place}) has no value')
        return evaluate(self.sources.expression(attribute), self.scope)

    def _call(self, name: str) -> Value:
        header = self.directory.calls.get(name)
        if header is None:
            return self._undeclared(f'module "{name}"')
        return expanded_value(self._expansion(header), lambda instance: self._call_instance(header, instance))

    def _resource(self, kind: str, name: str) -> Value:
        header = self.directory.resources.get(kind, {}).get(name)
        if header is None:
            return self._undeclared(f"resource {kind}.{name}")
        expansion = self._expansion(header)
        return expanded_value(expansion, lambda instance: self._resource_instance(header, instance))

    def _undeclared(self, what: str) -> Value:
        # No error that `try` could catch: it may be in a file that is generated or linked only on the way
        # to `terraform plan`.
        return Unknown(reason=f"there is no {what} in {self.directory.name or '.'}")

    # Expansion

    def _expansion(self, header: Header) -> Expansion:
        if header not in self._expansions:
            self._expansions[header] = SINGLE  # for a block whose for_each refers to itself
            attributes = self.sources.block(header, self.directory).attributes
            if "for_each" in attributes:
                value = evaluate(self.sources.expression(attributes["for_each"]), self.scope)
                self._expansions[header] = expand_each(value)
            elif "count" in attributes:
                value = evaluate(self.sources.expression(attributes["count"]), self.scope)
                self._expansions[header] = expand_count(value)
        return self._expansions[header]

    def _resource_instance(self, header: Header, instance: Instance) -> Resource:
        key = (header, instance.suffix)
        if key not in self._resources:
            address = self.address(f"{header.labels[0]}.{header.labels[1]}{instance.suffix}")
            scope = Scope(names=self, bindings=instance.bindings)
            block = self.sources.block(header, self.directory)
            self._resources[key] = Resource(self.sources, block, scope, address, instance, self.place)
        return self._resources[key]

    def _call_instance(self, header: Header, instance: Instance) -> "CallInstance":
        key = (header, instance.suffix)
        if key not in self._calls:
            self._calls[key] = CallInstance(self, header, instance)
        return self._calls[key]

    def resources(self, types: frozenset[str]) -> Iterator[Resource]:
        """All instances of resources of these types, here and in the modules called from here."""
        for kind in sorted(types & self.directory.resources.keys()):
            for _, header in sorted(self.directory.resources[kind].items()):
                for instance in self._affordable(header):
                    yield self._resource_instance(header, instance)
        for name, header in sorted(self.directory.calls.items()):
            if not self.locator.reaches(self.directory, header, (*self.key, name), types):
                continue
            for instance in self._affordable(header):
                child = self._call_instance(header, instance).target()
                if child is not None:
                    yield from child.resources(types)

    def _affordable(self, header: Header) -> Iterator[Instance]:
        """The instances of a block, as long as there is fuel: modules in modules in modules multiply."""
        for instance in self._expansion(header).instances:
            if not self.fuel.try_burn(_FUEL_PER_INSTANCE):
                return
            yield instance


class CallInstance:
    """One instance of a module call; as a value, its attributes are the outputs of the module."""

    def __init__(self, module: Module, header: Header, instance: Instance) -> None:
        self.module = module
        self.header = header
        self.instance = instance
        self.address = module.address(f"module.{header.labels[0]}{instance.suffix}")
        self.key = (*module.key, header.labels[0])
        self.title = f'module "{header.labels[0]}" ({header.span.place})'
        self._target: Module | None = None
        self._item = Item(
            module.sources,
            module.sources.block(header, module.directory),
            Scope(names=module, bindings=instance.bindings),
            self.address,
        )

    def input(self, name: str) -> Value | None:
        """What the call sets a variable to, with the place where it does; None where it does not."""
        found = self._item.written(name)
        return via(found.value, (found.span,)) if found else None

    def target(self) -> Module | None:
        """The module that is called; None where its source is not at hand, or it calls itself."""
        if self._target is None and len(self.key) <= _DEEPEST_CALL:
            directory = self.module.locator.target(self.module.directory, self.header, self.key)
            if directory is not None and not self._calls_itself(directory):
                self._target = Module(self.module.locator, directory, self.module.root, self)
        return self._target

    def _calls_itself(self, directory: Directory) -> bool:
        module: Module | None = self.module
        while module is not None:
            if module.directory is directory:
                return True
            module = module.caller.module if module.caller else None
        return False

    def attribute(self, name: str) -> Value:
        """An output of the module."""
        target = self.target()
        if target is not None:
            return target.output(name)
        return self.unknown_output(name)

    def unknown_output(self, name: str) -> Value:
        """The value of an output of a module that is not at hand."""
        refs = (Ref(address=f"{self.module.origin}{self.address}", attribute=name),)
        return Unknown(reason=self._why_unknown(), needs=_INIT, refs=refs)

    def _why_unknown(self) -> str:
        return f"the source of {self.title} is not in these files"

    def element(self, key: Value) -> Value:
        """`module.name["output"]`; a single module call is not a list."""
        if isinstance(key, Scalar) and isinstance(key.value, str):
            return self.attribute(key.value)
        return failed("a module without count or for_each cannot be indexed")

    def everything(self) -> Value:
        """All outputs."""
        target = self.target()
        if target is None:
            return Unknown(reason=self._why_unknown())
        return map_value({name: target.output(name) for name in sorted(target.directory.outputs)})

    def sample(self) -> Value | None:
        """A module call is a single thing."""
        return None


def _is_null(value: Value) -> bool:
    return isinstance(value, Scalar) and value.value is None
