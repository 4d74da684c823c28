"""Background work on payments: asking the company about what it has not told of, and about refunds under way."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable

from sqlalchemy.orm import Session

from portal.adapters.payments import Unreachable
from portal.db import Database
from portal.jobs.app import every
from portal.models import Payment
from portal.services import payments, refunds

log = logging.getLogger(__name__)


@every("*/5 * * * *")
def reconcile_payments(database: Database) -> None:
    """Settle each payment that began a while ago, each in a transaction of its own."""
    with database.transaction() as session:
        waiting = payments.to_reconcile(session)
    for payment_id in waiting:
        _ask(database, payment_id, payments.reconcile)


@every("*/5 * * * *")
def settle_refunds(database: Database) -> None:
    """Settle each refund that the company has begun, each in a transaction of its own."""
    with database.transaction() as session:
        under_way = refunds.under_way(session)
    for payment_id in under_way:
        _ask(database, payment_id, refunds.settle)


def _ask(database: Database, payment_id: uuid.UUID, ask: Callable[[Session, Payment], object]) -> None:
    try:
        with database.transaction() as session:
            payment = payments.find(session, payment_id)
            if payment is not None:
                ask(session, payment)
    except Unreachable:
        log.warning("the payment company did not answer about payment %s", payment_id)
