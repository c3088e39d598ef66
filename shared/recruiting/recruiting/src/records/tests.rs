//! Tests of the keys that records are stored under, and of what a consent allows.

use inventure_core::{CandidateId, ConsentId, JobId, MemberId, TenantId, UploadId};
use inventure_resume::Resume;
use inventure_table::{Key, Record};
use jiff::{Timestamp, civil::Date};
use uuid::Uuid;

use super::*;

const ONE: &str = "0198c7a2e0b07a31b2d4c6e8fa0c1e22";
const OTHER: &str = "0198c7a2e0b07a31b2d4c6e8fa0c1e23";
const LAST_DAY: Date = Date::constant(2026, 12, 31);

fn id<T: std::str::FromStr>(prefix: &str, of: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    format!("{prefix}_{of}").parse().unwrap()
}

fn candidate_id() -> CandidateId {
    id("can", ONE)
}

fn tenant() -> TenantId {
    id("ten", ONE)
}

fn stranger() -> TenantId {
    id("ten", OTHER)
}

fn consent(scopes: &[ConsentScope]) -> Consent {
    Consent {
        consent_id: id("con", ONE),
        scopes: scopes.to_vec(),
        employers: Vec::new(),
        evidence: "a signed form".to_owned(),
        recorded_by: id("mem", ONE),
        given_at: Timestamp::UNIX_EPOCH,
        until: LAST_DAY,
    }
}

fn reading(upload: u128, status: ReadingStatus) -> Reading {
    Reading {
        upload_id: UploadId::from_uuid(Uuid::from_u128(upload)),
        status,
        file_name: "cv.pdf".to_owned(),
        reason: None,
        detail: None,
        sha256: None,
        at: Timestamp::UNIX_EPOCH,
    }
}

fn awaited(upload: u128) -> AwaitedFile {
    AwaitedFile {
        upload_id: UploadId::from_uuid(Uuid::from_u128(upload)),
        file_name: "cv.pdf".to_owned(),
        at: Timestamp::UNIX_EPOCH,
    }
}

/// A candidate with everything there is to know of one.
fn candidate() -> Candidate {
    use ConsentScope::{Matching, ShareWithNetwork, StoreResume};
    Candidate {
        candidate_id: candidate_id(),
        tenant_id: tenant(),
        name: "Mara".to_owned(),
        available_from: Some(LAST_DAY),
        desired_pay: None,
        remote_only: Some(true),
        location: Some("Leeds".to_owned()),
        source: CandidateSource::Member,
        consent: Some(consent(&[StoreResume, Matching, ShareWithNetwork])),
        reading: Some(reading(1, ReadingStatus::Parsed)),
        awaited: Some(awaited(2)),
        corrected: Vec::new(),
        resume_upload_id: Some(UploadId::from_uuid(Uuid::from_u128(1))),
        forms_void_until: None,
        version: 1,
        created_by: id("mem", ONE),
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
        erased_at: None,
    }
}

fn ended(withdrawn: bool, ended: bool) -> ConsentRecord {
    ConsentRecord {
        candidate_id: candidate_id(),
        consent: consent(&[]),
        withdrawn_at: withdrawn.then_some(Timestamp::UNIX_EPOCH),
        ended_at: ended.then_some(Timestamp::UNIX_EPOCH),
    }
}

fn index(first: &str, second: &str) -> (String, String) {
    (first.to_owned(), second.to_owned())
}

