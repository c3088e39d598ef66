//! The envelope and every event type.
//!
//! An event says that something happened, in the past tense, with ids and never with personal data. A consumer that needs the
//! person asks for the record, under that record's access rules. A breaking change is a new type version beside the old one.
//!
//! **Architecture Invariant:** the JSON Schemas in `events/` are generated from these types
//! (`cargo run -p inventure-events --example schemas`); a test fails when they differ.

pub mod queue;

use inventure_core::{CandidateId, ConsentId, DealId, EventId, JobId, MemberId, Role, RoomId, TenantId, UploadId};
use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

/// The `source` of every event on the bus.
pub const SOURCE: &str = "inventure";

/// The envelope that every event comes in: its id, its time, its causes and its data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Envelope {
    /// The event's id. It is the same in every delivery of the event, so that a consumer can tell a repeat.
    pub id: EventId,
    /// The time at which the event happened (not the time of its delivery), UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub occurred_at: Timestamp,
    /// The id of the request that all of this began with.
    pub correlation_id: String,
    /// The event that caused this one; absent where a person did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub causation_id: Option<EventId>,
    /// Version of the type's shape.
    pub version: u32,
    /// The event itself: its type and its data.
    #[serde(flatten)]
    pub event: Event,
}

/// The reasons for which a message is not an event that this build understands.
#[derive(Debug, thiserror::Error)]
pub enum UnreadableEvent {
    /// The message has not the shape of any known event.
    #[error("not a known event: {0}")]
    Shape(#[from] serde_json::Error),
    /// The event's type has another version than the one that this build reads.
    #[error("{kind} has version {found}, this build reads {known}")]
    Version {
        /// The event's type.
        kind: &'static str,
        /// The version that the message has.
        found: u32,
        /// The version that is understood.
        known: u32,
    },
}

impl Envelope {
    /// A new event that a person's request caused.
    #[must_use]
    pub fn new(event: Event, occurred_at: Timestamp, correlation_id: &str) -> Self {
        let version = event.version();
        Self {
            id: EventId::new(),
            occurred_at,
            correlation_id: correlation_id.to_owned(),
            causation_id: None,
            version,
            event,
        }
    }

    /// Returns an event that time alone caused. Its id is a function of the type and of `about`, so it happens once
    /// however often it is seen.
    #[must_use]
    pub fn due(event: Event, about: &str, occurred_at: Timestamp) -> Self {
        let name = format!("{about}/{}", event.kind());
        Self {
            id: EventId::from_uuid(Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes())),
            ..Self::new(event, occurred_at, about)
        }
    }

