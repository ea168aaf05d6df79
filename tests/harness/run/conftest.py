"""What tests of the ledger share."""

from .ledgers import publish as publish
from .ledgers import studies as studies