/// Stored records are found by these texts alone: whoever changes one loses what is stored.
#[test]
fn records_are_stored_under_the_keys_that_stored_ones_have() {
    let (job, member): (JobId, MemberId) = (id("job", ONE), id("mem", ONE));
    let con: ConsentId = id("con", ONE);
    let candidate = candidate();
    let key = Key::new(format!("CANDIDATE#can_{ONE}"), "CANDIDATE");
    assert_eq!((candidate.key(), Candidate::key_of(candidate_id())), (key.clone(), key));
    assert_eq!(Candidate::of_tenant(tenant()), format!("CANDIDATES#ten_{ONE}"));
    assert_eq!(
        candidate.index(),
        Some(index(&format!("CANDIDATES#ten_{ONE}"), &format!("can_{ONE}")))
    );
    let record = ended(false, false);
    assert_eq!(
        record.key(),
        Key::new(format!("CANDIDATE#can_{ONE}"), format!("CONSENT#con_{ONE}"))
    );
    let end = ConsentEnd {
        candidate_id: candidate_id(),
        consent_id: con,
        told_until: String::new(),
        expires_at: 0,
    };
    assert_eq!(
        end.key(),
        Key::new(format!("CONSENT_END#can_{ONE}"), format!("con_{ONE}"))
    );
    let resume = ReadResume {
        boxes: vec![1, 2, 3],
        candidate_id: candidate_id(),
        tenant_id: tenant(),
        upload_id: UploadId::from_uuid(Uuid::nil()),
        resume: Resume::default(),
        text: String::new(),
        read_at: Timestamp::UNIX_EPOCH,
    };
    assert_eq!(resume.key(), Key::new(format!("CANDIDATE#can_{ONE}"), "RESUME"));
    assert_eq!(Job::key_of(job), Key::new(format!("JOB#job_{ONE}"), "JOB"));
    assert_eq!(Job::of_tenant(tenant()), format!("JOBS#ten_{ONE}"));
    // Its last byte is 0x22, and there are four partitions.
    assert_eq!(FeedJob::key_of(job), Key::new("FEED#2", format!("job_{ONE}")));
    assert_eq!(
        Match::key_of(job, candidate_id(), tenant()),
        Key::new(format!("MATCH#can_{ONE}"), format!("job_{ONE}#ten_{ONE}"))
    );
    assert_eq!(
        Feedback::key_of(job, candidate_id(), member),
        Key::new(format!("FEEDBACK#job_{ONE}"), format!("can_{ONE}#mem_{ONE}"))
    );
}

#[test]
fn an_erased_candidate_is_in_no_list_of_its_tenant() {
    let mut candidate = candidate();
    candidate.erased_at = Some(Timestamp::UNIX_EPOCH);
    assert_eq!(candidate.index(), None);
}

#[test]
fn a_consent_is_due_on_its_last_day_until_it_has_ended_in_either_way() {
    assert_eq!(
        ended(false, false).index(),
        Some(index("CONSENTS_DUE#2", &format!("2026-12-31#con_{ONE}")))
    );
    for (withdrawn, over) in [(true, false), (false, true), (true, true)] {
        assert_eq!(ended(withdrawn, over).index(), None);
    }
    let mut next = ended(false, false);
    next.consent.consent_id = id("con", OTHER);
    assert_eq!(
        next.index(),
        Some(index("CONSENTS_DUE#3", &format!("2026-12-31#con_{OTHER}")))
    );
    assert_eq!(ConsentRecord::due(3), "CONSENTS_DUE#3");
}

#[test]
fn a_consent_covers_its_scopes_through_its_last_day() {
    let given = consent(&[ConsentScope::Matching]);
    let (before, after) = (LAST_DAY.yesterday().unwrap(), LAST_DAY.tomorrow().unwrap());
    for (scope, day, covered) in [
        (ConsentScope::Matching, before, true),
        (ConsentScope::Matching, LAST_DAY, true),
        (ConsentScope::Matching, after, false),
        (ConsentScope::StoreResume, LAST_DAY, false),
    ] {
        assert_eq!(given.covers(scope, day), covered, "{scope:?} on {day}");
        let mut candidate = candidate();
        candidate.consent = Some(given.clone());
        assert_eq!(candidate.consents(scope, day), covered, "{scope:?} on {day}");
        candidate.consent = None;
        assert!(!candidate.consents(scope, day), "nobody agreed");
    }
}

#[test]
fn matching_needs_two_scopes_and_another_tenant_a_third() {
    use ConsentScope::{Matching, ShareWithNetwork, StoreResume};
    for (scopes, matched, shown_to_others) in [
        (&[] as &[_], false, false),
        (&[StoreResume], false, false),
        (&[Matching], false, false),
        (&[ShareWithNetwork], false, false),
        (&[StoreResume, ShareWithNetwork], false, false),
        (&[Matching, ShareWithNetwork], false, false),
        (&[StoreResume, Matching], true, false),
        (&[StoreResume, Matching, ShareWithNetwork], true, true),
    ] {
        let mut candidate = candidate();
        candidate.consent = Some(consent(scopes));
        assert_eq!(candidate.may_be_matched(LAST_DAY), matched, "{scopes:?}");
        assert_eq!(candidate.may_be_shown(tenant(), LAST_DAY), matched, "{scopes:?}");
        assert_eq!(
            candidate.may_be_shown(stranger(), LAST_DAY),
            shown_to_others,
            "{scopes:?}"
        );
        assert!(!candidate.may_be_matched(LAST_DAY.tomorrow().unwrap()));
    }
}

