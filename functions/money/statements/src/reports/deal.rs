//! The report on one deal as the ledger has it.

use axum::{extract::State, response::Response};
use garde::Validate;
use inventure_api::{
    Problem,
    http::{self, Path},
};
use inventure_books::records::{ClientRefund, PaidOut};
use inventure_core::{DealId, TenantId};
use inventure_deal_store::{LoadedDeal, load_for};
use inventure_deals::{
    Who,
    booking::bookings,
    report::{Booked, booked},
};
use inventure_ledger::{Reference, Transaction};
use inventure_people::Caller;
use inventure_table::table::{Key, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    refused,
    view::{Amount, answer, in_currency, row},
};
use crate::{App, documents::Format};

/// The most transactions of a deal that a report reads.
const TRANSACTIONS_MAX: usize = 3_000;

/// The form of a deal's report.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct DealQuery {
    /// The form of the report: `json`, or `csv` for the rows alone.
    #[garde(skip)]
    format: Option<Format>,
}

row! {
    /// The amounts of one side of a deal: the client, a party, or the network. Those that do not concern the side are empty.
    DealRow {
        /// The side of the row: `client`, `network`, or the party's id in the terms.
        who: String,
        /// The tenant id of the agency; empty for the client and the network.
        tenant: String,
        /// The currency of the amounts.
        currency: String,
        /// The amount that the client was billed.
        billed: Option<Amount>,
        /// The amount that was taken off the bills.
        credited: Option<Amount>,
        /// The amount that the client paid.
        received: Option<Amount>,
        /// The amount that the client got back.
        refunded: Option<Amount>,
        /// The part of `refunded` that is still on its way: the processor has not sent it yet.
        refund_waiting: Option<Amount>,
        /// The amount that the client still owes: `billed - credited - received + refunded`. Below zero where the client is owed.
        outstanding: Option<Amount>,
        /// The side's shares of what the client was billed.
        earned: Option<Amount>,
        /// The part of the shares that was taken back.
        taken_back: Option<Amount>,
        /// The amount that became the party's to take.
        released: Option<Amount>,
        /// The amount that was paid or is on its way, less what came back.
        paid_out: Option<Amount>,
        /// The amount that was kept back of this deal for debts.
        kept_back: Option<Amount>,
        /// The amount that is earned and not yet the party's to take.
        reserved: Option<Amount>,
        /// The amount that this deal added to the party's debt.
        owed: Option<Amount>,
    }
}

/// A deal as the ledger has it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DealReport {
    /// The deal that the report is on.
    deal_id: DealId,
    /// The client, the parties in the order of the terms, the network. Empty before the terms are signed.
    rows: Vec<DealRow>,
}

/// Returns a deal as the ledger has it. It says what each side earned, was paid and gave back, and what the client paid. It is for
/// tenants that see the terms. A tenant that was dropped from the deal sees its own row.
#[utoipa::path(
    get, path = "/reports/deals/{id}", tag = "reports", params(("id" = String, Path), DealQuery),
    responses((status = 200, content((DealReport = "application/json"), (String = "text/csv"))), (status = 404, description = "Not there, or not the caller's to know of"))
)]
pub async fn read(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    http::Query(query): http::Query<DealQuery>,
) -> Result<Response, Problem> {
    let id: DealId = id.parse().map_err(|_| Problem::not_found())?;
    let tenant = caller.principal.tenant_id;
    let held = load_for(&app.store, id, tenant).await?;
    let held = held.filter(|held| held.shows_terms_to(tenant));
    let held = held.ok_or_else(Problem::not_found)?;
    let transactions = app.transactions(&held).await?;
    let booked = booked(&held.deal, &transactions).map_err(Problem::internal)?;
    let refund_waiting = app.refund_waiting(id).await?;
    let mut rows = rows(&held, &booked, refund_waiting);
    if !held.includes(tenant) {
        // Who was dropped sees what is its own, and nothing of what the others have since.
        rows.retain(|row| row.tenant == tenant.to_string());
    }
    let report = DealReport { deal_id: id, rows };
    Ok(answer(query.format, &report, &report.rows))
}

impl App {
    /// Returns every transaction that was booked for a deal.
    async fn transactions(&self, held: &LoadedDeal) -> Result<Vec<Transaction>, Problem> {
        let deal = held.deal.id();
        // A booking's id is its number, and nothing is booked beyond what is settled.
        let booked = bookings(&held.deal, held.head.settled_until).map_err(Problem::internal)?;
        let mut ids: Vec<Reference> = booked.iter().map(|booking| booking.id().clone()).collect();
        let paid = |tenant: &TenantId| PaidOut::key_of(deal, *tenant);
        let keys: Vec<Key> = held.head.tenants.iter().map(paid).collect();
        let paid: Vec<PaidOut> = self.many(&keys).await?;
        ids.extend(
            paid.iter()
                .flat_map(PaidOut::transaction_ids)
                .filter_map(|id| id.parse().ok()),
        );
        if ids.len() > TRANSACTIONS_MAX {
            let message =
                format!("the deal has more than {TRANSACTIONS_MAX} transactions; read its parties' statements");
            return Err(refused("id", message));
        }
        Ok(self.ledger.transactions(&ids).await?)
    }

    /// Returns the amount of a client's refunds that the processor has still to send, in minor units. The books have paid it back
    /// already.
    async fn refund_waiting(&self, deal: DealId) -> Result<i64, Problem> {
        let query = Query::table(ClientRefund::partition_of(deal), deal.to_string());
        let waiting: Vec<ClientRefund> = self.store.query_all(&query).await?;
        Ok(waiting.iter().map(|refund| refund.left.minor_units).sum())
    }
}

fn rows(held: &LoadedDeal, booked: &Booked, refund_waiting: i64) -> Vec<DealRow> {
    let Some(terms) = held.deal.terms() else {
        return Vec::new();
    };
    let amount = in_currency(terms.currency);
    let empty = |who: &Who, tenant: String| DealRow {
        who: who.to_string(),
        tenant,
        currency: terms.currency.to_string(),
        billed: None,
        credited: None,
        received: None,
        refunded: None,
        refund_waiting: None,
        outstanding: None,
        earned: None,
        taken_back: None,
        released: None,
        paid_out: None,
        kept_back: None,
        reserved: None,
        owed: None,
    };
    let client = DealRow {
        billed: Some(amount(booked.client.billed)),
        credited: Some(amount(booked.client.credited)),
        received: Some(amount(booked.client.received)),
        refunded: Some(amount(booked.client.refunded)),
        refund_waiting: Some(amount(refund_waiting)),
        outstanding: Some(amount(booked.client.outstanding)),
        ..empty(&Who::Client, String::new())
    };
    let parties = booked.parties.iter().map(|party| DealRow {
        earned: Some(amount(party.earned.earned)),
        taken_back: Some(amount(party.earned.taken_back)),
        released: Some(amount(party.earned.released)),
        paid_out: Some(amount(party.earned.paid_out)),
        kept_back: Some(amount(party.earned.kept_back)),
        reserved: Some(amount(party.earned.reserved)),
        owed: Some(amount(party.earned.owed)),
        ..empty(&party.who, party.tenant.to_string())
    });
    let network = DealRow {
        earned: Some(amount(booked.network.earned)),
        taken_back: Some(amount(booked.network.taken_back)),
        ..empty(&Who::Network, String::new())
    };
    std::iter::once(client).chain(parties).chain([network]).collect()
}
