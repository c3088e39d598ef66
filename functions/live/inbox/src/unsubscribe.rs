//! The end of optional mails, by the link that stands in each of them. It needs no sign-in and does nothing else.

use axum::{
    extract::State,
    http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName},
};
use garde::Validate;
use inventure_api::{Problem, http::Query, problem::stale};
use inventure_core::MemberId;
use inventure_notices::records::{Channels, MailDue, MailWhen, Preferences};
use inventure_people::records::secret_hash;
use inventure_realtime::NotificationKind;
use inventure_table::{Change, Commit, Condition, Store, retry::Attempts};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::preferences::unset;

/// The page behind the link: a button and no script. A program that only follows links ends nothing.
const PAGE: &str = include_str!("unsubscribe.html");

/// The rights of the page: it may look as it does, and send its own button.
const PAGE_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The number of times that it is tried while the person sets something else.
const ATTEMPTS: u32 = 3;

/// The parts of a mail's link.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// The member whose mails the link ends.
    #[garde(length(max = 60))]
    member: String,
    /// The secret of the member's link.
    #[garde(length(max = 60))]
    secret: String,
}

/// The page that a mail's link leads to.
#[utoipa::path(
    get, path = "/unsubscribe", tag = "inbox", security(()), params(Link),
    responses((status = 200, body = String, content_type = "text/html"))
)]
pub async fn page(_link: Query<Link>) -> ([(HeaderName, &'static str); 2], &'static str) {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, PAGE_POLICY),
    ];
    (headers, PAGE)
}

/// Ends all optional mails of the person whose link this is (RFC 8058). Asked again, it changes nothing.
#[utoipa::path(
    post, path = "/unsubscribe", tag = "inbox", security(()), params(Link),
    request_body(content = String, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, body = String, content_type = "text/plain"), (status = 404, description = "No such link"))
)]
pub async fn end(State(store): State<Store>, Query(link): Query<Link>) -> Result<&'static str, Problem> {
    let member: MemberId = link.member.parse().map_err(|_| Problem::not_found())?;
    let due: Option<MailDue> = store.get(&MailDue::key_of(member)).await?;
    let known = due.and_then(|due| due.unsubscribe).ok_or_else(Problem::not_found)?;
    // Hashes, so that the time it takes tells nothing of the secret.
    if secret_hash(&known) != secret_hash(&link.secret) {
        return Err(Problem::not_found());
    }
    let mut attempts = Attempts::new(ATTEMPTS);
    while attempts.begin().await {
        let key = Preferences::key_of(member);
        let before: Option<Preferences> = store.get(&key).await?;
        let condition = Condition::at(before.as_ref().map_or(0, |before| before.version));
        let wishes = without_mail(before.unwrap_or_else(|| unset(member)));
        if let Commit::Done = store.commit(Change::new().put(&wishes, condition)).await? {
            return Ok("You get no more mails about what happens on Inventure.\n");
        }
    }
    Err(stale())
}

/// The same wishes with no mail of any kind, one version on.
fn without_mail(wishes: Preferences) -> Preferences {
    let channels = NotificationKind::ALL.map(|kind| {
        let kind = kind.code();
        let wish = wishes.channels.iter().find(|channels| channels.kind == kind);
        Channels {
            kind: kind.to_owned(),
            socket: wish.is_none_or(|wish| wish.socket),
            inbox: wish.is_none_or(|wish| wish.inbox),
            mail: MailWhen::Never,
        }
    });
    Preferences {
        channels: channels.into(),
        version: wishes.version + 1,
        ..wishes
    }
}
