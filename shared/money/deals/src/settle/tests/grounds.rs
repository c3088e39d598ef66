use super::*;

#[test]
fn a_release_that_waited_for_nothing_rests_on_its_payment_alone() {
    // The guarantee has ended, so what is paid is released in the moment of the payment.
    let play = paid_at(&template(Template::Replacement), "2026-05-01T17:00:00Z");
    let payment = play.deal.facts().last().unwrap().id;
    let movements = play.deal.settle().unwrap().movements;
    let released: Vec<_> = movements
        .iter()
        .filter(|movement| movement.why == Reason::Released)
        .collect();
    assert!(!released.is_empty());
    assert!(
        released.iter().all(|movement| movement.facts == [payment]),
        "{released:?}"
    );
}
