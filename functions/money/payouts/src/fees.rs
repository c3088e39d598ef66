//! The processor's fees as an expense of the network, booked from the processor's own list of what changed the balance.

use inventure_api::batch::Failure;
use inventure_ledger::{Account, FreeCash, Reference};
use inventure_payments::{Fee, Window};
use inventure_table::{Balances, Booked, Change, Decided};
use jiff::Timestamp;

use crate::{Payer, books};

/// The fees of a time.
pub struct Fees {
    /// How many there were.
    pub seen: u64,
    /// The moment of the first for which there was no cash.
    pub missing_from: Option<Timestamp>,
}

impl Payer {
    /// Books the fees of a time, each once.
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

    /// Whether a fee is in the books, now or since an earlier run. It is not where there is no free cash to take it from.
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
