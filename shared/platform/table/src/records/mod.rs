//! The records of the main table and of the connections table. Each owns its key, and says where it stands in the secondary index.
//!
//! The main table:
//!
//! | record | pk | sk | gsi1pk | gsi1sk |
//! |---|---|---|---|---|
//! | [`Tenant`] | `TENANT#<id>` | `TENANT` | | |
//! | [`TenantName`] | `TENANT_NAME#<look of a name>` | `TENANT` | | |
//! | [`Member`] | `SUBJECT#<hash>` | `MEMBER` | `MEMBERS#<tenant>` | `<member>` |
//! | [`Invitation`] | `INVITATION#<hash>` | `INVITATION` | `INVITATIONS#<tenant>` | `<hash>` |
//! | [`Grant`] | `GRANTS#<grantee>` | `<record>` | `GRANTED#<record>` | `<grantee>` |
//! | [`Job`] | `JOB#<id>` | `JOB` | `JOBS#<tenant>` | `<id>` |
//! | [`FeedJob`] | `FEED#<shard>` | `<id>` | | |
//! | [`Match`] | `JOB#<id>` | `MATCH#<candidate>#<tenant>` | `MATCHES#<candidate>` | `<job>#<tenant>` |
//! | [`Feedback`] | `JOB#<id>` | `FEEDBACK#<candidate>#<member>` | | |
//! | [`Candidate`] | `CANDIDATE#<id>` | `CANDIDATE` | `CANDIDATES#<tenant>` | `<id>` |
//! | [`ConsentRecord`] | `CANDIDATE#<id>` | `CONSENT#<id>` | `CONSENTS_DUE#<shard>` | `<day>#<id>` |
//! | [`ConsentEnd`] | `CANDIDATE#<id>` | `ENDING#<consent>` | | |
//! | [`ReadResume`] | `CANDIDATE#<id>` | `RESUME` | | |
//! | [`Indexed`] | `JOB#…` or `CANDIDATE#…` | `INDEXED` | | |
//! | [`DeltaEntry`] | `DELTA#<kind>#<shard>` | `<sequence>` | | |
//! | [`Manifest`] | `INDEX#<kind>` | `MANIFEST` | | |
//! | [`DealHead`] | `DEAL#<id>` | `DEAL` | `DEALS_DUE#<shard>` | `<second>#<id>` |
//! | [`DealFact`] | `DEAL#<id>` | `FACT#<number>` | | |
//! | [`Refusal`] | `REFUSALS#<tenant>` | `<fingerprint>` | | |
//! | [`SubmittedPerson`] | `DEAL#<id>` | `PERSON#<candidate>` | | |
//! | [`DealDocument`] | `DEAL#<id>` | `DOCUMENT#<id>` | | |
//! | [`ErasureDue`] | `ERASURES_DUE` | `<second>#<deal>` | | |
//! | [`DealOfTenant`] | `DEALS#<tenant>` | `<deal>` | | |
//! | [`ClaimOfPerson`] | `CLAIMS#<fingerprint>` | `<deal>#<candidate>` | | |
//! | [`PlacedPerson`] | `PLACED#<fingerprint or employer/candidate>` | `PLACED` | | |
//! | [`Engagement`] | `ENGAGEMENTS#<employer>` | `<agency>#<job or *>` | | |
//! | [`TenantCount`] | `COUNTS#<tenant>` | `<what>#<span of time>` | | |
//! | [`CandidateAsk`] | `ASKS#<tenant>` | `<mailbox's fingerprint>` | | |
//! | [`CandidateLink`] | `CANDIDATE_LINK#<hash>` | `LINK` | | |
//! | [`MailedPerson`] | `MAILED#<mailbox's fingerprint>` | `MAILED` | | |
//! | [`SealRecord`] | `SEALS` | `<date>` | | |
//! | [`PaymentEvent`] | `PAYMENT_EVENT#<id>` | `EVENT` | | |
//! | [`ClientPayment`] | `DEAL#<id>` | `PAYMENT#<processor's id>` | | |
//! | [`ClientRefund`] | `REFUNDS#<shard>` | `<ledger transaction>` | | |
//! | [`PaymentFile`] | `PAYMENT_FILE#<processor's id>` | `FILE` | | |
//! | [`OpenChargeback`] | `CHARGEBACKS#<shard>` | `<deal>#<fact>` | | |
//! | [`FailedRefund`] | `FAILED_REFUND#<processor's id>` | `FAILED` | | |
//! | [`Reconciliation`] | `RECONCILIATIONS` | `<second>` | | |
//! | [`FoundDifference`] | `DIFFERENCES#<second>` | `<number>` | | |
//! | [`ReconciliationRun`] | `RECONCILIATION_RUN` | `RUN` | | |
//! | [`Payable`] | `PAYABLES#<shard>` | `<deal>#<tenant>` | `PAYABLES_OF#<tenant>` | `<deal>` |
//! | [`PaidOut`] | `DEAL#<id>` | `PAID#<tenant>` | | |
//! | [`Payout`] | `PAYOUT#<id>` | `PAYOUT` | `PAYOUTS#<tenant>` | `<second>#<id>` |
//! | [`PayoutAccount`] | `PAYOUT_ACCOUNT#<tenant>` | `ACCOUNT` | | |
//! | [`Room`] | `ROOM#<id>` | `ROOM` | | |
//! | [`RoomMember`] | `ROOM#<id>` | `MEMBER#<member>` | `ROOMS#<member>` | `<room>` |
//! | [`RoomEntry`] | `ROOM#<id>` | `ENTRY#<offset>` | | |
//! | [`SentMessage`] | `ROOM#<id>` | `SENT#<member>#<message>` | | |
//! | [`RoomCursor`] | `ROOM#<id>` | `CURSOR#<member>` | | |
//! | [`Attachment`] | `ROOM#<id>` | `ATTACHMENT#<id>` | `ATTACHMENTS_TO_ERASE` | `<second>#<room>#<id>` |
//! | [`MlsGroup`] | `ROOM#<id>` | `MLS` | | |
//! | [`MlsWelcome`] | `ROOM#<id>` | `WELCOME#<offset>` | | |
//! | [`MlsDevice`] | `MLS#<member>` | `DEVICE#<device>` | | |
//! | [`MlsDeviceCount`] | `MLS#<member>` | `COUNT` | | |
//! | [`MlsKeyPackage`] | `MLS#<member>` | `PACKAGE#<device>#<hash>` | | |
//! | [`MlsSpent`] | `MLS#<member>` | `SPENT#<device>#<hash>` | | |
//! | [`MlsInvitation`] | `MLS#<member>` | `INVITED#<device>#<room>#<offset>` | | |
//! | [`NotificationRecord`] | `INBOX#<member>` | `<millisecond>#<event>` | `UNREAD#<member>` | `<millisecond>#<event>` |
//! | [`Preferences`] | `PREFERENCES#<member>` | `NOTIFICATIONS` | | |
//! | [`MailDue`] | `MAIL#<member>` | `DUE` | `MAIL_DUE#<shard>` | `<second>#<member>` |
//! | outbox | `OUTBOX#<record>` | `<event>` | | |
//! | idempotency | `IDEMPOTENCY#<hash>` | `ANSWER` | | |
//!
//! The connections table, whose items all go by themselves:
//!
//! | record | pk | sk | gsi1pk | gsi1sk |
//! |---|---|---|---|---|
//! | [`SocketTicket`] | `TICKET#<hash>` | `TICKET` | | |
//! | [`Socket`] | `SOCKETS#<member>` | `<connection>` | `SEEN#<shard>` | `<second>#<connection>` |
//! | [`Subscription`] | `ROOM#<room>` | `<connection>` | `CONNECTION#<connection>` | `<room>` |
//! | [`PresenceRecord`] | `PRESENCE#<member>` | `PRESENCE` | | |
//! | [`FrameCounts`] | `FRAMES#<member>` | `<second>` | | |

