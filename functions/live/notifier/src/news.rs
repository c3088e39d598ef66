//! The meaning of an event to people, and the people to tell.

use std::{collections::BTreeSet, str::FromStr};

use inventure_api::batch::Failure;
use inventure_core::{DealId, EventId, Money, Role, TenantId};
use inventure_events::Event;
use inventure_people::records::Member;
use inventure_realtime::{About, NotificationKind};
use inventure_rooms::{RoomAccess, TALKERS, records::Room};
use inventure_table::{Key, table::Query};

use crate::Notifier;

/// The news to tell, and the people to tell it to.
pub struct News {
    pub kind: NotificationKind,
    pub about: About,
    pub people: Vec<Member>,
}

impl Notifier {
    /// Returns the news that an event is to people; nothing where it concerns nobody.
    pub(crate) async fn news(&self, event: &Event) -> Result<Option<News>, Failure> {
        if let Some((kind, about, tenants)) = of_deal(event)? {
            let people = self.members(&tenants, TALKERS).await?;
            return Ok(Some(News { kind, about, people }));
        }
        Ok(Some(match event {
            Event::MatchesFound(found) => News {
                kind: NotificationKind::MatchesFound,
                about: About {
                    job_id: Some(found.job_id),
                    candidate_id: found.matches.first().map(|best| best.candidate_id),
                    ..About::default()
                },
                people: self.members(&[found.tenant_id], TALKERS).await?,
            },
            Event::PayoutSent(sent) => News {
                kind: NotificationKind::PayoutSent,
                about: About {
                    amount: Some(Money {
                        minor_units: sent.minor_units,
                        currency: sent.currency.parse()?,
                    }),
                    ..deal(sent.deal_id)
                },
                // Money is the owner's.
                people: self.members(&[sent.tenant_id], &[Role::AgencyOwner]).await?,
            },
            Event::PeopleAddressed(addressed) => {
                let Some(room) = self.store.get::<Room>(&Room::key_of(addressed.room_id)).await? else {
                    return Ok(None);
                };
                let access = RoomAccess::of(&self.store, room).await?;
                News {
                    kind: NotificationKind::Addressed,
                    about: About {
                        room_id: Some(addressed.room_id),
                        offset: Some(addressed.offset),
                        ..About::default()
                    },
                    // Whoever is named and not in the room learns nothing, not even that it is there.
                    people: access.named(&self.store, &addressed.members).await?,
                }
            }
            _ => return Ok(None),
        }))
    }

    /// The members of tenants who have one of these roles now.
    async fn members(&self, tenants: &[TenantId], roles: &[Role]) -> Result<Vec<Member>, Failure> {
        let mut keys: Vec<Key> = Vec::new();
        for tenant in tenants.iter().collect::<BTreeSet<_>>() {
            let found: Vec<Member> = self.store.query_all(&Query::index(Member::of_tenant(*tenant))).await?;
            keys.extend(found.iter().map(|member| Member::key_of(&member.subject)));
        }
        // The index lags behind: as the records are now.
        let now: Vec<Member> = self.store.get_all(&keys).await?;
        let meant = |member: &Member| tenants.contains(&member.tenant_id) && roles.contains(&member.role);
        Ok(now.into_iter().filter(meant).collect())
    }
}

/// Returns the news that an event of a deal is to the tenants that it names.
fn of_deal(event: &Event) -> Result<Option<(NotificationKind, About, Vec<TenantId>)>, Failure> {
    let fact = |id: DealId, fact_id: EventId, kind: &str| About {
        fact_id: Some(fact_id),
        fact_kind: Some(kind.to_owned()),
        ..deal(id)
    };
    Ok(Some(match event {
        Event::DealShared(shared) => {
            let about = About {
                job_id: Some(shared.job_id),
                ..deal(shared.deal_id)
            };
            let others = without(&shared.parties, shared.tenant_id);
            (NotificationKind::DealShared, about, others)
        }
        Event::DealAccepted(accepted) => {
            let about = About {
                job_id: Some(accepted.job_id),
                ..deal(accepted.deal_id)
            };
            (NotificationKind::DealAccepted, about, accepted.parties.clone())
        }
        Event::AnswerAsked(asked) => {
            let about = About {
                accepted_from: parsed(asked.accepted_from.as_deref())?,
                expires_at: parsed(asked.expires_at.as_deref())?,
                ..fact(asked.deal_id, asked.fact_id, &asked.kind)
            };
            (NotificationKind::AnswerAsked, about, asked.tenants.clone())
        }
        Event::ReportContested(report) => {
            let about = About {
                expires_at: parsed(report.expires_at.as_deref())?,
                ..fact(report.deal_id, report.fact_id, &report.kind)
            };
            (NotificationKind::ReportContested, about, report.tenants.clone())
        }
        Event::ReportEnded(report) => {
            let about = About {
                ended: Some(report.ended.clone()),
                ..fact(report.deal_id, report.fact_id, &report.kind)
            };
            (NotificationKind::ReportEnded, about, report.tenants.clone())
        }
        Event::DisputeMoved(dispute) => {
            let about = About {
                evidence_until: parsed(dispute.evidence_until.as_deref())?,
                default_ruling_at: parsed(dispute.default_ruling_at.as_deref())?,
                ..fact(dispute.deal_id, dispute.fact_id, &dispute.kind)
            };
            (NotificationKind::DisputeMoved, about, dispute.tenants.clone())
        }
        Event::InvoiceIssued(issued) => {
            let about = of_bill(issued.deal_id, &issued.invoice);
            (NotificationKind::InvoiceIssued, about, issued.tenants.clone())
        }
        Event::BillOverdue(overdue) => {
            let about = of_bill(overdue.deal_id, &overdue.invoice);
            (NotificationKind::BillOverdue, about, overdue.tenants.clone())
        }
        Event::CandidateClaimed(claimed) => {
            let about = About {
                candidate_id: Some(claimed.candidate_id),
                objection_until: parsed(claimed.objection_until.as_deref())?,
                ..deal(claimed.deal_id)
            };
            (NotificationKind::CandidateClaimed, about, claimed.tenants.clone())
        }
        Event::CandidateFlagged(flagged) => {
            let about = About {
                candidate_id: Some(flagged.candidate_id),
                ..deal(flagged.deal_id)
            };
            (NotificationKind::CandidateFlagged, about, flagged.tenants.clone())
        }
        Event::CandidateConfirmed(confirmed) => {
            let about = About {
                candidate_id: Some(confirmed.candidate_id),
                ..deal(confirmed.deal_id)
            };
            (NotificationKind::CandidateConfirmed, about, vec![confirmed.tenant_id])
        }
        Event::CandidateLost(lost) => {
            let about = About {
                candidate_id: Some(lost.candidate_id),
                ..deal(lost.deal_id)
            };
            (NotificationKind::CandidateLost, about, lost.tenants.clone())
        }
        _ => return Ok(None),
    }))
}

fn deal(id: DealId) -> About {
    About {
        deal_id: Some(id),
        ..About::default()
    }
}

fn of_bill(id: DealId, invoice: &str) -> About {
    About {
        invoice: Some(invoice.to_owned()),
        ..deal(id)
    }
}

/// A moment or a day, as an event has it.
fn parsed<T: FromStr<Err: Into<Failure>>>(text: Option<&str>) -> Result<Option<T>, Failure> {
    text.map(|text| text.parse().map_err(Into::into)).transpose()
}

fn without(tenants: &[TenantId], one: TenantId) -> Vec<TenantId> {
    tenants.iter().copied().filter(|tenant| *tenant != one).collect()
}
