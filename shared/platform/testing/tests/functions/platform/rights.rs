//! The policies of the templates against the partitions that the domains own.

use std::collections::{BTreeMap, BTreeSet};

use inventure_testing::RIGHTS;

/// The domains, and the partitions of their records in the main table and in its index.
fn owners() -> [(&'static str, Vec<&'static str>); 5] {
    use inventure_books::records as books;
    use inventure_deal_store::records as deals;
    use inventure_live_index::records as index;
    use inventure_notices::records as notices;
    use inventure_people::records as people;
    use inventure_recruiting::records as recruiting;
    use inventure_rooms::records as rooms;
    [
        (
            "platform",
            vec![inventure_table::change::OUTBOX_PREFIX, inventure_api::once::PARTITION],
        ),
        ("people", [people::PARTITIONS, people::INDEXES].concat()),
        (
            "recruiting",
            [recruiting::PARTITIONS, recruiting::INDEXES, index::PARTITIONS].concat(),
        ),
        (
            "money",
            [deals::PARTITIONS, deals::INDEXES, books::PARTITIONS, books::INDEXES].concat(),
        ),
        (
            "live",
            [rooms::PARTITIONS, rooms::INDEXES, notices::PARTITIONS, notices::INDEXES].concat(),
        ),
    ]
}

/// The domain of each function, by the folder that it is in.
fn domains() -> BTreeMap<String, String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../functions");
    let names = |path: &std::path::Path| -> Vec<String> {
        let entries = std::fs::read_dir(path).unwrap().map(Result::unwrap);
        entries.map(|entry| entry.file_name().into_string().unwrap()).collect()
    };
    let folder = std::path::Path::new(folder);
    let all = names(folder).into_iter();
    all.flat_map(|domain| {
        names(&folder.join(&domain))
            .into_iter()
            .map(move |name| (name, domain.clone()))
    })
    .collect()
}

/// Returns the beginning of a policy's pattern.
fn prefix(pattern: &str) -> &str {
    pattern.trim_end_matches('*')
}

/// The partitions of another domain that functions write. Each goes through a function of the owner's crate, but for what an
/// event stands behind.
const ABROAD: [(&str, &str); 10] = [
    // Grants and counts, through `inventure-people`.
    ("candidates", "COUNTS#"),
    ("candidates", "GRANTS#can#"),
    ("jobs", "COUNTS#"),
    ("resume-parser", "COUNTS#"),
    ("jobs", "GRANTS#job#"),
    ("deals", "COUNTS#"),
    // How far the deals were told that a consent ended.
    ("settlement", "CONSENT_END#"),
    // The mails to candidates: whom, when, and by which link.
    ("notifier", "ASKS#"),
    ("notifier", "CANDIDATE_LINK#"),
    ("notifier", "MAILED#"),
];

#[test]
fn no_partition_has_two_owners() {
    let mut seen = BTreeMap::new();
    for (domain, partitions) in owners() {
        for partition in partitions {
            assert_eq!(seen.insert(partition, domain), None, "{partition}");
        }
    }
    let all: Vec<&str> = seen.keys().copied().collect();
    for one in &all {
        let within = all
            .iter()
            .filter(|other| other != &one && other.starts_with(one) && one.ends_with('#'));
        assert_eq!(within.count(), 0, "{one} has another in it");
    }
}

#[test]
fn a_policy_names_partitions_that_there_are_and_writes_to_its_own_domain() {
    let (owners, domains) = (owners(), domains());
    // A function may have a part of a partition's keys to itself.
    let owner_of = |partition: &str| {
        let within = |owned: &&str| partition == *owned || (owned.ends_with('#') && partition.starts_with(*owned));
        let owner = owners.iter().find(|(_, partitions)| partitions.iter().any(within));
        owner.map(|(domain, _)| *domain)
    };
    let mut unused: BTreeSet<(&str, &str)> = ABROAD.into_iter().collect();
    for (function, rights) in RIGHTS.iter() {
        for ((action, part), patterns) in rights {
            if !["MainTable", "MainTable/index"].contains(&part.as_str()) {
                continue;
            }
            for pattern in patterns {
                let partition = prefix(pattern);
                let owner = owner_of(partition).unwrap_or_else(|| panic!("{function}: {pattern} is nobody's"));
                let writes = ["PutItem", "DeleteItem", "UpdateItem"]
                    .iter()
                    .any(|write| action.ends_with(write));
                if !writes || owner == "platform" || owner == domains[function] {
                    continue;
                }
                let abroad = (function.as_str(), partition);
                assert!(
                    ABROAD.contains(&abroad),
                    "{function} writes {partition}, which is of {owner}"
                );
                unused.remove(&abroad);
            }
        }
    }
    assert_eq!(unused, BTreeSet::new(), "no policy allows this any more");
}

