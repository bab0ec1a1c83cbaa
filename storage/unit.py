"""What one unit of work may touch. A store is made when first asked for: an empty unit costs nothing."""

from functools import cached_property

import sqlalchemy as sa

from storage.alerts import AlertGroupStore
from storage.audit import AuditStore
from storage.channels import ChannelSettingStore
from storage.corrections import CorrectionStore
from storage.delegations import DelegationStore
from storage.firings import FiringStore
from storage.heard import HeardStore
from storage.inbox import InboxStore
from storage.incidents import IncidentStore
from storage.kept_answers import KeptAnswerStore
from storage.lookups import LookupStore
from storage.outbox import OutboxStore
from storage.people import PeopleStore
from storage.receipts import ReceiptStore
from storage.retention import RetentionStore
from storage.runs import RunStore
from storage.sealed import SealedStore
from storage.sessions import SessionStore
from storage.timers import TimerStore
from storage.tokens import ActionTokenStore
from storage.waits import WaitStore
from storage.work import WorkStore


class SqlTransaction:
    """Implements `core.ports.records.Transaction` on a connection; beginning and ending it is the engine's business."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.news: set[str] = set()
        """Queues that this unit put work on."""

    @cached_property
    def inbox(self) -> InboxStore:
        return InboxStore(self.connection)

    @cached_property
    def outbox(self) -> OutboxStore:
        return OutboxStore(self.connection)

    @cached_property
    def runs(self) -> RunStore:
        return RunStore(self.connection)

    @cached_property
    def work(self) -> WorkStore:
        return WorkStore(self.connection, self.news)

    @cached_property
    def timers(self) -> TimerStore:
        return TimerStore(self.connection)

    @cached_property
    def waits(self) -> WaitStore:
        return WaitStore(self.connection)

    @cached_property
    def firings(self) -> FiringStore:
        return FiringStore(self.connection)

    @cached_property
    def sessions(self) -> SessionStore:
        return SessionStore(self.connection)

    @cached_property
    def incidents(self) -> IncidentStore:
        return IncidentStore(self.connection)

    @cached_property
    def alerts(self) -> AlertGroupStore:
        return AlertGroupStore(self.connection)

    @cached_property
    def heard(self) -> HeardStore:
        return HeardStore(self.connection)

    @cached_property
    def channels(self) -> ChannelSettingStore:
        return ChannelSettingStore(self.connection)

    @cached_property
    def tokens(self) -> ActionTokenStore:
        return ActionTokenStore(self.connection)

    @cached_property
    def audit(self) -> AuditStore:
        return AuditStore(self.connection)

    @cached_property
    def people(self) -> PeopleStore:
        return PeopleStore(self.connection)

    @cached_property
    def retention(self) -> RetentionStore:
        return RetentionStore(self.connection)

    @cached_property
    def receipts(self) -> ReceiptStore:
        return ReceiptStore(self.connection)

    @cached_property
    def kept_answers(self) -> KeptAnswerStore:
        return KeptAnswerStore(self.connection)

    @cached_property
    def corrections(self) -> CorrectionStore:
        return CorrectionStore(self.connection)

    @cached_property
    def lookups(self) -> LookupStore:
        return LookupStore(self.connection)

    @cached_property
    def delegations(self) -> DelegationStore:
        return DelegationStore(self.connection)

    @cached_property
    def sealed(self) -> SealedStore:
        return SealedStore(self.connection)
