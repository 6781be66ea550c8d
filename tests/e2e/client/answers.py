"""What a client's operation returned: one of the documented shapes, or None."""

from typing import Any, TypeVar

Shape = TypeVar("Shape")


def of(shape: type[Shape], answer: Any) -> Shape:
    """Return an answer that must have this shape, with no member that the shape does not name."""
    assert isinstance(answer, shape), answer
    assert not getattr(answer, "additional_properties", {}), answer
    return answer
