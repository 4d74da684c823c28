"""Background work on payments: asking the company about those that it has not told of."""

from __future__ import annotations

import logging

from portal.adapters.payments import Unreachable
from portal.db import Database
from portal.jobs.app import every
from portal.services import payments

log = logging.getLogger(__name__)


@every("*/5 * * * *")
def reconcile_payments(database: Database) -> None:
    """Settle each payment that began a while ago, each in a transaction of its own."""
    with database.transaction() as session:
        waiting = payments.to_reconcile(session)
    for payment_id in waiting:
        try:
            with database.transaction() as session:
                payment = payments.find(session, payment_id)
                if payment is not None:
                    payments.reconcile(session, payment)
        except Unreachable:
            log.warning("the payment company did not answer about payment %s", payment_id)
