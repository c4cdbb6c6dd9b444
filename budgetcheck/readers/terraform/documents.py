"""JSON and YAML documents inside Terraform texts, as values that know where each entry is written."""

from budgetcheck.readers.terraform.values import Encoded, NotKnownError, Piece, Scalar, Unknown, Value


def decoded(value: Value) -> Value:
    """The data that a JSON or YAML text stands for; unknown where it is not known, or no such text."""
    if isinstance(value, Encoded):
        return value.inner
    if not isinstance(value, Scalar | Unknown):
        return Unknown(reason="the document is not known", refs=value.refs)
    match value.pieces:
        case (Piece(value=Encoded(inner=inner)),):
            return inner
        case () if isinstance(value, Scalar) and isinstance(value.value, str):
            return _parsed((Piece(value=Scalar(value=value.value)),))
        case ():
            return value
        case pieces:
            return _parsed(pieces)


def _parsed(pieces: tuple[Piece, ...]) -> Value:
    from budgetcheck.readers.terraform.drafts import read_document  # YAML is loaded with it

    try:
        return read_document(pieces)
    except NotKnownError as error:
        return error.value
