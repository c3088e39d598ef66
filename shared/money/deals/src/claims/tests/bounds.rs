use super::*;

#[test]
fn an_objection_to_another_submittal_of_the_same_instant_ends_no_claim() {
    let first = submitted(1, "2026-01-15T17:00:00Z", ADA);
    let objected = |submitted_at: &str| {
        let what = ClaimWhat::ObjectedBefore {
            submitted_at: at(submitted_at),
            last_contact_on: date(2025, 12, 1),
        };
        fact(2, "2026-01-16T17:00:00Z", ADA, what)
    };
    let owners = |objection| decide(&rules(), &[first, objection], date(2026, 1, 21)).0;
    assert_eq!(owners(objected("2026-01-15T16:59:59.999999999Z")), []);
    assert_eq!(owners(objected("2026-01-15T17:00:00Z")), [ADA], "it was not made later");
}

#[test]
fn each_rule_has_words_of_its_own() {
    let all = [
        Rule::TermsSigned,
        Rule::InsideWindow,
        Rule::WindowOver,
        Rule::Lapsed,
        Rule::NoConsent,
        Rule::ConsentWithdrawn,
        Rule::NotConfirmed,
        Rule::Confirmed,
        Rule::ConfirmedElsewhere,
        Rule::PriorClaim,
        Rule::PriorClaimTooLate,
        Rule::PriorClaimOutsideWindow,
        Rule::PriorClaimNotInTerms,
        Rule::AlreadyClaimed,
        Rule::First,
        Rule::Last,
        Rule::Shared,
        Rule::DecidedByNetwork,
    ];
    let words: std::collections::BTreeSet<&str> = all.iter().map(|rule| rule.name()).collect();
    assert_eq!(words.len(), all.len());
}
