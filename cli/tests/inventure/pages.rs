//! The help, the manual and the completions.

use super::{folder, inventure, text};

#[test]
fn the_help_has_the_exit_codes_of_the_docs() {
    let folder = folder("help");
    let help = text(&inventure(&folder, &["--help"]).stdout);
    assert!(
        help.contains("Examples:") && help.contains("inventure rank --job"),
        "{help}"
    );
    let page = include_str!("../../../docs/cli.md");
    let (_, codes) = help.split_once("Exit codes:\n").unwrap();
    for (code, line) in codes.lines().enumerate() {
        let (number, meaning) = line.trim().split_once("  ").unwrap();
        assert_eq!(number, code.to_string());
        assert!(page.contains(&format!("| {number} | {meaning} |")), "{line}");
    }
    assert_eq!(codes.lines().count(), 4);
}

#[test]
fn shells_complete_every_command() {
    let folder = folder("completions");
    for shell in ["bash", "zsh", "fish"] {
        let output = inventure(&folder, &["completions", shell]);
        let script = text(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        for word in [
            "parse", "rank", "entities", "split", "simulate", "verify", "cache", "man", "no-cache",
        ] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn the_manual_has_a_page_for_the_program_and_one_for_each_command() {
    let folder = folder("man");
    let output = inventure(&folder, &["man"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let page = text(&output.stdout);
    assert!(page.starts_with(".ie ") || page.starts_with(".TH "), "{page}");
    assert!(
        page.contains(".TH inventure 1") && page.contains("Exit codes:"),
        "{page}"
    );
    let page = text(&inventure(&folder, &["man", "rank"]).stdout);
    let title = format!(".TH inventure-rank 1  \"inventure {}\"", env!("CARGO_PKG_VERSION"));
    assert!(page.contains(&title), "{page}");
    assert!(page.contains("lexical"), "{page}");
}
