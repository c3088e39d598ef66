//! The records of payments, payouts, reconciliations and seals.
//!
//! | record | pk | sk | gsi1pk | gsi1sk |
//! |---|---|---|---|---|
//! | [`SealRecord`] | `SEALS` | `<date>` | | |
//! | [`PaymentEvent`] | `PAYMENT_EVENT#<id>` | `EVENT` | | |
//! | [`ClientPayment`] | `PAYMENT#<deal>` | `<processor's id>` | | |
//! | [`ClientRefund`] | `REFUNDS#<shard>` | `<ledger transaction>` | | |
//! | [`PaymentFile`] | `PAYMENT_FILE#<processor's id>` | `FILE` | | |
//! | [`OpenChargeback`] | `CHARGEBACKS#<shard>` | `<deal>#<fact>` | | |
//! | [`FailedRefund`] | `FAILED_REFUND#<processor's id>` | `FAILED` | | |
//! | [`Reconciliation`] | `RECONCILIATIONS` | `<second>` | | |
//! | [`FoundDifference`] | `DIFFERENCES#<second>` | `<number>` | | |
//! | [`ReconciliationRun`] | `RECONCILIATION_RUN` | `RUN` | | |
//! | [`Payable`] | `PAYABLES#<shard>` | `<deal>#<tenant>` | `PAYABLES_OF#<tenant>` | `<deal>` |
//! | [`PaidOut`] | `PAID#<deal>` | `<tenant>` | | |
//! | [`Payout`] | `PAYOUT#<id>` | `PAYOUT` | `PAYOUTS#<tenant>` | `<second>#<id>` |
//! | [`PayoutAccount`] | `PAYOUT_ACCOUNT#<tenant>` | `ACCOUNT` | | |
//! | [`Payee`] | `PAYEE#<tenant>` | `PAYEE` | | |
//! | head of an account | `HEADS#<shard>` | `<account>` | | |

mod payment;
mod payout;
mod reconciliation;
mod seal;

pub use payment::{
    ClientPayment, ClientRefund, FailedRefund, OpenChargeback, PaymentDispute, PaymentEvent, PaymentFile,
};
pub use payout::{PaidOut, Payable, Payee, Payout, PayoutAccount, PayoutStatus, Unclaimed};
pub use reconciliation::{
    BalanceLine, Difference, DifferenceKind, FoundDifference, Reconciliation, ReconciliationRun, RunStage,
};
pub use seal::{SealRecord, piece_key};

use inventure_table::Record;

/// The partitions of these records in the main table.
pub const PARTITIONS: &[&str] = &[
    PaymentEvent::PARTITION,
    ClientPayment::PARTITION,
    ClientRefund::PARTITION,
    PaymentFile::PARTITION,
    OpenChargeback::PARTITION,
    FailedRefund::PARTITION,
    Payable::PARTITION,
    PaidOut::PARTITION,
    Payout::PARTITION,
    PayoutAccount::PARTITION,
    Payee::PARTITION,
    Reconciliation::PARTITION,
    FoundDifference::PARTITION,
    ReconciliationRun::PARTITION,
    SealRecord::PARTITION,
    crate::ledger::HEADS,
];

/// The partitions of these records in the main table's index.
pub const INDEXES: &[&str] = &[Payable::INDEX, Payout::INDEX];

#[cfg(test)]
mod tests;