#[test]
fn a_policy_names_partitions_of_connections_that_there_are() {
    use inventure_rooms::records::{CONNECTION_INDEXES, CONNECTION_PARTITIONS};
    for (function, rights) in RIGHTS.iter() {
        for ((action, part), patterns) in rights
            .iter()
            .filter(|((_, part), _)| part.starts_with("ConnectionsTable"))
        {
            let known = if part.ends_with("/index") {
                CONNECTION_INDEXES
            } else {
                CONNECTION_PARTITIONS
            };
            for pattern in patterns {
                assert!(
                    known.contains(&prefix(pattern)),
                    "{function}: {action} on {pattern}, which is nobody's"
                );
            }
        }
    }
}

#[test]
fn every_right_on_a_table_names_its_partitions() {
    let functions: Vec<&String> = RIGHTS.keys().collect();
    assert!(functions.len() >= 23, "{functions:?}");
    for (function, rights) in RIGHTS.iter() {
        for ((action, part), patterns) in rights.iter().filter(|((action, _), _)| action.starts_with("dynamodb:")) {
            // The ledger's table has one kind of partition, and the stream none.
            let whole = part.starts_with("LedgerTable") || part.contains("StreamArn") || part.contains("Stream");
            assert!(
                whole || !patterns.contains("*"),
                "{function}: {action} on all of {part}"
            );
        }
    }
}

#[test]
fn events_and_answers_are_written_under_the_function_s_own_name() {
    for (function, rights) in RIGHTS.iter() {
        let written = rights.iter().filter(|((action, _), _)| action.ends_with("PutItem"));
        let patterns: BTreeSet<&String> = written.flat_map(|(_, patterns)| patterns).collect();
        for shared in [inventure_table::change::OUTBOX_PREFIX, inventure_api::once::PARTITION] {
            let own = format!("{shared}{function}#*");
            let of_shared = patterns.iter().filter(|pattern| pattern.starts_with(shared));
            assert!(
                of_shared.clone().all(|pattern| **pattern == own),
                "{function}: {patterns:?}"
            );
        }
        let says = inventure_events::KINDS
            .iter()
            .any(|kind| inventure_events::writers_of(kind).contains(&function.as_str()));
        let outbox = patterns
            .iter()
            .any(|pattern| pattern.starts_with(inventure_table::change::OUTBOX_PREFIX));
        assert_eq!(says, outbox, "{function} says events where it has a part of the outbox");
    }
}

#[test]
fn who_pays_out_changes_no_deal_and_who_ranks_no_candidate() {
    let may = |function, action, partition| inventure_testing::allows(function, (action, "MainTable"), partition);
    for (function, partition) in [
        ("payouts", "DEAL#dea_1"),
        ("payout-accounts", "PAYABLES#00"),
        ("ranking-api", "CANDIDATE#can_1"),
        ("match-finder", "JOB#job_1"),
        ("indexer", "CANDIDATE#can_1"),
        ("settlement", "CANDIDATE#can_1"),
        ("statements", "HEADS#00"),
        ("chat", "SUBJECT#1"),
        ("deals", "SUBJECT#1"),
    ] {
        for action in ["dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:UpdateItem"] {
            assert!(!may(function, action, partition), "{function} {action} {partition}");
        }
    }
    assert!(
        may("identity", "dynamodb:PutItem", "SUBJECT#1"),
        "the question is one that can be answered with yes"
    );
}

#[test]
fn the_page_says_what_each_function_writes_to() {
    let (page, domains) = (include_str!("../../../../../../docs/ARCHITECTURE.md"), domains());
    // A function may have a second policy, for what it does under a condition.
    for (function, rights) in RIGHTS.iter().filter(|(function, _)| domains.contains_key(*function)) {
        let written = |table: &str| -> Vec<String> {
            let writes = |action: &str| {
                ["PutItem", "DeleteItem", "UpdateItem"]
                    .iter()
                    .any(|write| action.ends_with(write))
            };
            let own = rights
                .iter()
                .filter(|((action, part), _)| writes(action) && part == table);
            let patterns: BTreeSet<&String> = own.flat_map(|(_, patterns)| patterns).collect();
            patterns.into_iter().map(|pattern| format!("`{pattern}`")).collect()
        };
        let (main, connections) = (written("MainTable").join(" "), written("ConnectionsTable").join(" "));
        let connections = if connections.is_empty() {
            connections
        } else {
            format!("connections: {connections}")
        };
        let cell = [main, connections]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(", ");
        let row = page.lines().find(|line| line.starts_with(&format!("| {function} |")));
        let row = row.unwrap_or_else(|| panic!("{function} has no row"));
        assert!(
            row.contains(&format!("| {cell} |").replace("|  |", "| |")),
            "{function} writes to {cell}, the page says {row}"
        );
    }
}
