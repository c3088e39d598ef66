use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use inventure_lambda::batch::Failure;
use inventure_payments::{ConnectedAccount, Processor, ProcessorError, Transfer, TransferOrder};
use payouts::Queue;

/// What goes wrong with the next transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No answer, and nothing happened.
    Lost,
    /// No answer, and it happened.
    LostAfterEffect,
    /// A no.
    Declined,
}

/// A payment processor in memory, and the queue of payouts beside it. The one that is asked over HTTP is in `localstack/stripe`.
#[derive(Debug, Default)]
pub struct FakeProcessor(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    transfers: BTreeMap<String, (String, Transfer)>,
    ready: bool,
    faults: VecDeque<Fault>,
    messages: VecDeque<String>,
}

impl FakeProcessor {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every broker has told the processor who they are.
    pub fn onboard(&self) {
        self.state().ready = true;
    }

    /// What goes wrong next, in order.
    pub fn fail(&self, faults: &[Fault]) {
        self.state().faults.extend(faults);
    }

    /// What was transferred to an account.
    #[must_use]
    pub fn paid_to(&self, account: &str) -> i64 {
        let state = self.state();
        let to = state.transfers.values().filter(|(known, _)| known == account);
        to.map(|(_, transfer)| transfer.minor_units).sum()
    }

    /// The next message of the queue.
    #[must_use]
    pub fn message(&self) -> Option<String> {
        self.state().messages.pop_front()
    }
}

#[async_trait]
impl Queue for FakeProcessor {
    async fn send(&self, body: String) -> Result<(), Failure> {
        self.state().messages.push_back(body);
        Ok(())
    }
}

#[async_trait]
impl Processor for FakeProcessor {
    async fn transfer(&self, order: &TransferOrder) -> Result<Transfer, ProcessorError> {
        let mut state = self.state();
        let lost = || ProcessorError::Unknown("no answer".to_owned());
        let fault = state.faults.pop_front();
        match fault {
            Some(Fault::Lost) => return Err(lost()),
            Some(Fault::Declined) => {
                return Err(ProcessorError::Declined {
                    code: "balance_insufficient".to_owned(),
                    message: "no".to_owned(),
                });
            }
            Some(Fault::LostAfterEffect) | None => {}
        }
        let transfer = Transfer {
            id: format!("tr_{}", state.transfers.len()),
            payout_id: Some(order.payout_id.clone()),
            minor_units: order.amount.minor_units,
            currency: order.amount.currency.to_string().to_lowercase(),
        };
        let made = state
            .transfers
            .entry(order.payout_id.clone())
            .or_insert_with(|| (order.account.clone(), transfer));
        let made = made.1.clone();
        if fault.is_some() { Err(lost()) } else { Ok(made) }
    }

    async fn transfers_of(&self, deal_id: &str) -> Result<Vec<Transfer>, ProcessorError> {
        let state = self.state();
        let of_deal = state.transfers.iter().filter(|(payout, _)| payout.contains(deal_id));
        Ok(of_deal.map(|(_, (_, transfer))| transfer.clone()).collect())
    }

    async fn open_account(&self, tenant_id: &str) -> Result<ConnectedAccount, ProcessorError> {
        self.account(&format!("acct_{tenant_id}")).await
    }

    async fn account(&self, id: &str) -> Result<ConnectedAccount, ProcessorError> {
        Ok(ConnectedAccount {
            id: id.to_owned(),
            is_ready: self.state().ready,
        })
    }

    async fn onboarding_link(&self, account: &str, _: &str) -> Result<String, ProcessorError> {
        Ok(format!("https://processor.example/{account}"))
    }
}
