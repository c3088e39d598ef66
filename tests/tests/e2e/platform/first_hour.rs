//! The walk-through of docs/first-hour.md, run as it stands.

use std::process::{Command, Stdio};

use inventure_tests::Stack;

/// The page's blocks of commands, but for the one that brings up a platform and signs its demo people in.
fn commands() -> String {
    let page = include_str!("../../../../docs/first-hour.md");
    let blocks = page.split("```sh\n").skip(1);
    let commands: Vec<&str> = blocks.map(|block| block.split("```").next().unwrap()).collect();
    assert!(commands.len() >= 7, "{}", commands.len());
    commands.concat()
}

#[test]
fn the_first_hour_goes_as_the_page_says() {
    let stack = Stack::running();
    let (nora, _) = stack.agency("northbank");
    let (samir, _) = stack.agency("harbour");
    let (olive, _) = stack.tenant("orchid", "employer");
    let (ruth, _) = stack.agency("fairway");
    let ran = Command::new("timeout")
        .args(["120", "bash", "-euo", "pipefail", "-c", &commands()])
        .envs([
            ("API", stack.api()),
            ("NORA", nora.token()),
            ("SAMIR", samir.token()),
            ("OLIVE", olive.token()),
            ("RUTH", ruth.token()),
        ])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let (said, failed) = (
        String::from_utf8_lossy(&ran.stdout),
        String::from_utf8_lossy(&ran.stderr),
    );
    assert!(ran.status.success(), "{said}\n{failed}");
    assert_eq!(said.lines().last(), Some("placed"), "{said}\n{failed}");
}