    /// The event that follows from this one. Its id is a function of its cause and `part`, so handling the cause twice makes
    /// the same event twice and consumers see one.
    #[must_use]
    pub fn follow(&self, event: Event, part: &str, occurred_at: Timestamp) -> Self {
        let name = format!("{}/{}/{part}", self.id, event.kind());
        Self {
            id: EventId::from_uuid(Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes())),
            occurred_at,
            correlation_id: self.correlation_id.clone(),
            causation_id: Some(self.id),
            version: event.version(),
            event,
        }
    }

    /// Reads an event, refusing versions of a shape this build does not know.
    pub fn read(value: serde_json::Value) -> Result<Self, UnreadableEvent> {
        let envelope: Self = serde_json::from_value(value)?;
        let known = envelope.event.version();
        if envelope.version != known {
            return Err(UnreadableEvent::Version {
                kind: envelope.event.kind(),
                found: envelope.version,
                known,
            });
        }
        Ok(envelope)
    }
}

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $version:literal by [$($writer:literal),+] { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
            pub struct $name { $($(#[$field_doc])* pub $field: $type),* }

            impl From<$name> for Event {
                fn from(data: $name) -> Self {
                    Self::$name(data)
                }
            }
        )*

        /// An event of any type.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(tag = "type", content = "data")]
        pub enum Event {
            $($(#[$doc])* $name($name)),*
        }

        impl Event {
            /// The type's name, as on the wire and in bus rules.
            #[must_use]
            pub const fn kind(&self) -> &'static str {
                match self { $(Self::$name(_) => stringify!($name)),* }
            }

            /// The version of the type's shape that this build writes and reads.
            #[must_use]
            pub const fn version(&self) -> u32 {
                match self { $(Self::$name(_) => $version),* }
            }
        }

        /// The names of all types.
        pub const KINDS: &[&str] = &[$(stringify!($name)),*];

        /// The functions that may say this. The bus takes an event of this type from no other; an unknown type is nobody's.
        #[must_use]
        pub fn writers_of(kind: &str) -> &'static [&'static str] {
            match kind {
                $(stringify!($name) => &[$($writer),+],)*
                _ => &[],
            }
        }

        /// Every event's JSON Schema (draft 2020-12), by file name.
        #[must_use]
        pub fn schemas() -> Vec<(String, serde_json::Value)> {
            vec![$((
                format!("{}.v{}.schema.json", stringify!($name), $version),
                envelope_schema(stringify!($name), $version, |generator| generator.subschema_for::<$name>()),
            )),*]
        }
    };
}

events! {
    /// A tenant was set up.
    TenantCreated = 1 by ["identity"] {
        /// The new tenant.
        tenant_id: TenantId,
        /// The member who set it up, and owns it now.
        member_id: MemberId,
    }
    /// A person accepted an invitation.
    MemberJoined = 1 by ["identity"] {
        /// The tenant that the person joined.
        tenant_id: TenantId,
        /// The person's new membership.
        member_id: MemberId,
        /// The role that the person has there.
        role: Role,
    }
    /// A person no longer belongs to a tenant. Rights end with this, at once.
    MemberRemoved = 1 by ["identity"] {
        /// The tenant that the person no longer belongs to.
        tenant_id: TenantId,
        /// The membership that ended.
        member_id: MemberId,
    }
    /// A job was posted.
    JobPosted = 1 by ["jobs"] {
        /// The job that was posted.
        job_id: JobId,
        /// The tenant that owns the job.
        tenant_id: TenantId,
        /// The record's version.
        job_version: u64,
    }
    /// A job's text or terms changed.
    JobUpdated = 1 by ["jobs"] {
        /// The job that changed.
        job_id: JobId,
        /// The tenant that owns the job.
        tenant_id: TenantId,
        /// The record's version.
        job_version: u64,
    }
    /// A job is no longer to be filled.
    JobClosed = 1 by ["jobs"] {
        /// The job that was closed.
        job_id: JobId,
        /// The tenant that owns the job.
        tenant_id: TenantId,
        /// The record's version.
        job_version: u64,
    }
    /// A candidate was recorded.
    CandidateCreated = 1 by ["candidates"] {
        /// The candidate that was recorded.
        candidate_id: CandidateId,
        /// The tenant that owns the candidate's record.
        tenant_id: TenantId,
    }
    /// A broker changed what is stated about a candidate (availability, pay, place).
    CandidateUpdated = 1 by ["candidates"] {
        /// The candidate whose record changed.
        candidate_id: CandidateId,
        /// The tenant that owns the candidate's record.
        tenant_id: TenantId,
        /// The record's version.
        candidate_version: u64,
    }
    /// A candidate was erased: nothing is kept of them but the id.
    CandidateErased = 1 by ["candidates"] {
        /// The candidate that was erased.
        candidate_id: CandidateId,
        /// The tenant that owned the candidate's record.
        tenant_id: TenantId,
        /// The record's version.
        candidate_version: u64,
    }
    /// A candidate agreed to the processing of their data.
    ConsentGiven = 1 by ["candidates"] {
        /// The candidate that agreed.
        candidate_id: CandidateId,
        /// The tenant that owns the candidate's record.
        tenant_id: TenantId,
        /// The consent that was given.
        consent_id: ConsentId,
        /// The record's version.
        candidate_version: u64,
    }
    /// A candidate's consent ended: nothing more is processed, and they leave the index.
    ConsentWithdrawn = 1 by ["candidates"] {
        /// The candidate whose consent ended.
        candidate_id: CandidateId,
        /// The tenant that owns the candidate's record.
        tenant_id: TenantId,
        /// The consent that ended.
        consent_id: ConsentId,
        /// The record's version.
        candidate_version: u64,
    }
    /// A candidate's consent ran out: its last day is over. The same holds of it as of a withdrawal.
    ConsentExpired = 1 by ["resume-parser"] {
        /// The candidate whose consent ran out.
        candidate_id: CandidateId,
        /// The tenant that owns the candidate's record.
        tenant_id: TenantId,
        /// The consent that ran out.
        consent_id: ConsentId,
        /// The record's version.
        candidate_version: u64,
    }
    /// A file was read into a structured résumé.
    ResumeParsed = 1 by ["resume-parser"] {
        /// The candidate that the file is about.
        candidate_id: CandidateId,
        /// The tenant that owns the candidate's record.
        tenant_id: TenantId,
        /// The file that was read.
        upload_id: UploadId,
        /// The record's version.
        candidate_version: u64,
    }
    /// A file could not be read; nothing was made up.
    ResumeRefused = 1 by ["resume-parser"] {
        /// The candidate that the file is about.
        candidate_id: CandidateId,
        /// The tenant that owns the candidate's record.
        tenant_id: TenantId,
        /// The file that could not be read.
        upload_id: UploadId,
        /// The stable code of the reason, e.g. `needs_ocr`.
        reason: String,
    }
    /// A candidate can be found.
    CandidateIndexed = 1 by ["indexer"] {
        /// The candidate that can be found.
        candidate_id: CandidateId,
        /// The tenant that owns the candidate's record.
        tenant_id: TenantId,
        /// The version of the record that was indexed.
        candidate_version: u64,
    }
    /// A job can be matched.
    JobIndexed = 1 by ["indexer"] {
        /// The job that can be matched.
        job_id: JobId,
        /// The tenant that owns the job.
        tenant_id: TenantId,
        /// The version of the record that was indexed.
        job_version: u64,
    }
    /// Matches were found that nobody had to ask for. Each tenant is told of a job and a candidate once.
    MatchesFound = 1 by ["match-finder"] {
        /// The job of the matches.
        job_id: JobId,
        /// The tenant to notify: one that may see both.
        tenant_id: TenantId,
        /// The change that the search began with: that of the job itself, or of one candidate.
        trigger: MatchTrigger,
        /// The matches, best first.
        matches: Vec<FoundMatch>,
        /// The version of the ranking that scored them.
        model_version: String,
    }
    /// A member said whether a match was any good.
    MatchRated = 1 by ["ranking-api"] {
        /// The job of the match.
        job_id: JobId,
        /// The candidate of the match.
        candidate_id: CandidateId,
        /// The tenant of the member who judged.
        tenant_id: TenantId,
        /// The member who judged.
        member_id: MemberId,
        /// The judgement on the match.
        rating: Rating,
    }
    /// Terms of a deal were proposed, the first or new ones: the parties have something to read.
    DealShared = 1 by ["deals"] {
        /// The deal that the terms are of.
        deal_id: DealId,
        /// The job that the deal is about.
        job_id: JobId,
        /// The tenant that proposed the terms.
        tenant_id: TenantId,
        /// The version of the proposed terms.
        terms_version: u32,
        /// The tenants that have to sign: the parties of these terms and of those in force.
        parties: Vec<TenantId>,
    }
    /// All parties of a deal have signed.
    DealAccepted = 1 by ["deals"] {
        /// The deal that was signed.
        deal_id: DealId,
        /// The job that the deal is about.
        job_id: JobId,
        /// The version that is in force.
        terms_version: u32,
        /// The tenants that signed: the parties of these terms and of those that they replace.
        parties: Vec<TenantId>,
    }
    /// Something happened to a deal.
    DealMoved = 1 by ["deals", "settlement", "payment-webhook"] {
        /// The deal that it happened to.
        deal_id: DealId,
        /// The fact that was added to the deal.
        fact_id: EventId,
        /// The kind of the fact, e.g. `placed`.
        kind: String,
        /// The state of the deal after it, e.g. `invoiced`.
        state: String,
        /// The tenants that may see the deal.
        tenants: Vec<TenantId>,
    }
    /// A broker submitted a candidate to an employer.
    CandidateClaimed = 1 by ["deals"] {
        /// The deal in which the candidate was submitted.
        deal_id: DealId,
        /// The candidate that was submitted.
        candidate_id: CandidateId,
        /// The broker that submitted the candidate.
        tenant_id: TenantId,
        /// The employer that the candidate was submitted to.
        employer_id: TenantId,
        /// The last day on which the employer may object, as in ISO 8601; nothing where the terms know no objection.
        #[serde(default)]
        objection_until: Option<String>,
        /// The client and the parties of the terms in force, without the broker.
        #[serde(default)]
        tenants: Vec<TenantId>,
    }
    /// A broker has a candidate asked whether they may speak for them.
    CandidateAsked = 1 by ["deals"] {
        /// The deal in which the candidate was submitted.
        deal_id: DealId,
        /// The candidate to ask.
        candidate_id: CandidateId,
        /// The broker that submitted the candidate, and has them asked.
        tenant_id: TenantId,
        /// The keyed fingerprint of the mailbox at the employer, hexadecimal: the address without what follows a `+`.
        address: String,
    }
    /// The employer says that it knew a candidate before.
    CandidateFlagged = 1 by ["deals"] {
        /// The deal in which the employer says so.
        deal_id: DealId,
        /// The candidate that the employer knew.
        candidate_id: CandidateId,
        /// The employer that knew the candidate.
        employer_id: TenantId,
        /// The parties of the terms in force.
        #[serde(default)]
        tenants: Vec<TenantId>,
    }
    /// The others are asked to confirm or to contest what one side of a deal reported.
    AnswerAsked = 1 by ["deals", "settlement", "payment-webhook"] {
        /// The deal that the report is in.
        deal_id: DealId,
        /// The fact that reported it.
        fact_id: EventId,
        /// The kind of report, e.g. `placed`.
        kind: String,
        /// The tenants asked to answer.
        tenants: Vec<TenantId>,
        /// The moment from which silence counts as a yes, as in RFC 3339; nothing where it never does.
        accepted_from: Option<String>,
        /// The moment at which the report ends without effect, as in RFC 3339; nothing where that does not run.
        #[serde(default)]
        expires_at: Option<String>,
    }
    /// A side contested a report, which its reporter may take to a dispute.
    ReportContested = 1 by ["deals"] {
        /// The deal that the report is in.
        deal_id: DealId,
        /// The fact that reported it.
        fact_id: EventId,
        /// The kind of report, e.g. `placed`.
        kind: String,
        /// The moment at which the report ends without effect, as in RFC 3339. It does not end so if it is in a dispute by
        /// then.
        expires_at: Option<String>,
        /// The tenant that made the report.
        tenants: Vec<TenantId>,
    }
    /// A report by one side of a deal took effect, or ended without.
    ReportEnded = 1 by ["deals", "settlement", "payment-webhook"] {
        /// The deal that the report is in.
        deal_id: DealId,
        /// The fact that reported it.
        fact_id: EventId,
        /// The kind of report, e.g. `placed`.
        kind: String,
        /// The way in which it ended: `effective`, `withdrawn`, `lapsed`, `rejected` or `expired`.
        ended: String,
        /// The reporter and the tenants asked, without the author of the end.
        tenants: Vec<TenantId>,
    }
    /// A dispute was opened, argued, taken to its next step, withdrawn or ruled on.
    DisputeMoved = 1 by ["deals", "settlement", "payment-webhook"] {
        /// The deal that the dispute is in.
        deal_id: DealId,
        /// The fact that opened the dispute.
        fact_id: EventId,
        /// The move, e.g. `evidence_given`.
        kind: String,
        /// The last day on which its present step takes evidence, as in ISO 8601; nothing once it is over.
        evidence_until: Option<String>,
        /// The moment from which it ends by default unless a judge has ruled. It is as in RFC 3339; nothing before
        /// the last step.
        default_ruling_at: Option<String>,
        /// The tenants to tell, without the author of the move. They are the parties, the arbiter and the deputy of
        /// the terms in force, and the client where it is a side.
        tenants: Vec<TenantId>,
    }
    /// A bill counts from now on: the client owes it.
    InvoiceIssued = 1 by ["deals", "settlement", "payment-webhook"] {
        /// The deal that the bill is of.
        deal_id: DealId,
        /// The invoice's number in the deal.
        invoice: String,
        /// The client and the parties, without the author.
        tenants: Vec<TenantId>,
    }
    /// A candidate said that the broker who submitted them speaks for them.
    CandidateConfirmed = 1 by ["deals"] {
        /// The deal in which the candidate was submitted.
        deal_id: DealId,
        /// The candidate that confirmed.
        candidate_id: CandidateId,
        /// The broker that speaks for the candidate.
        tenant_id: TenantId,
    }
    /// A candidate may not be shown or placed in a deal any more: they said no, or their consent ended.
    CandidateLost = 1 by ["deals", "settlement"] {
        /// The deal that the candidate is lost to.
        deal_id: DealId,
        /// The candidate that is lost.
        candidate_id: CandidateId,
        /// The client and the parties.
        tenants: Vec<TenantId>,
    }
    /// A bill is past the day on which it was due.
    BillOverdue = 1 by ["settlement"] {
        /// The deal that the bill is of.
        deal_id: DealId,
        /// The invoice's number in the deal.
        invoice: String,
        /// The client and the agencies that brought the job.
        tenants: Vec<TenantId>,
    }
    /// The processor made a transfer to a broker.
    PayoutSent = 1 by ["payouts"] {
        /// The payout's id: it names the thing that is paid.
        payout_id: String,
        /// The deal that was paid for.
        deal_id: DealId,
        /// The broker that was paid.
        tenant_id: TenantId,
        /// The amount, in the currency's minor units.
        minor_units: i64,
        /// The currency, ISO 4217.
        currency: String,
    }
    /// The network put money of its own into the guarantee reserve: it has arrived at the processor.
    ReserveFunded = 1 by ["payment-webhook"] {
        /// The processor's id of the top-up.
        topup_id: String,
        /// The amount, in the currency's minor units.
        minor_units: i64,
        /// The currency, ISO 4217.
        currency: String,
    }
    /// The books of a day were sealed. Keep the root: with it nothing of that day can be changed unseen.
    LedgerSealed = 1 by ["sealer"] {
        /// The day, UTC, as in ISO 8601.
        date: String,
        /// The root over every account as it stood, hexadecimal.
        root: String,
        /// The seal's own hash, hexadecimal.
        hash: String,
        /// The number of accounts on that day.
        accounts: u64,
    }
    /// A member addressed others in a room, or wrote to one who was away.
    PeopleAddressed = 1 by ["chat"] {
        /// The room in which it was written.
        room_id: RoomId,
        /// The offset of the entry in the room.
        offset: u64,
        /// The member who wrote it.
        sender: MemberId,
        /// The members that it addresses. The reader has to find out which of them are in the room.
        members: Vec<MemberId>,
    }
    /// A tenant let another one see a record.
    AccessGranted = 1 by ["jobs", "candidates"] {
        /// The record's id, a job's or a candidate's.
        record_id: String,
        /// The tenant that owns the record.
        tenant_id: TenantId,
        /// The tenant that may see the record now.
        grantee_id: TenantId,
    }
    /// A record was indexed that another tenant may see: its matches are to be found for that tenant as well.
    SharedRecordIndexed = 1 by ["match-finder"] {
        /// The record's id, a job's or a candidate's.
        record_id: String,
        /// The tenant that holds the record.
        tenant_id: TenantId,
        /// The tenant that may see the record.
        grantee_id: TenantId,
        /// Whether the grantees after this one are still to be told.
        more: bool,
    }
    /// A tenant took back another one's access to a record.
    AccessRevoked = 1 by ["jobs", "candidates"] {
        /// The record's id, a job's or a candidate's.
        record_id: String,
        /// The tenant that owns the record.
        tenant_id: TenantId,
        /// The tenant that may see the record no longer.
        grantee_id: TenantId,
    }
}

/// The change that a search for matches began with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MatchTrigger {
    /// A job came or changed: candidates were looked for.
    Job,
    /// A candidate came or changed: their jobs were looked for.
    Candidate,
}

