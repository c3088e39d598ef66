//! Claims money that is available to a broker though no deal has it due. It came back twice for one debt, or was given back after the
//! debt that it stood for had been paid otherwise. The last deal that is worked off claims the money, and pays it.

use inventure_api::batch::Failure;
use inventure_books::{
    Balances,
    records::{PaidOut, Payable, Unclaimed},
};
use inventure_ledger::{Account, Kind};
use inventure_payments::unit;
use inventure_table::{Record, table::Query};
use jiff::{SignedDuration, Timestamp};

use crate::{
    PAGE, Payer,
    worker::{done, put, stands},
};

/// The time for which money stays unclaimed first. Settlement books what is released a moment before it writes whose it is.
const WAIT: SignedDuration = SignedDuration::from_hours(1);

impl Payer {
    /// Ends a payable that nothing is due of, or adds to it the money that no other deal has due. The money is claimed once it has lain
    /// there for an hour in which nothing was booked. A deal whose money was claimed wrongly finds less available than it has due, and
    /// counts that as paid.
    pub(crate) async fn claim(
        &self,
        payable: Payable,
        paid: PaidOut,
        balances: &Balances,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let available = Account::broker(payable.tenant_id, Kind::Available, payable.currency)?;
        let lies = balances.of(&available);
        let unclaimed = unit::movable(lies - self.due_of_others(&payable, lies).await?, payable.currency);
        if unclaimed == 0 {
            self.store
                .commit(balances.bind(done(&payable, &paid), &available))
                .await?;
            return Ok(());
        }
        let entry = balances.entry(&available);
        let seen = payable.unclaimed.filter(|seen| seen.entry == entry);
        let seen = seen.unwrap_or(Unclaimed { seen_at: now, entry });
        if now < seen.seen_at + WAIT {
            let waits = Payable {
                unclaimed: Some(seen),
                ..payable
            };
            return self
                .wait(waits, seen.seen_at + WAIT, "money that no deal has due")
                .await;
        }
        tracing::warn!(deal = %payable.deal_id, tenant = %payable.tenant_id, unclaimed, "payouts.claimed");
        let after = PaidOut {
            minor_units: paid.minor_units - unclaimed,
            version: paid.version + 1,
            ..paid
        };
        let change = balances.bind(put(stands(&payable), &after), &available);
        self.store.commit(change).await?;
        Ok(())
    }

    /// Returns what the broker's other deals have due in the same currency, in minor units. It stops counting at `enough`, as more makes
    /// no difference.
    async fn due_of_others(&self, payable: &Payable, enough: i64) -> Result<i64, Failure> {
        let mut pages = self.store.pages(Query {
            limit: PAGE,
            ..Query::index(Payable::of_tenant(payable.tenant_id))
        });
        let mut due = 0;
        while let Some(page) = pages.next::<Payable>().await? {
            // The index may be behind, and what is done has nothing due.
            let keys: Vec<_> = page.iter().map(Record::key).collect();
            let mut others: Vec<Payable> = self.store.get_all(&keys).await?;
            others.retain(|other| other.deal_id != payable.deal_id && other.currency == payable.currency);
            let keys = others
                .iter()
                .map(|other| PaidOut::key_of(other.deal_id, other.tenant_id));
            let paid: Vec<PaidOut> = self.store.get_all(&keys.collect::<Vec<_>>()).await?;
            due += others
                .iter()
                .map(|other| {
                    let paid = paid.iter().find(|paid| paid.deal_id == other.deal_id);
                    (other.released_minor_units - paid.map_or(0, |paid| paid.minor_units)).max(0)
                })
                .sum::<i64>();
            if due >= enough {
                break;
            }
        }
        Ok(due)
    }
}
