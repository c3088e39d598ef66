//! Events of the payment processor. Each is verified, kept as it came, and takes effect exactly once, however often and in whatever order
//! it comes: its effect is written together with it.
//!
//! | event | effect |
//! |---|---|
//! | `payment_intent.succeeded` with the metadata `deal` and `invoice` | the deal's fact that the client paid |
//! | `charge.dispute.funds_withdrawn` | the deal's fact that the payment was charged back |
//! | `charge.dispute.funds_reinstated` | the deal's fact that the client paid, once more |
//! | `refund.failed` | the refund is due again |
//! | `topup.succeeded` with the metadata `for: guarantee-reserve` | the event that the network funded its guarantee reserve |
//! | any other | kept |
//!
//! Money that cannot be laid to a bill (an unknown deal, more than is owed, another currency) is kept as well, with the reason, and
//! counted: an operator has to look.

mod disputes;
mod refunds;

use std::sync::Arc;

use axum::{body::Bytes, extract::State, http::HeaderMap};
use inventure_api::{
    Problem, clock,
    http::{Answer, RequestIds},
    metrics,
    problem::Kind,
};
use inventure_books::records::{ClientPayment, OpenChargeback, PaymentEvent, PaymentFile};
use inventure_core::{DealId, EventId, Money};
use inventure_deal_store::{AddError, LoadedDeal, load};
use inventure_deals::{Author, Fact, What};
use inventure_events::{Envelope, ReserveFunded};
use inventure_payments::{signature, unit};
use inventure_table::{Change, Commit, Record, Secrets, Store, retry::Attempts};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The number of times that an event is tried while others move the same deal. It takes about three seconds, in which the parties, whose
/// pace is limited, leave more than enough room.
const ATTEMPTS: u32 = 12;

/// The state that the route works on.
#[derive(Clone)]
pub struct App {
    store: Store,
    secret: Arc<dyn Secrets>,
    live: bool,
}

impl App {
    /// Creates the route's state: the table, the endpoint's signing secret, and whether this deployment takes live events. A deployment
    /// that takes live events refuses test events, and the other way round.
    #[must_use]
    pub fn new(store: Store, secret: Arc<dyn Secrets>, live: bool) -> Self {
        Self { store, secret, live }
    }
}

/// Returns all routes of this function.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(receive))
}

/// An event of the processor, as far as it is read.
#[derive(Debug, Deserialize)]
struct EventBody {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    livemode: bool,
    data: Data,
}

#[derive(Debug, Deserialize)]
struct Data {
    object: serde_json::Value,
}

/// A payment of a client, as far as it is read.
#[derive(Debug, Deserialize)]
struct Paid {
    id: String,
    amount_received: i64,
    currency: String,
    #[serde(default)]
    metadata: Metadata,
}

/// Money that the network itself put into its balance, as far as it is read.
#[derive(Debug, Deserialize)]
struct ToppedUp {
    id: String,
    amount: i64,
    currency: String,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Debug, Default, Deserialize)]
struct Metadata {
    deal: Option<String>,
    invoice: Option<String>,
    r#for: Option<String>,
    order: Option<String>,
}

/// The purpose in a top-up's metadata, where the top-up is for the books.
const RESERVE: &str = "guarantee-reserve";

/// The receipt for an event that was taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct Received {
    /// The outcome: `booked`, `ignored`, `kept`, `waits for its payment`, or the reason for which no bill took it.
    pub outcome: String,
}

/// The effect of an event, before it is written.
enum Effect {
    /// A change that takes effect at once.
    Change(Change),
    /// A change that is kept until its payment is known.
    Waits(Change),
    /// A change that moves no money until more is known of it.
    Kept(Change),
    /// No change, for this reason.
    None(String),
}

