"""The field types, as values by name. Nothing registers itself; an engine may be handed other mappings."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from formengine.fields.address import ADDRESS
from formengine.fields.approximate_date import APPROXIMATE_DATE
from formengine.fields.base import CompositeType, FieldType
from formengine.fields.calculated import CALCULATED
from formengine.fields.choice import CHOICE
from formengine.fields.choices import CHOICES
from formengine.fields.date import DATE
from formengine.fields.declaration import DECLARATION
from formengine.fields.email import EMAIL
from formengine.fields.file import FILE
from formengine.fields.files import FILES
from formengine.fields.long_text import LONG_TEXT
from formengine.fields.money import MONEY
from formengine.fields.month import MONTH
from formengine.fields.national_insurance_number import NATIONAL_INSURANCE_NUMBER
from formengine.fields.nhs_number import NHS_NUMBER
from formengine.fields.number import NUMBER
from formengine.fields.person_name import PERSON_NAME
from formengine.fields.phone import PHONE
from formengine.fields.postcode import POSTCODE
from formengine.fields.signature import SIGNATURE
from formengine.fields.text import TEXT
from formengine.fields.tick import TICK
from formengine.fields.time import TIME
from formengine.fields.upn import UPN
from formengine.fields.url import URL
from formengine.fields.yes_no import YES_NO

__all__ = ["COMPOSITE_TYPES", "FIELD_TYPES"]

_TYPES = (
    *(TEXT, LONG_TEXT, NUMBER, MONEY),
    *(DATE, APPROXIMATE_DATE, MONTH, TIME),
    *(TICK, YES_NO, CHOICE, CHOICES),
    *(EMAIL, PHONE, POSTCODE, NHS_NUMBER, NATIONAL_INSURANCE_NUMBER, UPN, URL),
    *(FILE, FILES),
    *(DECLARATION, CALCULATED, SIGNATURE),
)
FIELD_TYPES: Mapping[str, FieldType] = MappingProxyType(
    {field_type.name: field_type for field_type in _TYPES}
)
COMPOSITE_TYPES: Mapping[str, CompositeType] = MappingProxyType(
    {composite.name: composite for composite in (ADDRESS, PERSON_NAME)}
)
