//! Tests splitting and verifying, as people run them.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

use inventure_ledger::{Account, Book, Head, Posting, SealedDay, Statement, Transaction, TransactionKind};
use serde_json::{Value, json};

fn inventure(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_inventure"))
        .args(arguments)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn split(amount: &str, currency: &str, shares: &[&str]) -> Output {
    let mut arguments = vec!["split", "--amount", amount, "--currency", currency, "--json"];
    for share in shares {
        arguments.extend(["--share", share]);
    }
    inventure(&arguments)
}

#[test]
fn a_simulation_is_the_example_for_brokers() {
    let output = inventure(&["simulate", "--pay", "166666.65", "--paid", "30", "--falls-off", "59"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    // The same rows stand in docs/money/deals.md.
    let page = include_str!("../../docs/money/deals.md");
    let told = text(&output.stdout);
    for line in told.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let ["day", day, who, why @ .., currency, amount] = words.as_slice() else {
            panic!("{line}")
        };
        let row = format!("| {day} | {who} | {} | {currency} {amount} |", why.join(" "));
        assert!(page.contains(&row), "{row}");
    }
    assert_eq!(told.lines().count(), 11);
}

#[test]
fn terms_that_are_shown_can_be_changed_and_simulated() {
    let shown = inventure(&[
        "simulate",
        "--show-terms",
        "--template",
        "by-source",
        "--currency",
        "JPY",
    ]);
    let mut terms: Value = serde_json::from_slice(&shown.stdout).unwrap();
    let file = std::env::temp_dir().join(format!("inventure-terms-{}.json", std::process::id()));
    let run = |terms: &Value| {
        fs::write(&file, terms.to_string()).unwrap();
        inventure(&[
            "simulate",
            "--terms",
            file.to_str().unwrap(),
            "--pay",
            "9000000",
            "--paid",
            "3",
            "--json",
        ])
    };
    let outcome: Value = serde_json::from_slice(&run(&terms).stdout).unwrap();
    assert!(!outcome["movements"].as_array().unwrap().is_empty());
    terms["parties"][0]["share"] = json!("99%");
    let refused = run(&terms);
    assert!(!refused.status.success());
    assert!(
        text(&refused.stderr).contains("cannot be signed"),
        "{}",
        text(&refused.stderr)
    );
    fs::remove_file(file).unwrap();
    for bad in [
        &["simulate", "--template", "odd"][..],
        &["simulate", "--currency", "XXX", "--pay", "1"],
        &["simulate", "--pay", "1.234"],
        &["simulate", "--time-zone", "Mars/Olympus", "--pay", "100000"],
    ] {
        let output = inventure(bad);
        assert_eq!(output.status.code(), Some(1), "{bad:?}: {}", text(&output.stderr));
    }
}

const SHARES: [&str; 3] = ["job=47.5%", "candidate=47.5%", "network=5%"];

#[test]
fn a_split_adds_up_in_the_order_given() {
    let parts = |output: Output| -> Value {
        assert!(output.status.success(), "{}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    assert_eq!(
        parts(split("33333.33", "USD", &SHARES)),
        json!({ "currency": "USD", "parts": [
            { "party": "job", "minor_units": 1_583_334 },
            { "party": "candidate", "minor_units": 1_583_333 },
            { "party": "network", "minor_units": 166_666 },
        ]})
    );
    let thirds = ["network=1/3", "job=1/3", "candidate=1/3"];
    let units = |output| {
        parts(output)["parts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|part| part["minor_units"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(units(split("100", "JPY", &thirds)), [34, 33, 33]);
    assert_eq!(units(split("0.010", "KWD", &thirds)), [4, 3, 3]);

    let arguments = [
        "split",
        "--amount",
        "33333.33",
        "--currency",
        "USD",
        "--share",
        "job=95%",
        "--share",
        "network=5%",
    ];
    let said = text(&inventure(&arguments).stdout);
    assert!(said.contains("USD 31,666.67") && said.lines().count() == 2, "{said}");
}

#[test]
fn what_cannot_be_split_is_told_in_one_line() {
    let whole = ["job=100%"];
    for (output, words) in [
        (split("100", "USD", &SHARES[..2]), "add up to less"),
        (split("100", "USD", &["job=100%", "network=5%"]), "add up to more"),
        (split("0", "USD", &whole), "more than zero"),
        (split("0.00", "USD", &whole), "more than zero"),
        (split("-5", "USD", &whole), "no sign"),
        (split("1.234", "USD", &whole), "USD has 2 decimals"),
        (split("1.5", "JPY", &whole), "JPY has 0 decimals"),
        (split("1.2345", "KWD", &whole), "KWD has 3 decimals"),
        (split("99999999999999999999", "USD", &whole), "too large"),
        (split("1e3", "USD", &whole), "exponent"),
        (split("1,000", "USD", &whole), "no separators"),
        (split("EUR 5", "USD", &whole), "must be digits"),
        (split("", "USD", &whole), "empty"),
        (split("100", "XXX", &whole), "not a supported ISO 4217"),
        (split("100", "usd", &whole), "not a supported ISO 4217"),
        (split("100", "USD", &["=100%"]), "name of a party"),
        (split("100", "USD", &["a b=100%"]), "name of a party"),
        (split("100", "USD", &["job=50%", "job=50%"]), "already"),
        (split("100", "USD", &["job"]), "job=47.5%"),
        (split("100", "USD", &["job=100"]), "percentage"),
        (split("100", "USD", &["job=-5%", "network=105%"]), "negative"),
        (split("100", "USD", &["job=1/0"]), "zero"),
    ] {
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{words}: {said}");
        assert!(output.stdout.is_empty());
        assert!(
            said.lines().count() == 1 && said.starts_with("inventure: ") && said.contains(words),
            "{words}: {said}"
        );
    }
    assert_eq!(
        inventure(&["split", "--amount", "5", "--currency", "USD"])
            .status
            .code(),
        Some(2)
    );
}

/// Makes a sealed statement over some entries.
fn statement() -> (String, String) {
    let receivable: Account = "client/deal-1/receivable/USD".parse().unwrap();
    let revenue: Account = "network/00/revenue/USD".parse().unwrap();
    let mut book = Book::default();
    for n in 1..=20 {
        let posting = |account: &Account, minor_units| Posting {
            account: account.clone(),
            minor_units,
        };
        book.apply(&Transaction {
            id: format!("fee:{n}").parse().unwrap(),
            kind: TransactionKind::Refund,
            occurred_at: "2026-11-22T10:00:00Z".parse().unwrap(),
            deal: "deal-1".parse().ok(),
            reason: None,
            corrects: None,
            resolves: None,
            postings: vec![posting(&receivable, 1_000), posting(&revenue, -1_000)],
        })
        .unwrap();
    }
    let at = "2026-11-23T00:05:00Z".parse().unwrap();
    let day = SealedDay::new("2026-11-22".parse().unwrap(), at, book.heads(), None).unwrap();
    let entries = book.entries(&receivable).to_vec();
    let document = Statement::new(Head::genesis(receivable.clone()), entries, day.inclusion(&receivable));
    (document.encode().unwrap(), day.seal().root.to_string())
}

/// Makes a file of its own for each test.
fn file(test: &str, contents: &str) -> PathBuf {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{test}.json"));
    fs::write(&file, contents).unwrap();
    file
}

#[test]
fn a_statement_that_holds_is_summed_up() {
    let (document, root) = statement();
    let file = file("sound", &document);
    let file = file.to_str().unwrap();
    let output = inventure(&["verify", file]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    for words in [
        "holds",
        "client/deal-1/receivable/USD",
        "USD 200.00",
        "1 to 20",
        "up to entry 20 on 2026-11-22",
        &root,
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let line: Value = serde_json::from_slice(&inventure(&["verify", file, "--json", "--root", &root]).stdout).unwrap();
    assert_eq!(
        (&line["verified"], &line["root_compared"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(line["balance"], json!({ "minor_units": 20_000, "currency": "USD" }));
    let other = inventure(&["verify", file, "--root", &"0".repeat(64)]);
    assert_eq!(other.status.code(), Some(1));
    assert!(text(&other.stderr).contains("root: "));
    let rows: Value = serde_json::from_slice(&inventure(&["verify", file, "--entries", "json"]).stdout).unwrap();
    assert_eq!(rows[19]["balance"], "200.00");
    assert_eq!(
        text(&inventure(&["verify", file, "--entries", "csv"]).stdout)
            .lines()
            .count(),
        21
    );
}

#[test]
fn a_statement_that_was_touched_does_not_hold_and_says_where() {
    let (document, _) = statement();
    let wrong = document.replacen("fee:17", "fee:71", 1);
    let file = file("touched", &wrong);
    let output = inventure(&["verify", file.to_str().unwrap()]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said.lines().count() == 1 && said.contains("does not hold: entry 17: its hash"),
        "{said}"
    );
    let output = inventure(&["verify", file.to_str().unwrap(), "--json"]);
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&line["verified"], &line["where"]), (&json!(false), &json!("entry 17")));
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn what_cannot_be_read_is_not_what_does_not_hold() {
    let output = inventure(&["verify", "no-such-file"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stderr).lines().count(), 1);
    assert_eq!(inventure(&["verify"]).status.code(), Some(2));
    for no_statement in ["Jane Roe, nurse", "{}", "[1", ""] {
        let file = file("no-statement", no_statement);
        let output = inventure(&["verify", file.to_str().unwrap()]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{no_statement}");
        assert!(
            said.contains("this is no statement") && !said.contains("hold"),
            "{said}"
        );
        let output = inventure(&["verify", file.to_str().unwrap(), "--json"]);
        let line: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((output.status.code(), &line["verified"]), (Some(2), &json!(false)));
    }
    assert_eq!(inventure(&["verify", "file", "--root", "f00"]).status.code(), Some(2));
}

#[test]
fn a_statement_may_come_on_standard_input() {
    let (document, _) = statement();
    for (document, code) in [
        (document.clone(), 0),
        (document.replacen("fee:17", "fee:71", 1), 1),
        (String::new(), 2),
    ] {
        let file = file(&format!("input-{code}"), &document);
        let output = Command::new(env!("CARGO_BIN_EXE_inventure"))
            .args(["verify", "-", "--json"])
            .stdin(fs::File::open(file).unwrap())
            .output()
            .unwrap();
        let line: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((output.status.code(), &line["file"]), (Some(code), &json!("-")));
    }
}