#[test]
fn each_trace_of_a_file_is_one_and_all_go_together() {
    let nothing = || {
        let mut candidate = candidate();
        candidate.forget_resume();
        candidate
    };
    let forgotten = nothing();
    assert_eq!((&forgotten.reading, &forgotten.awaited), (&None, &None));
    assert_eq!(forgotten.resume_upload_id, None);
    assert!(!forgotten.keeps_resume());
    let traces: [fn(&mut Candidate); 3] = [
        |candidate| candidate.reading = Some(reading(1, ReadingStatus::Parsed)),
        |candidate| candidate.awaited = Some(awaited(1)),
        |candidate| candidate.resume_upload_id = Some(UploadId::from_uuid(Uuid::from_u128(1))),
    ];
    for leave in traces {
        let mut candidate = nothing();
        leave(&mut candidate);
        assert!(candidate.keeps_resume());
    }
}

#[test]
fn forms_that_are_out_are_void_once_the_files_are_forgotten() {
    let mut candidate = candidate();
    candidate.forget_resume();
    let void = candidate.forms_void_until.unwrap();
    assert!(void > UploadId::from_uuid(Uuid::from_u128(2)), "the form that was out");
    assert!(candidate.next_upload() > void);
}

#[test]
fn the_next_form_is_after_all_before_it_whatever_the_clock_says() {
    let now = UploadId::new();
    let late = u128::MAX - 9;
    let upload = |number: u128| UploadId::from_uuid(Uuid::from_u128(number));
    let mut fresh = candidate();
    assert!(fresh.next_upload() > now, "by the clock, where that is after them");
    fresh.awaited = Some(awaited(late));
    assert_eq!(fresh.next_upload(), upload(late + 1));
    fresh.reading = Some(reading(late + 2, ReadingStatus::Refused));
    assert_eq!(fresh.next_upload(), upload(late + 3));
    fresh.forms_void_until = Some(upload(late + 4));
    assert_eq!(fresh.next_upload(), upload(late + 5));
}

#[test]
fn a_form_that_nothing_came_with_is_no_reading() {
    let mut candidate = candidate();
    for (status, is_one) in [
        (ReadingStatus::Parsed, true),
        (ReadingStatus::Refused, true),
        (ReadingStatus::AwaitingUpload, false),
    ] {
        candidate.reading = Some(reading(1, status));
        assert_eq!(candidate.last_reading().is_some(), is_one, "{status:?}");
    }
}

#[test]
fn a_consent_that_ends_takes_along_what_was_read_under_it() {
    let mut candidate = candidate();
    let now = Timestamp::from_second(7).unwrap();
    let given = candidate.consent.clone().unwrap();
    let record = candidate.end_consent(now).unwrap();
    assert_eq!((record.candidate_id, record.consent), (candidate_id(), given));
    assert_eq!((record.withdrawn_at, record.ended_at), (None, Some(now)));
    assert_eq!(candidate.consent, None);
    assert!(!candidate.keeps_resume());
    let void = candidate.forms_void_until;
    assert_eq!(candidate.end_consent(now), None, "it has ended");
    assert_eq!(candidate.forms_void_until, void, "nothing is left to void");
}

#[test]
fn an_erased_candidate_is_an_id_and_nothing_more() {
    let now = Timestamp::from_second(7).unwrap();
    let mut erased = candidate();
    assert!(erased.erase(now).is_some_and(|record| record.ended_at == Some(now)));
    let expected = Candidate {
        name: String::new(),
        available_from: None,
        desired_pay: None,
        remote_only: None,
        location: None,
        consent: None,
        reading: None,
        awaited: None,
        resume_upload_id: None,
        corrected: Vec::new(),
        forms_void_until: erased.forms_void_until,
        erased_at: Some(now),
        ..candidate()
    };
    assert_eq!(erased, expected);
    let mut without = candidate();
    without.consent = None;
    assert_eq!(without.erase(now), None, "no consent to end");
    assert!(!without.keeps_resume());
}

#[test]
fn the_feed_shows_the_beginning_and_says_where_there_is_more() {
    let exact = "é".repeat(FeedJob::EXCERPT_MAX);
    assert_eq!(FeedJob::excerpt(&exact), exact);
    assert_eq!(FeedJob::excerpt(&format!("{exact}x")), format!("{exact}…"));
}
