//! Books the processor's fees as an expense of the network. They come from the processor's own list of what changed the balance.

use inventure_api::batch::Failure;
use inventure_books::{Balances, Booked, Decided};
use inventure_ledger::{Account, FreeCash, Reference};
use inventure_payments::{Fee, Window};
use inventure_table::Change;
use jiff::Timestamp;

use crate::{Payer, books};

/// The result of booking the fees of a window of time.
pub struct Fees {
    /// The number of fees in the window.
    pub seen: u64,
    /// The time of the first fee for which there was no cash; `None` where all were booked.
    pub missing_from: Option<Timestamp>,
}

impl Payer {
    /// Books the fees of a window of time, each once.
    pub(crate) async fn book_fees(&self, window: Window) -> Result<Fees, Failure> {
        let (mut seen, mut missing_from) = (0, None);
        for fee in self.processor.fees_in(window).await? {
            seen += 1;
            if !self.book_fee(&fee).await? {
                tracing::error!(fee = fee.id, "fees.no_cash");
                missing_from = missing_from.into_iter().chain([fee.taken_at]).min();
            }
        }
        Ok(Fees { seen, missing_from })
    }

    /// Books a fee, and returns whether it is in the books, now or since an earlier run. It is not where there is no free cash to take it
    /// from.
    async fn book_fee(&self, fee: &Fee) -> Result<bool, Failure> {
        let id: Reference = format!("fee:{}", fee.id).parse()?;
        let free = FreeCash::of(&id, fee.amount.currency)?;
        let reads: Vec<Account> = free.accounts().cloned().collect();
        let wanted = fee.amount.minor_units;
        let decide = |balances: &Balances| -> Result<_, Failure> {
            let parts = if wanted < 0 {
                free.of_first(wanted)
            } else {
                free.parts(wanted, |account| balances.of(account))
            };
            if parts.iter().map(|part| part.minor_units).sum::<i64>() != wanted {
                return Ok(None);
            }
            Ok(Some(Decided {
                transaction: books::fee(&id, fee, &parts)?,
                // Free cash is a rule of the ledger, which binds the fee to the shards that it draws from.
                rests_on: Vec::new(),
                also: Change::new(),
            }))
        };
        match self.ledger.book_on(&id, &reads, decide).await? {
            Booked::Now(booked) => tracing::info!(transaction = %booked.id, "fees.booked"),
            Booked::Before(_) => {}
            Booked::Nothing => return Ok(false),
        }
        Ok(true)
    }
}
