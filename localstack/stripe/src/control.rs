//! What stands for the world outside in a test: clients that pay, brokers that go through their onboarding, and what goes wrong. No key is
//! needed.

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
    params::{check_amount, check_currency, check_metadata},
    world::Fault,
};

const FAULT_SECONDS_MAX: u64 = 600;

/// A client's payment.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payment {
    /// In the currency's smallest unit.
    amount: i64,
    currency: String,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
}

/// What is to go wrong, each once.
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
    let paid = app.work(|world| world.pay(payment.amount, &payment.currency, payment.metadata, now()));
    Ok(Json(paid))
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
