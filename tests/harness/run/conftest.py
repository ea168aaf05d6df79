"""What tests of the ledger, and of claims decided anew, share."""

from .ledgers import publish as publish
from .ledgers import studies as studies
from .repositories import repo as repo
