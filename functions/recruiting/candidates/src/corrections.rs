//! Corrections of a résumé by the broker who speaks for the candidate.

use axum::{Json, extract::State};
use garde::Validate;
use inventure_api::{
    Problem, clock,
    http::{Answer, Path, Write},
    once::{Once, Reply},
    problem::{Kind, stale},
    text,
};
use inventure_core::UploadId;
use inventure_events::{CandidateUpdated, Envelope};
use inventure_people::{Caller, access::Access};
use inventure_recruiting::records::ResumeCorrection;
use inventure_resume::correct::{ResumePart, StatedPart};
use inventure_table::{Change, Condition, Store};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::{
    resumes::corrected_resume,
    routes::{WRITERS, find, find_own},
    views::CandidateView,
};

/// The most characters of one text of a correction.
const TEXT_MAX: usize = 5_000;

/// The most entries of one list of a correction.
const LIST_MAX: usize = 200;

/// A correction of a résumé. Each part that is named is replaced as a whole, and stays so when another file is read.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// The version of the candidate that the correction is based on.
    #[garde(skip)]
    version: u64,
    /// The file whose reading is corrected: `upload_id` of the résumé.
    #[garde(skip)]
    upload_id: UploadId,
    /// The parts as they should be, each once.
    #[serde(default)]
    #[garde(length(max = 12), inner(custom(sound)))]
    parts: Vec<StatedPart>,
    /// The parts whose correction is taken back, so that the reading counts again.
    #[serde(default)]
    #[garde(length(max = 12))]
    take_back: Vec<ResumePart>,
}

/// The most texts of one part of a correction.
const TEXTS_MAX: usize = 2_000;

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that garde calls")]
fn sound(part: &StatedPart, (): &()) -> garde::Result {
    match part {
        StatedPart::Name(name) if name.is_empty() => Ok(()),
        StatedPart::Name(name) => text::name(name, &()),
        StatedPart::Headline(said) | StatedPart::Location(said) if !said.is_empty() => text::line(said, &()),
        StatedPart::Emails(emails) => emails.iter().try_for_each(|email| text::address(email, &())),
        StatedPart::Phones(lines) | StatedPart::Skills(lines) => {
            lines.iter().try_for_each(|said| text::line(said, &()))
        }
        StatedPart::Links(links) => links.iter().try_for_each(|link| site(link)),
        _ => Ok(()),
    }?;
    let mut texts = 0;
    sound_value(&json!(part), &mut texts)
}

/// Checks that an address leads to a site, and to nothing that a browser would run.
fn site(link: &str) -> garde::Result {
    text::line(&link, &())?;
    let scheme = link.split_once(':').map_or("https", |(scheme, _)| scheme);
    if ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        Ok(())
    } else {
        Err(garde::Error::new(
            "is no address of a site: it begins with http:// or https://",
        ))
    }
}

/// Checks each text and each list in a part.
fn sound_value(value: &Value, texts: &mut usize) -> garde::Result {
    *texts += usize::from(value.is_string());
    if *texts > TEXTS_MAX {
        return Err(garde::Error::new(format!(
            "there are more than {TEXTS_MAX} texts in it"
        )));
    }
    match value {
        Value::String(said) if said.chars().count() > TEXT_MAX => {
            Err(garde::Error::new(format!("a text has more than {TEXT_MAX} characters")))
        }
        // An empty text says that there is none.
        Value::String(said) if said.is_empty() => Ok(()),
        Value::String(said) => text::prose(said, &()),
        Value::Array(items) if items.len() > LIST_MAX => {
            Err(garde::Error::new(format!("a list has more than {LIST_MAX} entries")))
        }
        Value::Array(items) => items.iter().try_for_each(|item| sound_value(item, texts)),
        Value::Object(members) => members.values().try_for_each(|member| sound_value(member, texts)),
        _ => Ok(()),
    }
}

/// The corrections of a résumé, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct CorrectionHistory {
    /// The corrections that are kept, with what was shown before: the newest, and all that are in force.
    pub items: Vec<ResumeCorrection>,
}

/// Corrects a candidate's résumé. The correction stands over the reading in what is shown and in rankings. Claims, mail to the candidate
/// and what an employer is shown go by the file alone: there a broker's word about an address would prove nothing.
#[utoipa::path(
    patch, path = "/candidates/{id}/resume", tag = "candidates", params(("id" = String, Path)), request_body = Correction,
    responses((status = 200, body = CandidateView), (status = 409, description = "Stale version, or another file was read since"))
)]
pub async fn correct(
    State(store): State<Store>,
    caller: Caller,
    Path(id): Path<String>,
    write: Write<Correction>,
) -> Result<Answer, Problem> {
    caller.allow(WRITERS)?;
    let mut candidate = find_own(&store, &caller, &id).await?;
    Once::new(&store, caller.principal.member_id, write.idempotency.as_ref())
        .answer(async {
            let Correction {
                version,
                upload_id,
                parts,
                take_back,
            } = write.body;
            let (read, mut corrections) = corrected_resume(&store, &candidate, Access::Own).await?;
            if version != candidate.version || upload_id != read.upload_id {
                return Err(stale());
            }
            let now = clock::now();
            if take_back.iter().any(|part| !candidate.corrected.contains(part)) {
                return Err(Problem::field("take_back", "names a part that is not corrected"));
            }
            let taken_back = take_back.into_iter().map(|part| (part, None));
            let stated = parts.into_iter().map(|stated| (stated.part(), Some(stated)));
            let mut named = Vec::new();
            for (part, after) in taken_back.chain(stated) {
                if named.contains(&part) {
                    return Err(Problem::field("parts", "names a part twice"));
                }
                named.push(part);
                corrections.history.push(ResumeCorrection {
                    part,
                    before: StatedPart::of(&read.resume, part),
                    after,
                    upload_id,
                    by: caller.principal.member_id,
                    at: now,
                });
            }
            if named.is_empty() {
                return Err(Problem::field("parts", "names nothing to correct"));
            }
            if !corrections.make_room().map_err(Problem::internal)? {
                let detail = "The corrections in force are too long to be kept; take one back, or shorten it.";
                return Err(Problem::new(Kind::WrongState, detail));
            }
            candidate.corrected = corrections.in_force().into_iter().map(StatedPart::part).collect();
            candidate.version += 1;
            candidate.updated_at = now;
            let event = CandidateUpdated {
                candidate_id: candidate.candidate_id,
                tenant_id: candidate.tenant_id,
                candidate_version: candidate.version,
            };
            let envelope = Envelope::new(event.into(), now, &caller.ids.correlation_id);
            let change = Change::new()
                .update(&candidate, version)
                .put(&corrections, Condition::None)
                .emit(candidate.candidate_id, &envelope);
            let answer = Answer::ok(&CandidateView::from(candidate))?;
            Ok(Reply::new(change, answer))
        })
        .await
}

/// The corrections of a candidate's résumé, with what was shown before each.
#[utoipa::path(
    get, path = "/candidates/{id}/resume/corrections", tag = "candidates", params(("id" = String, Path)),
    responses((status = 200, body = CorrectionHistory))
)]
pub async fn history(
    State(store): State<Store>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<CorrectionHistory>, Problem> {
    // To the own agency alone: to others it would show what was wrong, and who put it right.
    let (candidate, access) = find(&store, &caller, &id).await?;
    if access == Access::Granted {
        return Err(Problem::only_shown());
    }
    let (_, corrections) = corrected_resume(&store, &candidate, access).await?;
    Ok(Json(CorrectionHistory {
        items: corrections.history,
    }))
}
