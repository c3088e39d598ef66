//! Stands for the world outside in a test.
//! Clients pay, brokers go through their onboarding, and things go wrong. No key is needed.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    App,
    error::ApiError,
    now,
    objects::value,
    params::{check_amount, check_currency, check_metadata, check_units},
    world::{Fault, Opening, Paying},
};

const FAULT_SECONDS_MAX: u64 = 600;

/// A client's payment.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payment {
    /// The amount, in the currency's smallest unit.
    amount: i64,
    currency: String,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
    /// The fee that Stripe keeps of the payment.
    #[serde(default)]
    fee: i64,
    /// Whether it comes by bank transfer, to which the rules of cards about amounts do not apply.
    #[serde(default)]
    by_bank: bool,
    /// Whether it comes to the balance as pending, until `POST /_test/ripen`.
    #[serde(default)]
    pending: bool,
}

/// A dispute to open.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewDispute {
    payment: String,
    amount: Option<i64>,
    #[serde(default)]
    fee: i64,
    /// A question of the bank's, which moves no money.
    #[serde(default)]
    inquiry: bool,
}

/// The end of a dispute.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    dispute: String,
    won: bool,
}

/// A refund that fails.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    refund: String,
}

/// An account that is restricted, or no longer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restriction {
    account: String,
    restricted: bool,
}

/// The faults that are to occur, each once.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Faults {
    faults: Vec<Fault>,
}

fn read<T>(body: Result<Json<T>, JsonRejection>) -> Result<T, ApiError> {
    body.map(|Json(body)| body)
        .map_err(|error| ApiError::invalid(error.body_text()))
}

/// `POST /_test/payments`: a client pays.
pub async fn payments(
    State(app): State<Arc<App>>,
    body: Result<Json<Payment>, JsonRejection>,
) -> Result<Json<Value>, ApiError> {
    let payment = read(body)?;
    check_amount(payment.amount)?;
    check_currency(&payment.currency)?;
    check_metadata(&payment.metadata)?;
    if !payment.by_bank {
        check_units(&payment.currency, payment.amount)?;
    }
    let paying = Paying {
        amount: payment.amount,
        currency: payment.currency,
        metadata: payment.metadata,
        fee: payment.fee,
        is_pending: payment.pending,
    };
    Ok(Json(app.work(|world| world.pay(paying, now()))))
}

/// `POST /_test/ripen`: days have passed, and what was pending is available.
pub async fn ripen(State(app): State<Arc<App>>) -> Json<Value> {
    app.world().ripen();
    Json(json!({}))
}

/// `POST /_test/disputes`: a client's bank disputes a payment.
pub async fn disputes(
    State(app): State<Arc<App>>,
    body: Result<Json<NewDispute>, JsonRejection>,
) -> Result<Json<Value>, ApiError> {
    let new = read(body)?;
    let opening = Opening {
        payment: new.payment,
        amount: new.amount,
        fee: new.fee,
        is_inquiry: new.inquiry,
    };
    app.work(|world| world.dispute(opening, now())).map(Json)
}

/// `POST /_test/decisions`: a dispute is won or lost.
pub async fn decisions(
    State(app): State<Arc<App>>,
    body: Result<Json<Decision>, JsonRejection>,
) -> Result<Json<Value>, ApiError> {
    let decision = read(body)?;
    app.work(|world| world.close_dispute(&decision.dispute, decision.won, now()))
        .map(Json)
}

/// `POST /_test/refund_failures`: a client's bank sends a refund back.
pub async fn refund_failures(
    State(app): State<Arc<App>>,
    body: Result<Json<Failure>, JsonRejection>,
) -> Result<Json<Value>, ApiError> {
    let failure = read(body)?;
    app.work(|world| world.fail_refund(&failure.refund, now())).map(Json)
}

/// `POST /_test/restrictions`: an account takes no transfers, or takes them again.
pub async fn restrictions(
    State(app): State<Arc<App>>,
    body: Result<Json<Restriction>, JsonRejection>,
) -> Result<Json<Value>, ApiError> {
    let restriction = read(body)?;
    app.work(|world| world.restrict(&restriction.account, restriction.restricted, now()))
        .map(Json)
}

/// `POST /_test/faults`: puts faults into their queues.
pub async fn faults(
    State(app): State<Arc<App>>,
    body: Result<Json<Faults>, JsonRejection>,
) -> Result<Json<Value>, ApiError> {
    let faults = read(body)?.faults;
    let too_long = |fault: &Fault| match fault {
        Fault::Timeout { seconds, .. } | Fault::LateEvent { seconds } => *seconds > FAULT_SECONDS_MAX,
        _ => false,
    };
    if faults.iter().any(too_long) {
        return Err(ApiError::invalid(format!(
            "A fault takes at most {FAULT_SECONDS_MAX} seconds."
        )));
    }
    app.work(|world| world.add_faults(faults));
    Ok(Json(json!({})))
}

/// `POST /_test/forget`: a day has passed, and idempotency keys are forgotten.
pub async fn forget(State(app): State<Arc<App>>) -> Json<Value> {
    app.world().forget();
    Json(json!({}))
}

/// `POST /_test/reset`: forgets everything, also faults, idempotency keys and events that were not sent yet.
pub async fn reset(State(app): State<Arc<App>>) -> Json<Value> {
    app.world().reset();
    Json(json!({}))
}

/// `GET /_test/state`: everything.
pub async fn state(State(app): State<Arc<App>>) -> Json<Value> {
    Json(value(&*app.world()))
}

/// The page behind an account link: opening it completes the onboarding.
pub async fn onboarding(State(app): State<Arc<App>>, Path(link): Path<String>) -> (StatusCode, String) {
    match app.work(|world| world.onboard(&link, now())) {
        Some((account, return_url)) => {
            let text = format!("The onboarding of {account} is complete. Stripe would now go back to {return_url}\n");
            (StatusCode::OK, text)
        }
        None => (
            StatusCode::GONE,
            "This link was used, or is too old. Ask for another.\n".to_owned(),
        ),
    }
}