/// Takes an event of the payment processor (Stripe). It is verified by its signature; any number of repeats have one effect.
#[utoipa::path(
    post, path = "/payment-events", tag = "payments", security(()),
    request_body(content = String, content_type = "application/json", description = "The event, byte for byte as it was signed"),
    params(("Stripe-Signature" = String, Header, description = "`t=<epoch second>,v1=<HMAC-SHA256>`")),
    responses((status = 200, body = Received), (status = 401, description = "The signature does not hold"))
)]
pub async fn receive(
    State(app): State<App>,
    ids: RequestIds,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Answer, Problem> {
    let header = headers.get("stripe-signature").and_then(|value| value.to_str().ok());
    let secret = app.secret.read().await?;
    let now = clock::now();
    signature::verify(header.unwrap_or_default(), &body, secret.as_bytes(), now.as_second())
        .map_err(|forged| Problem::new(Kind::Unauthenticated, format!("Sign the event: {forged}.")))?;
    let sent: EventBody = serde_json::from_slice(&body).map_err(|error| Problem::field("", error.to_string()))?;
    if sent.livemode != app.live {
        return Err(Problem::field("livemode", "live and test events are not mixed"));
    }
    let text = std::str::from_utf8(&body).map_err(|error| Problem::field("", error.to_string()))?;
    let mut attempts = Attempts::new(ATTEMPTS);
    while attempts.begin().await {
        let known: Option<PaymentEvent> = app.store.get(&PaymentEvent::key_of(&sent.id)).await?;
        if let Some(known) = known {
            return Answer::ok(&Received { outcome: known.outcome });
        }
        let (outcome, change) = match app.effect(&sent, &ids).await? {
            Effect::Change(change) => ("booked".to_owned(), change),
            Effect::Waits(change) => ("waits for its payment".to_owned(), change),
            Effect::Kept(change) => ("kept".to_owned(), change),
            Effect::None(reason) => (reason, Change::new()),
        };
        let event = PaymentEvent {
            event_id: sent.id.clone(),
            kind: sent.kind.clone(),
            body: text.to_owned(),
            outcome: outcome.clone(),
            received_at: now,
        };
        if let Commit::Done = app.store.commit(change.insert(&event)).await? {
            let unplaced = !["booked", "ignored", "kept"].contains(&outcome.as_str());
            if unplaced {
                tracing::error!(event = sent.id, outcome, "payment.not_placed");
                metrics::emit(
                    &[("function", "payment-webhook")],
                    &[("PaymentsNotPlaced", metrics::Unit::Count, 1.0)],
                );
            }
            return Answer::ok(&Received { outcome });
        }
    }
    Err(Problem::new(
        Kind::TooManyRequests,
        "Many others write to this deal at the same moment; send the event again.",
    ))
}

impl App {
    async fn effect(&self, sent: &EventBody, ids: &RequestIds) -> Result<Effect, Problem> {
        match sent.kind.as_str() {
            "payment_intent.succeeded" => self.paid(sent, ids).await,
            "topup.succeeded" => Ok(topped_up(sent, ids)),
            "charge.dispute.funds_withdrawn" => self.disputed(sent, disputes::Side::Withdrawn, ids).await,
            "charge.dispute.funds_reinstated" => self.disputed(sent, disputes::Side::Reinstated, ids).await,
            "refund.failed" => self.refund_failed(sent).await,
            _ => Ok(Effect::None("ignored".to_owned())),
        }
    }

    async fn paid(&self, sent: &EventBody, ids: &RequestIds) -> Result<Effect, Problem> {
        let refused = |why: &str| Ok(Effect::None(why.to_owned()));
        let Ok(paid) = serde_json::from_value::<Paid>(sent.data.object.clone()) else {
            return refused("the payment cannot be read");
        };
        let (Some(deal), Some(invoice)) = (paid.metadata.deal, paid.metadata.invoice) else {
            return refused("the payment names no deal and invoice");
        };
        let Some(amount) = unit::from_processor(paid.amount_received, &paid.currency) else {
            return refused("the payment's amount cannot be read");
        };
        let held = match deal.parse::<DealId>() {
            Ok(deal) => load(&self.store, deal).await?,
            Err(_) => None,
        };
        let Some(held) = held else {
            return refused("there is no such deal");
        };
        let payment = ClientPayment {
            deal_id: held.head.deal_id,
            invoice: invoice.clone(),
            payment_id: paid.id,
            amount,
            refunded_minor_units: 0,
            charged_back_minor_units: 0,
            version: 1,
        };
        let (known, file) = self
            .store
            .get_both::<ClientPayment, PaymentFile>(&payment.key(), &PaymentFile::key_of(&payment.payment_id))
            .await?;
        if known.is_some() {
            return refused("the payment was laid to a bill before");
        }
        let mut file = file.unwrap_or_else(|| PaymentFile::new(payment.payment_id.clone()));
        file.applied_to = Some((payment.deal_id, invoice.clone()));
        let charged_back = Money {
            minor_units: file.charged_back(),
            ..amount
        };
        let payment = ClientPayment {
            charged_back_minor_units: charged_back.minor_units,
            ..payment
        };
        let mut facts = vec![fact(
            &held,
            What::PaymentReceived {
                invoice: invoice.clone(),
                amount,
            },
        )];
        let mut more = put_file(Change::new(), file).insert(&payment);
        if charged_back.minor_units > 0 {
            // The dispute's event was quicker than the payment's.
            let taken = fact(
                &held,
                What::PaymentChargedBack {
                    invoice,
                    amount: charged_back,
                },
            );
            more = more.insert(&open_chargeback(&held, &taken, charged_back));
            facts.push(taken);
        }
        added(&held, facts, more, ids)
    }
}

/// Returns a fact by the network.
fn fact(held: &LoadedDeal, what: What) -> Fact {
    Fact {
        id: EventId::new(),
        at: held.moment(clock::now()),
        by: Author::Network,
        what,
    }
}

/// Returns the record of a chargeback that settlement has to book.
fn open_chargeback(held: &LoadedDeal, fact: &Fact, amount: Money) -> OpenChargeback {
    OpenChargeback {
        deal_id: held.head.deal_id,
        fact_id: fact.id,
        amount,
        told_at: fact.at,
    }
}

/// Writes a payment's file, one version on. The change conflicts where another worker wrote the file meanwhile.
fn put_file(change: Change, file: PaymentFile) -> Change {
    let (read_at, file) = (
        file.version,
        PaymentFile {
            version: file.version + 1,
            ..file
        },
    );
    match read_at {
        0 => change.insert(&file),
        version => change.update(&file, version),
    }
}

/// Returns the deal's change with these facts, together with what is written with it.
fn added(held: &LoadedDeal, facts: Vec<Fact>, more: Change, ids: &RequestIds) -> Result<Effect, Problem> {
    match held.add(facts, &ids.correlation_id) {
        Ok((change, _)) => Ok(Effect::Change(change.and(more))),
        Err(AddError::Refused(why)) => Ok(Effect::None(why.why.to_string())),
        Err(AddError::Settle(error)) => Err(Problem::internal(error)),
        Err(AddError::Store(error)) => Err(error.into()),
    }
}

fn topped_up(sent: &EventBody, ids: &RequestIds) -> Effect {
    let refused = |why: &str| Effect::None(why.to_owned());
    let Ok(topped_up) = serde_json::from_value::<ToppedUp>(sent.data.object.clone()) else {
        return refused("the top-up cannot be read");
    };
    if topped_up.metadata.r#for.as_deref() != Some(RESERVE) {
        return refused("the top-up does not say that it is for the guarantee reserve");
    }
    let Some(amount) = unit::from_processor(topped_up.amount, &topped_up.currency) else {
        return refused("the top-up's amount cannot be read");
    };
    if amount.minor_units <= 0 {
        return refused("the top-up is of nothing");
    }
    let event = ReserveFunded {
        topup_id: topped_up.id,
        minor_units: amount.minor_units,
        currency: amount.currency.to_string(),
    };
    let about = event.topup_id.clone();
    let envelope = Envelope::new(event.into(), clock::now(), &ids.correlation_id);
    Effect::Change(Change::new().emit(about, &envelope))
}
