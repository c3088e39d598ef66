//! Tests of the keys and names that records are stored under, and of the rules on their amounts.

use std::collections::BTreeMap;

use inventure_core::{Currency, DealId, EventId, Money, TenantId};
use inventure_ledger::{pieces::Place, seal::SealedDay};
use inventure_table::Key;
use jiff::{Timestamp, civil::date};

use super::*;

/// A deal whose last byte is 34, so that its partitions are number 2 of 0 to 3.
const DEAL: &str = "dea_0198c7a2e0b07a31b2d4c6e8fa0c1e22";
const TENANT: &str = "ten_0198c7a2e0b07a31b2d4c6e8fa0c1e23";
const FACT: &str = "evt_0198c7a2e0b07a31b2d4c6e8fa0c1e24";

/// The second 1,767,571,200, and almost another one.
const MIDNIGHT: &str = "2026-01-05T00:00:00.999999999Z";

fn deal() -> DealId {
    DEAL.parse().unwrap()
}

fn tenant() -> TenantId {
    TENANT.parse().unwrap()
}

fn fact() -> EventId {
    FACT.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn usd(minor_units: i64) -> Money {
    Money {
        minor_units,
        currency: Currency::USD,
    }
}

fn payment(amount: i64, refunded_minor_units: i64, charged_back_minor_units: i64) -> ClientPayment {
    ClientPayment {
        deal_id: deal(),
        invoice: "1".to_owned(),
        payment_id: "pi_1".to_owned(),
        amount: usd(amount),
        refunded_minor_units,
        charged_back_minor_units,
        version: 1,
    }
}

fn refund() -> ClientRefund {
    ClientRefund {
        refund_id: "refund:1".to_owned(),
        deal_id: deal(),
        invoice: "1".to_owned(),
        left: usd(100),
        number: 0,
        open: None,
        booked_at: at(MIDNIGHT),
        not_before: at(MIDNIGHT),
        version: 1,
    }
}

fn dispute(minor_units: i64, is_withdrawn: bool, is_reinstated: bool) -> PaymentDispute {
    PaymentDispute {
        dispute_id: format!("dp_{minor_units}"),
        amount: usd(minor_units),
        is_withdrawn,
        is_reinstated,
    }
}

fn file(disputes: Vec<PaymentDispute>) -> PaymentFile {
    PaymentFile {
        disputes,
        ..PaymentFile::new("pi_1".to_owned())
    }
}

fn chargeback() -> OpenChargeback {
    OpenChargeback {
        deal_id: deal(),
        fact_id: fact(),
        amount: usd(100),
        told_at: at(MIDNIGHT),
    }
}

fn payable() -> Payable {
    Payable {
        deal_id: deal(),
        tenant_id: tenant(),
        currency: Currency::USD,
        released_minor_units: 100,
        not_before: at(MIDNIGHT),
        unclaimed: Some(Unclaimed {
            seen_at: at(MIDNIGHT),
            entry: 7,
        }),
        version: 1,
    }
}

fn paid_out(payouts: u32) -> PaidOut {
    PaidOut {
        deal_id: deal(),
        tenant_id: tenant(),
        minor_units: 100,
        payouts,
        open: None,
        version: 1,
    }
}

fn payout() -> Payout {
    Payout {
        payout_id: "payout:1".to_owned(),
        deal_id: deal(),
        tenant_id: tenant(),
        amount: usd(100),
        status: PayoutStatus::Requested,
        reverses: Some("payout:0".to_owned()),
        for_debt: true,
        reversed_minor_units: 40,
        transfer_id: None,
        reason: None,
        requested_at: at(MIDNIGHT),
        version: 1,
    }
}

fn difference() -> Difference {
    Difference {
        kind: DifferenceKind::Transfer,
        id: "payout:1".to_owned(),
        books_minor_units: Some(100),
        processor_minor_units: None,
    }
}

fn reconciliation() -> Reconciliation {
    Reconciliation {
        from: Timestamp::UNIX_EPOCH,
        until: at(MIDNIGHT),
        compared: 1,
        differences: vec![difference()],
        found: 3,
        balances: Vec::new(),
        seen: BTreeMap::new(),
        fees_until: Some(at(MIDNIGHT)),
    }
}

fn run() -> ReconciliationRun {
    ReconciliationRun {
        from: Timestamp::UNIX_EPOCH,
        until: at(MIDNIGHT),
        reached: Timestamp::UNIX_EPOCH,
        stage: RunStage::Processor,
        seen: BTreeMap::new(),
        fees_from: Some(Timestamp::UNIX_EPOCH),
        fees_missing_from: Some(at(MIDNIGHT)),
        compared: 0,
        differences: 0,
        failures: 0,
        version: 1,
    }
}

/// The key of a record and, behind it, its place in the index. Functions have rights to both.
fn place(record: &impl Record) -> String {
    let Key { pk, sk } = record.key();
    assert!(PARTITIONS.iter().any(|own| pk.starts_with(own)), "{pk}");
    let Some((partition, sort)) = record.index() else {
        return format!("{pk} | {sk}");
    };
    assert!(INDEXES.iter().any(|own| partition.starts_with(own)), "{partition}");
    format!("{pk} | {sk} | {partition} | {sort}")
}

/// Stored money is found by these texts alone: whoever changes one loses what is stored.
#[test]
fn payments_are_stored_under_the_keys_that_stored_ones_have() {
    let event = PaymentEvent {
        event_id: "evt_1".to_owned(),
        kind: "payment_intent.succeeded".to_owned(),
        body: "{}".to_owned(),
        outcome: "booked".to_owned(),
        received_at: at(MIDNIGHT),
    };
    assert_eq!(place(&event), "PAYMENT_EVENT#evt_1 | EVENT");
    assert_eq!(place(&payment(100, 0, 0)), format!("PAYMENT#{DEAL} | pi_1"));
    assert_eq!(ClientPayment::partition(deal()), format!("PAYMENT#{DEAL}"));
    assert_eq!(place(&refund()), "REFUNDS#2 | refund:1");
    assert_eq!(ClientRefund::partition(3), "REFUNDS#3");
    assert_eq!(place(&file(Vec::new())), "PAYMENT_FILE#pi_1 | FILE");
    assert_eq!(place(&chargeback()), format!("CHARGEBACKS#2 | {DEAL}#{FACT}"));
    assert_eq!(OpenChargeback::partition(3), "CHARGEBACKS#3");
    let failed = FailedRefund {
        refund: "re_1".to_owned(),
        order_id: "refund:1:1".to_owned(),
        heard_at: at(MIDNIGHT),
    };
    assert_eq!(place(&failed), "FAILED_REFUND#re_1 | FAILED");
}

/// Stored money is found by these texts alone: whoever changes one loses what is stored.
#[test]
fn payouts_are_stored_under_the_keys_that_stored_ones_have() {
    assert_eq!(
        place(&payable()),
        format!("PAYABLES#2 | {DEAL}#{TENANT} | PAYABLES_OF#{TENANT} | {DEAL}")
    );
    assert_eq!(Payable::partition(3), "PAYABLES#3");
    assert_eq!(Payable::of_tenant(tenant()), format!("PAYABLES_OF#{TENANT}"));
    assert_eq!(place(&paid_out(1)), format!("PAID#{DEAL} | {TENANT}"));
    assert_eq!(
        place(&payout()),
        format!("PAYOUT#payout:1 | PAYOUT | PAYOUTS#{TENANT} | 001767571200#payout:1")
    );
    assert_eq!(Payout::of_tenant(tenant()), format!("PAYOUTS#{TENANT}"));
    let account = PayoutAccount {
        tenant_id: tenant(),
        account: "acct_1".to_owned(),
        is_ready: true,
        version: 1,
    };
    assert_eq!(place(&account), format!("PAYOUT_ACCOUNT#{TENANT} | ACCOUNT"));
    let payee = Payee {
        tenant_id: tenant(),
        account: "acct_1".to_owned(),
        since: at(MIDNIGHT),
    };
    assert_eq!(place(&payee), format!("PAYEE#{TENANT} | PAYEE"));
}

/// Stored records are found by these texts alone: whoever changes one loses what is stored.
#[test]
fn reconciliations_and_seals_are_stored_under_the_keys_that_stored_ones_have() {
    assert_eq!(place(&reconciliation()), "RECONCILIATIONS | 001767571200");
    let found = FoundDifference {
        until: at(MIDNIGHT),
        number: 7,
        difference: difference(),
    };
    assert_eq!(place(&found), "DIFFERENCES#001767571200 | 00000007");
    assert_eq!(FoundDifference::partition(at(MIDNIGHT)), "DIFFERENCES#001767571200");
    assert_eq!(place(&run()), "RECONCILIATION_RUN | RUN");
    let day = SealedDay::new(date(2026, 1, 5), Timestamp::UNIX_EPOCH, [], None).unwrap();
    let seal = SealRecord {
        date: date(2026, 1, 5),
        seal: day.seal().clone(),
        heads_key: None,
        pieces: Some("seals/2026-01-05".to_owned()),
    };
    assert_eq!(place(&seal), "SEALS | 2026-01-05");
    let piece = Place { level: 2, number: 13 };
    assert_eq!(piece_key("seals/2026-01-05", piece), "seals/2026-01-05/2/13.json");
}

#[test]
fn a_deal_is_in_the_one_of_four_partitions_that_its_last_byte_gives() {
    for (ends, shard) in [("00", 0), ("03", 3), ("04", 0), ("07", 3), ("fe", 2), ("ff", 3)] {
        let deal: DealId = format!("dea_0198c7a2e0b07a31b2d4c6e8fa0c1e{ends}").parse().unwrap();
        assert_eq!(ClientRefund::partition_of(deal), format!("REFUNDS#{shard}"), "{ends}");
        let refund = ClientRefund::key_of(deal, "refund:1");
        assert_eq!(refund.pk, format!("REFUNDS#{shard}"), "{ends}");
        let chargeback = OpenChargeback::key_of(deal, fact());
        assert_eq!(chargeback.pk, format!("CHARGEBACKS#{shard}"), "{ends}");
        let payable = Payable::key_of(deal, tenant());
        assert_eq!(payable.pk, format!("PAYABLES#{shard}"), "{ends}");
    }
    // Those who work them off look into so many.
    let shards = (ClientRefund::SHARDS, OpenChargeback::SHARDS, Payable::SHARDS);
    assert_eq!(shards, (4, 4, 4));
}

#[test]
fn keys_of_moments_and_numbers_sort_as_these_do() {
    let early = at("1970-01-01T00:16:39Z");
    assert_eq!(Reconciliation::key_of(early).sk, "000000000999");
    assert_eq!(FoundDifference::partition(early), "DIFFERENCES#000000000999");
    assert!(Reconciliation::key_of(early).sk < Reconciliation::key_of(at(MIDNIGHT)).sk);
    let first = Payout {
        requested_at: early,
        ..payout()
    };
    assert!(first.index() < payout().index());
    let found = |number| FoundDifference {
        until: at(MIDNIGHT),
        number,
        difference: difference(),
    };
    assert!(found(9).key().sk < found(10).key().sk);
}

#[test]
fn a_payment_can_be_refunded_by_what_neither_went_back_nor_was_taken_back() {
    let refundable = |refunded, charged_back| payment(1_000, refunded, charged_back).refundable();
    assert_eq!(refundable(0, 0), 1_000);
    assert_eq!(refundable(300, 0), 700);
    assert_eq!(refundable(0, 300), 700);
    assert_eq!(refundable(300, 200), 500);
    assert_eq!(refundable(300, 699), 1);
    assert_eq!(refundable(300, 700), 0);
    assert_eq!(refundable(1_000, 0), 0);
    assert_eq!(refundable(0, 1_000), 0);
    // Refunded first, and then taken back as well: more is gone than came.
    assert_eq!(refundable(1_000, 1_000), -1_000);
}

#[test]
fn a_payment_is_charged_back_by_what_was_taken_and_not_given_back() {
    let charged_back = |disputes: &[PaymentDispute]| file(disputes.to_vec()).charged_back();
    assert_eq!(charged_back(&[]), 0);
    assert_eq!(charged_back(&[dispute(100, true, false)]), 100);
    assert_eq!(charged_back(&[dispute(100, true, true)]), 0);
    assert_eq!(charged_back(&[dispute(100, false, false)]), 0);
    assert_eq!(charged_back(&[dispute(100, false, true)]), 0);
    let of_each = [
        dispute(1, true, false),
        dispute(20, true, true),
        dispute(300, false, false),
        dispute(4_000, false, true),
        dispute(50_000, true, false),
    ];
    assert_eq!(charged_back(&of_each), 50_001);
}

#[test]
fn a_new_file_of_a_payment_knows_nothing_of_it() {
    let file = PaymentFile::new("pi_1".to_owned());
    assert_eq!(file.payment_id, "pi_1");
    assert_eq!((file.applied_to, file.disputes, file.version), (None, Vec::new(), 0));
}

#[test]
fn a_payout_may_have_changed_what_a_party_has_by_four_transactions() {
    assert_eq!(paid_out(0).transaction_ids().count(), 0);
    let ids: Vec<String> = paid_out(2).transaction_ids().collect();
    assert_eq!(
        ids,
        [
            format!("payout:{DEAL}:{TENANT}:1"),
            format!("payout:{DEAL}:{TENANT}:1:returned"),
            format!("reversal:{DEAL}:{TENANT}:1"),
            format!("debt:{DEAL}:{TENANT}:1"),
            format!("payout:{DEAL}:{TENANT}:2"),
            format!("payout:{DEAL}:{TENANT}:2:returned"),
            format!("reversal:{DEAL}:{TENANT}:2"),
            format!("debt:{DEAL}:{TENANT}:2"),
        ]
    );
}

#[test]
fn balances_agree_from_the_least_to_the_most_that_the_processor_should_have() {
    let agrees = |processor_minor_units| {
        let line = BalanceLine {
            currency: "USD".to_owned(),
            books_minor_units: 100,
            least_minor_units: 90,
            most_minor_units: 120,
            processor_minor_units,
        };
        line.agrees()
    };
    for inside in [90, 91, 100, 119, 120] {
        assert!(agrees(inside), "{inside}");
    }
    for outside in [-100, 0, 89, 121] {
        assert!(!agrees(outside), "{outside}");
    }
}

#[test]
fn kinds_stages_and_states_are_stored_and_told_by_their_names() {
    for (kind, name) in [
        (DifferenceKind::Transfer, "transfer"),
        (DifferenceKind::Reversal, "reversal"),
        (DifferenceKind::EventMissed, "event_missed"),
        (DifferenceKind::Open, "open"),
        (DifferenceKind::Balance, "balance"),
        (DifferenceKind::Unchecked, "unchecked"),
    ] {
        assert_eq!(kind.name(), name);
        assert_eq!(serde_json::to_value(kind).unwrap(), name);
    }
    for (stage, name) in [
        (RunStage::Processor, "processor"),
        (RunStage::Books, "books"),
        (RunStage::Fees, "fees"),
        (RunStage::Balances, "balances"),
    ] {
        assert_eq!(stage.name(), name);
        assert_eq!(serde_json::to_value(stage).unwrap(), name);
    }
    for (status, name) in [
        (PayoutStatus::Requested, "requested"),
        (PayoutStatus::Settled, "settled"),
        (PayoutStatus::Returned, "returned"),
    ] {
        assert_eq!(serde_json::to_value(status).unwrap(), name);
    }
}

/// The record as it is read where it was stored before these fields were there.
fn stored_before<R: Record>(record: &R, fields: &[&str]) -> R {
    let mut stored = serde_json::to_value(record).unwrap();
    for field in fields {
        let removed = stored.as_object_mut().unwrap().remove(*field);
        assert!(removed.is_some(), "{field}");
    }
    serde_json::from_value(stored).unwrap()
}

#[test]
fn records_from_before_a_field_was_there_are_read_as_having_nothing_in_it() {
    assert_eq!(
        stored_before(&payment(100, 20, 30), &["charged_back_minor_units"]),
        payment(100, 20, 0)
    );
    let no_sight = Payable {
        unclaimed: None,
        ..payable()
    };
    assert_eq!(stored_before(&payable(), &["unclaimed"]), no_sight);
    let plain = Payout {
        reverses: None,
        for_debt: false,
        reversed_minor_units: 0,
        ..payout()
    };
    let later = ["reverses", "for_debt", "reversed_minor_units"];
    assert_eq!(stored_before(&payout(), &later), plain);
    let bare = Reconciliation {
        differences: Vec::new(),
        found: 0,
        fees_until: None,
        ..reconciliation()
    };
    let later = ["differences", "found", "fees_until"];
    assert_eq!(stored_before(&reconciliation(), &later), bare);
    let without_fees = ReconciliationRun {
        fees_from: None,
        fees_missing_from: None,
        ..run()
    };
    assert_eq!(stored_before(&run(), &["fees_from", "fees_missing_from"]), without_fees);
}
