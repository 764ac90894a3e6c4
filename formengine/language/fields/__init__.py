"""The field types, as values by name. Nothing registers itself; an engine may be handed other mappings."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from formengine.language.fields.address import ADDRESS
from formengine.language.fields.approximate_date import APPROXIMATE_DATE
from formengine.language.fields.base import CompositeType, FieldType
from formengine.language.fields.calculated import CALCULATED
from formengine.language.fields.choice import CHOICE
from formengine.language.fields.choices import CHOICES
from formengine.language.fields.date import DATE
from formengine.language.fields.declaration import DECLARATION
from formengine.language.fields.email import EMAIL
from formengine.language.fields.file import FILE
from formengine.language.fields.files import FILES
from formengine.language.fields.long_text import LONG_TEXT
from formengine.language.fields.money import MONEY
from formengine.language.fields.month import MONTH
from formengine.language.fields.national_insurance_number import NATIONAL_INSURANCE_NUMBER
from formengine.language.fields.nhs_number import NHS_NUMBER
from formengine.language.fields.number import NUMBER
from formengine.language.fields.person_name import PERSON_NAME
from formengine.language.fields.phone import PHONE
from formengine.language.fields.postcode import POSTCODE
from formengine.language.fields.signature import SIGNATURE
from formengine.language.fields.text import TEXT
from formengine.language.fields.tick import TICK
from formengine.language.fields.time import TIME
from formengine.language.fields.upn import UPN
from formengine.language.fields.url import URL
from formengine.language.fields.yes_no import YES_NO

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
