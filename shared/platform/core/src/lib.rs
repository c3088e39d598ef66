//! Ids, money, spans, roles and pages: the words every other room speaks.
//!
//! **Architecture Invariant:** this crate knows no other crate of the workspace, no AWS type, no clock and no environment.

pub mod id;
pub mod money;
pub mod page;
pub mod principal;
pub mod span;

pub use id::{
    AttachmentId, CandidateId, ConsentId, DealId, DocumentId, EventId, JobId, MemberId, RoomId, TenantId, UploadId,
};
pub use money::{Currency, Money, PayPeriod, PayRange};
pub use page::{Cursor, Page};
pub use principal::{Principal, Role};
pub use span::Span;
