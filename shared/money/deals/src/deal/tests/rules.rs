//! Deals that were recorded before reports needed others' word.

use std::path::Path;

use serde_json::{Value, json};

use super::super::*;
use crate::{
    fact::Author,
    sample::{JOB_SIDE, member},
};

/// Reads a recorded deal: what it came to when it was recorded, and its facts.
fn recorded(name: &str) -> (Value, Vec<Fact>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/deals_of_rules_1")
        .join(name);
    let recorded: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let facts = serde_json::from_value(recorded["facts"].clone()).unwrap();
    (recorded, facts)
}

const NAMES: [&str; 5] = [
    "fall_off.json",
    "placed_by_the_client_alone.json",
    "replacement.json",
    "ruled_and_closed.json",
    "signing_over_signed_terms.json",
];

#[test]
fn what_was_recorded_under_the_first_rules_comes_to_what_it_came_to() {
    for name in NAMES {
        let (recorded, facts) = recorded(name);
        let id = serde_json::from_value(recorded["facts"][0]["what"]["terms"]["deal"].clone()).unwrap();
        let deal = Deal::replay(id, facts).unwrap();
        assert_eq!(deal.rules(), 1, "{name}");
        let settlement = deal.settle().unwrap();
        let now = json!({
            "facts": deal.facts(), "state": deal.state(), "movements": settlement.movements,
            "held_minor_units": settlement.held_minor_units,
        });
        for part in ["facts", "state", "movements", "held_minor_units"] {
            assert_eq!(now[part], recorded[part], "{part} of {name}");
        }
        // And on from there by the new rules, with nothing moved by the change itself.
        let mut next = deal.clone();
        let at = deal.facts().last().unwrap().at;
        let adopted = Fact {
            id: EventId::new(),
            at,
            by: Author::Network,
            what: What::RulesAdopted { rules: RULES },
        };
        next.apply(adopted).unwrap();
        assert_eq!((next.rules(), next.settle().unwrap()), (RULES, settlement), "{name}");
    }
}

#[test]
fn a_proposal_that_held_up_signed_terms_holds_up_nothing_any_more() {
    let (recorded, facts) = recorded("signing_over_signed_terms.json");
    let id = serde_json::from_value(recorded["facts"][0]["what"]["terms"]["deal"].clone()).unwrap();
    let mut deal = Deal::replay(id, facts).unwrap();
    assert_eq!(deal.state(), State::Signing);
    let at = deal.facts().last().unwrap().at;
    let mut tell = |by, what| {
        let fact = Fact {
            id: EventId::new(),
            at,
            by,
            what,
        };
        deal.apply(fact).map(|()| deal.state())
    };
    let adopted = tell(Author::Network, What::RulesAdopted { rules: RULES });
    assert_eq!(adopted.unwrap(), State::Active);
    assert!(
        tell(Author::Network, What::RulesAdopted { rules: RULES }).is_err(),
        "once"
    );
    assert!(tell(member(JOB_SIDE), What::RulesAdopted { rules: RULES }).is_err());
    assert_eq!(tell(member(JOB_SIDE), What::TermsWithdrawn {}).unwrap(), State::Active);
}