mod attachment;
mod candidate;
mod claim;
mod deal;
mod index;
mod job;
mod mls;
mod notification;
mod payment;
mod payout;
mod reconciliation;
mod room;
mod seal;
mod socket;
mod tenant;

pub use attachment::Attachment;
pub use candidate::{
    AwaitedFile, Candidate, CandidateSource, Consent, ConsentEnd, ConsentRecord, ConsentScope, ReadResume, Reading,
    ReadingStatus,
};
pub use claim::{ClaimGrounds, ClaimOfPerson, Engagement, EngagementPeriod, PlacedPerson, Refusal, SubmittedPerson};
pub use deal::{
    CandidateAsk, CandidateLink, DealDocument, DealFact, DealHead, DealOfTenant, ErasureDue, FeeSchedule, FileContent,
    LeftDeal, MailedPerson, TenantCount,
};
pub use index::{DeltaEntry, IndexKind, Indexed, Manifest, SHARDS, SegmentRef};
pub use job::{FeedJob, Feedback, Job, JobStatus, Match};
pub use mls::{GroupDevice, MlsDevice, MlsDeviceCount, MlsGroup, MlsInvitation, MlsKeyPackage, MlsSpent, MlsWelcome};
pub use notification::{Channels, MailDue, MailWhen, NotificationRecord, Preferences, QuietHours};
pub use payment::{
    ClientPayment, ClientRefund, FailedRefund, OpenChargeback, PaymentDispute, PaymentEvent, PaymentFile,
};
pub use payout::{PaidOut, Payable, Payout, PayoutAccount, PayoutStatus, Unclaimed};
pub use reconciliation::{
    BalanceLine, Difference, DifferenceKind, FoundDifference, Reconciliation, ReconciliationRun, RunStage,
};
pub use room::{Room, RoomCursor, RoomEntry, RoomKind, RoomMember, SentMessage};
pub use seal::{SealRecord, piece_key};
pub use socket::{Attention, FrameCounts, PresenceRecord, Socket, SocketTicket, Subscription};
pub use tenant::{Grant, Invitation, Member, Tenant, TenantKind, TenantName, secret_hash};

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Serialize, de::DeserializeOwned};

use crate::table::{Item, Key, StoreError, to_item};

/// A record of the main table.
pub trait Record: Serialize + DeserializeOwned + Send + Sync {
    /// Its name in the `entity` attribute, for whoever reads the raw table.
    const ENTITY: &'static str;

    /// Where it is stored.
    fn key(&self) -> Key;

    /// Where it stands in the secondary index (partition and sort key), if it does.
    fn index(&self) -> Option<(String, String)> {
        None
    }
}

/// A record as it is stored: its own fields, its keys and its entity name.
pub(crate) fn item_of<R: Record>(record: &R) -> Result<Item, StoreError> {
    let mut item = to_item(record)?;
    let Key { pk, sk } = record.key();
    let mut set = |name: &str, value: String| item.insert(name.to_owned(), AttributeValue::S(value));
    set("pk", pk);
    set("sk", sk);
    set("entity", R::ENTITY.to_owned());
    if let Some((partition, sort)) = record.index() {
        set("gsi1pk", partition);
        set("gsi1sk", sort);
    }
    Ok(item)
}
