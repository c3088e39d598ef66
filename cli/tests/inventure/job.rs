//! `inventure job`.

use std::fs;

use crate::{folder, inventure};

const AD: &str =
    "Backend developer\nWe need Rust, our backend is Go. 3+ years, hybrid in Leeds, UK. £55k-£65k a year.\n";

#[test]
fn an_ad_is_told_with_the_words_that_say_so() {
    let folder = folder("job");
    fs::write(folder.join("ad.txt"), AD).unwrap();
    let told = String::from_utf8(inventure(&folder, &["job", "ad.txt"]).stdout).unwrap();
    let rows: Vec<String> = told
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    for row in [
        "title backend developer the title",
        "years 3 at least “3+ years”",
        "skill Rust, required “Rust”",
        "skill Go, required “Go”",
        "place Leeds, UK “Leeds, UK”",
        "work hybrid “3+ years, hybrid in Leeds, UK.”",
        "pay 55000 to 65000 GBP a year “£55k-£65k a year”",
    ] {
        assert!(rows.iter().any(|told| told == row), "{row} in {rows:#?}");
    }

    let output = inventure(&folder, &["job", "ad.txt", "--json"]);
    let understood: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let skill = &understood["understood"]["skills"][0];
    let at = |end: &str| skill["span"][end].as_u64().unwrap() as usize;
    let description = AD.split_once('\n').unwrap().1;
    assert_eq!(&description[at("start")..at("end")], "Rust");
    assert!(!understood["hints"].as_array().unwrap().is_empty());
}

#[test]
fn an_ad_without_a_title_is_refused() {
    let folder = folder("no-job");
    fs::write(folder.join("ad.txt"), "\n\n").unwrap();
    let output = inventure(&folder, &["job", "ad.txt"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("the job has no title"));
}
