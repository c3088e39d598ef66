//! The ways in which a member wants to be told.

use inventure_api::once::{Once, Reply};
use std::collections::BTreeMap;

use axum::{Json, extract::State};
use garde::Validate;
use inventure_api::{
    Problem,
    http::{Answer, Write},
};
use inventure_core::MemberId;
use inventure_notices::records::{Channels, MailWhen, Preferences, QuietHours};
use inventure_people::Caller;
use inventure_realtime::NotificationKind;
use inventure_table::{Change, Condition, Store};
use jiff::{
    civil::{Time, time},
    tz::TimeZone,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The time at which a kind of notification is mailed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MailView {
    /// No mail of this kind.
    Never,
    /// A mail after five minutes, if it is not read by then.
    Soon,
    /// A mail once a day, with everything else that is not read by then.
    Daily,
}

/// The channels on which a kind of notification is told.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelsView {
    /// Whether it is told on the sockets.
    pub socket: bool,
    /// Whether it is told in the inbox.
    pub inbox: bool,
    /// The mail that tells of it; only what is in the inbox is mailed.
    pub mail: MailView,
}

/// The hours in which no mail goes out.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietView {
    /// The time of day from which no mail goes out, as `22:00`.
    #[schema(value_type = String)]
    pub from: Time,
    /// The time of day to which no mail goes out; the next day's where it is earlier.
    #[schema(value_type = String)]
    pub to: Time,
}

/// The ways in which a member wants to be told.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreferencesView {
    /// The version that was read; 0 before anything was set.
    #[garde(skip)]
    pub version: u64,
    /// The channels that differ from the usual, by kind. The kinds are `matches_found`, `deal_shared`, `deal_accepted`,
    /// `candidate_claimed`, `candidate_flagged`, `answer_asked`, `report_contested`, `report_ended`, `dispute_moved`,
    /// `invoice_issued`, `candidate_confirmed`, `candidate_lost`, `bill_overdue`, `payout_sent`, `addressed`.
    #[garde(length(max = NotificationKind::ALL.len()))]
    pub kinds: BTreeMap<String, ChannelsView>,
    /// The hours in which no mail goes out; absent where there are none.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_hours: Option<QuietView>,
    /// The time of day at which the daily mail goes out, as `08:00`.
    #[garde(skip)]
    #[schema(value_type = String)]
    pub daily_at: Time,
    /// The time zone of those times, as `Europe/Berlin`.
    #[garde(length(min = 1, max = 60))]
    pub time_zone: String,
}

/// The defaults for a member who has set nothing yet.
pub fn unset(member_id: MemberId) -> Preferences {
    Preferences {
        member_id,
        channels: Vec::new(),
        quiet: None,
        daily_at: time(7, 0, 0, 0),
        time_zone: "UTC".to_owned(),
        version: 0,
    }
}

impl PreferencesView {
    fn of(wishes: Preferences) -> Self {
        let channels = |channels: Channels| {
            let mail = match channels.mail {
                MailWhen::Never => MailView::Never,
                MailWhen::Soon => MailView::Soon,
                MailWhen::Daily => MailView::Daily,
            };
            let view = ChannelsView {
                socket: channels.socket,
                inbox: channels.inbox,
                mail,
            };
            (channels.kind, view)
        };
        Self {
            version: wishes.version,
            kinds: wishes.channels.into_iter().map(channels).collect(),
            quiet_hours: wishes.quiet.map(|quiet| QuietView {
                from: quiet.from,
                to: quiet.to,
            }),
            daily_at: wishes.daily_at,
            time_zone: wishes.time_zone,
        }
    }

    /// The wishes, one version on.
    fn wishes(self, member_id: MemberId) -> Result<Preferences, Problem> {
        if TimeZone::get(&self.time_zone).is_err() {
            return Err(Problem::field("time_zone", "is no time zone of the IANA database"));
        }
        let mut channels = Vec::new();
        for (kind, view) in self.kinds {
            let known: Result<NotificationKind, _> = serde_json::from_value(kind.as_str().into());
            if known.is_err() {
                return Err(Problem::field("kinds", "names what is no kind of notification"));
            }
            if !view.inbox && view.mail != MailView::Never {
                let detail = "what is not in the inbox is not mailed: set `mail` to `never`";
                return Err(Problem::field(&format!("kinds.{kind}"), detail));
            }
            let mail = match view.mail {
                MailView::Never => MailWhen::Never,
                MailView::Soon => MailWhen::Soon,
                MailView::Daily => MailWhen::Daily,
            };
            channels.push(Channels {
                kind,
                socket: view.socket,
                inbox: view.inbox,
                mail,
            });
        }
        Ok(Preferences {
            member_id,
            channels,
            quiet: self.quiet_hours.map(|quiet| QuietHours {
                from: quiet.from,
                to: quiet.to,
            }),
            daily_at: self.daily_at,
            time_zone: self.time_zone,
            version: self.version + 1,
        })
    }
}

/// Reads the ways in which the caller is told.
#[utoipa::path(get, path = "/notification-preferences", tag = "inbox", responses((status = 200, body = PreferencesView)))]
pub async fn read(State(store): State<Store>, caller: Caller) -> Result<Json<PreferencesView>, Problem> {
    let member = caller.principal.member_id;
    let wishes: Option<Preferences> = store.get(&Preferences::key_of(member)).await?;
    Ok(Json(PreferencesView::of(wishes.unwrap_or_else(|| unset(member)))))
}

/// Sets how the caller is told, in place of what was set before.
#[utoipa::path(
    put, path = "/notification-preferences", tag = "inbox", request_body = PreferencesView,
    responses((status = 200, body = PreferencesView), (status = 409, description = "Set by somebody else meanwhile: another device"))
)]
pub async fn write(
    State(store): State<Store>,
    caller: Caller,
    write: Write<PreferencesView>,
) -> Result<Answer, Problem> {
    let member = caller.principal.member_id;
    Once::new(&store, member, write.idempotency.as_ref())
        .answer(async {
            let read_at = write.body.version;
            let wishes = write.body.wishes(member)?;
            let condition = Condition::at(read_at);
            let change = Change::new().put(&wishes, condition);
            let answer = Answer::ok(&PreferencesView::of(wishes))?;
            Ok(Reply::new(change, answer))
        })
        .await
}
