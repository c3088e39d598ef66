//! Money that is available to a broker though no deal has it due: it came back twice for one debt, or was given back after the debt that it
//! stood for had been paid otherwise. The last deal that is worked off claims it, and pays it.

use inventure_lambda::batch::Failure;
use inventure_ledger::{Account, Kind};
use inventure_payments::unit;
use inventure_store::{
    Balances, Change,
    records::{PaidOut, Payable, Record},
    table::Query,
};
use jiff::{SignedDuration, Timestamp};

use crate::{
    PAGE, Payer,
    worker::{done, put},
};

/// How long money stays unclaimed first. Settlement books what is released a moment before it writes whose it is.
const WAIT: SignedDuration = SignedDuration::from_hours(1);

impl Payer {
    /// Ends a payable that nothing is due of, or adds to it what no other deal has due. A deal whose money was claimed wrongly finds less
    /// available than it has due, and counts that as paid.
    pub(crate) async fn claim(
        &self,
        payable: Payable,
        paid: PaidOut,
        balances: &Balances,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let available = Account::broker(payable.tenant_id, Kind::Available, payable.currency)?;
        let unclaimed = balances.of(&available) - self.due_of_others(&payable).await?;
        if unit::movable(unclaimed, payable.currency) == 0 {
            self.store.commit(balances.bind(done(&payable), &available)).await?;
            return Ok(());
        }
        let since = payable.unclaimed_since.unwrap_or(now);
        if now < since + WAIT {
            let waits = Payable {
                unclaimed_since: Some(since),
                ..payable
            };
            return self.wait(waits, since + WAIT, "money that no deal has due").await;
        }
        tracing::warn!(deal = %payable.deal_id, tenant = %payable.tenant_id, unclaimed, "payouts.claimed");
        let after = PaidOut {
            minor_units: paid.minor_units - unclaimed,
            version: paid.version + 1,
            ..paid
        };
        let change = balances.bind(put(Change::new(), &after), &available);
        self.store.commit(change).await?;
        Ok(())
    }

    /// What the broker's other deals have due in the same currency, in minor units.
    async fn due_of_others(&self, payable: &Payable) -> Result<i64, Failure> {
        let mut pages = self.store.pages(Query {
            limit: PAGE,
            ..Query::index(Payable::of_tenant(payable.tenant_id))
        });
        let mut due = 0;
        while let Some(page) = pages.next::<Payable>().await? {
            for other in page {
                if other.deal_id == payable.deal_id || other.currency != payable.currency {
                    continue;
                }
                // The index may be behind, and what is done has nothing due.
                let (key, paid) = (other.key(), PaidOut::key_of(other.deal_id, other.tenant_id));
                let (other, paid) = self.store.get_both::<Payable, PaidOut>(&key, &paid).await?;
                let released = other.map_or(0, |other| other.released_minor_units);
                due += (released - paid.map_or(0, |paid| paid.minor_units)).max(0);
            }
        }
        Ok(due)
    }
}