/// One candidate for a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FoundMatch {
    /// The candidate that was found.
    pub candidate_id: CandidateId,
    /// The score of the match, 0 to 1, as explained by `GET /jobs/{id}/matches`.
    pub score: f64,
}

/// A judgement on a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rating {
    /// The candidate is worth talking to.
    Good,
    /// The candidate is not for this job.
    Bad,
}

fn envelope_schema(kind: &str, version: u32, data: fn(&mut SchemaGenerator) -> Schema) -> serde_json::Value {
    let mut generator = SchemaGenerator::default();
    let data = data(&mut generator);
    let id = generator.subschema_for::<EventId>();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": kind,
        "type": "object",
        "required": ["id", "type", "version", "occurred_at", "correlation_id", "data"],
        "properties": {
            "id": id.clone(),
            "type": { "const": kind },
            "version": { "const": version },
            "occurred_at": { "type": "string", "format": "date-time" },
            "correlation_id": { "type": "string" },
            "causation_id": id,
            "data": data,
        },
        "$defs": generator.take_definitions(true),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posted() -> Envelope {
        let event = JobPosted {
            job_id: JobId::new(),
            tenant_id: TenantId::new(),
            job_version: 1,
        };
        Envelope::new(event.into(), Timestamp::UNIX_EPOCH, "req-1")
    }

    #[test]
    fn an_envelope_reads_back_and_names_its_type() {
        let envelope = posted();
        let json = serde_json::to_value(&envelope).unwrap();
        assert_eq!(json["type"], "JobPosted");
        assert_eq!(json["data"]["job_version"], 1);
        assert_eq!(Envelope::read(json).unwrap(), envelope);
    }

    #[test]
    fn another_version_of_a_shape_is_refused() {
        let mut json = serde_json::to_value(posted()).unwrap();
        json["version"] = json!(2);
        assert!(matches!(
            Envelope::read(json),
            Err(UnreadableEvent::Version { found: 2, known: 1, .. })
        ));
    }

    #[test]
    fn the_same_cause_makes_the_same_event() {
        let cause = posted();
        let follow = |part: &str| {
            let event = JobIndexed {
                job_id: JobId::new(),
                tenant_id: TenantId::new(),
                job_version: 1,
            };
            cause.follow(event.into(), part, Timestamp::UNIX_EPOCH)
        };
        assert_eq!(follow("a").id, follow("a").id);
        assert_ne!(follow("a").id, follow("b").id);
        assert_eq!(follow("a").causation_id, Some(cause.id));
    }

    #[test]
    fn the_checked_in_schemas_are_those_of_the_code() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../events");
        let mut written: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".schema.json"))
            .collect();
        written.sort();
        let mut generated = schemas();
        generated.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(
            written,
            generated.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>()
        );
        for (name, schema) in generated {
            let text = std::fs::read_to_string(format!("{folder}/{name}")).unwrap();
            let on_disk: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(
                on_disk, schema,
                "{name}: run `cargo run -p inventure-events --example schemas`"
            );
        }
    }
}
