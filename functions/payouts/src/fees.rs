//! The processor's fees as an expense of the network, booked from the processor's own list of what changed the balance.

use inventure_lambda::batch::Failure;
use inventure_ledger::Reference;
use inventure_payments::{Fee, Window};
use inventure_store::Change;
use jiff::Timestamp;

use crate::{Payer, books};

impl Payer {
    /// Books the fees of a time, each once. Gives the moment from which the next run has to look: the end, or the first that could not be booked.
    pub(crate) async fn book_fees(&self, window: Window) -> Result<Timestamp, Failure> {
        let mut booked_until = window.until;
        for fee in self.processor.fees_in(window).await? {
            if !self.book_fee(&fee).await? {
                tracing::error!(fee = fee.id, "fees.no_cash");
                booked_until = booked_until.min(fee.taken_at);
            }
        }
        Ok(booked_until)
    }

    /// Whether a fee is in the books, now or since an earlier run. It is not where there is no cash to take it from.
    async fn book_fee(&self, fee: &Fee) -> Result<bool, Failure> {
        let id: Reference = format!("fee:{}", fee.id).parse()?;
        if self.ledger.transaction(&id).await?.is_some() {
            return Ok(true);
        }
        let wanted = fee.amount.minor_units;
        let parts = if wanted < 0 {
            books::shards(&id).take(1).map(|shard| (shard, wanted)).collect()
        } else {
            self.cash(&id, fee.amount.currency, wanted).await?
        };
        if parts.iter().map(|(_, part)| part).sum::<i64>() != wanted {
            return Ok(false);
        }
        let booked = books::fee(id, fee, &parts)?;
        self.ledger.book(&booked, |_| Change::new()).await?;
        tracing::info!(transaction = %booked.id, "fees.booked");
        Ok(true)
    }
}
