"""Bodies of requests: strict types as in the real service, unknown keys ignored (paperspace-api.md 1.4)."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic.alias_generators import to_camel


class Body(BaseModel):
    """A JSON body. A key that is left out is None here; a key sent as null is an error unless listed."""

    model_config = ConfigDict(alias_generator=to_camel, strict=True, extra="ignore", frozen=True)
    nullable: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="before")
    @classmethod
    def refuse_null(cls, body: Any) -> Any:
        if isinstance(body, dict):
            known = {to_camel(name) for name in cls.model_fields} - cls.nullable
            nulls = sorted(name for name in known & body.keys() if body[name] is None)
            if nulls:
                message = f"{', '.join(nulls)}: null is not allowed; leave the key out"
                raise ValueError(message)
        return body

    def sent(self) -> dict[str, Any]:
        """What was sent, by snake_case name."""
        return {
            name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set
        }
