//! Tests the stand-in with Stripe's own library for Python. Its requests are Stripe's word on the API, not ours.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use inventure_http_client::Request;
use serde_json::json;

use crate::harness::{KEY, SECRET, Stripe, ask};

/// The interpreter that has the library: `cargo xtask test` installs it and says where.
#[expect(
    clippy::disallowed_methods,
    reason = "a test is told by the environment where the tools lie"
)]
fn python() -> PathBuf {
    if let Ok(python) = std::env::var("INVENTURE_TOOLS_PYTHON") {
        return python.into();
    }
    let set = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let cache = set("INVENTURE_CACHE")
        .or_else(|| Some(set("XDG_CACHE_HOME")?.join("inventure")))
        .unwrap_or_else(|| set("HOME").unwrap_or_default().join(".cache/inventure"));
    cache.join("tools/bin/python")
}

#[test]
fn stripes_own_library_finds_what_it_knows() {
    let stripe = Stripe::new();
    let account = stripe.open_account();
    assert_eq!(ask(Request::get(stripe.onboarding(&account))).status, 200);
    let received = stripe.received();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/library.py");
    let mut child = Command::new(python())
        .arg(script)
        .args([&stripe.url, KEY, SECRET])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Python with Stripe's library: `cargo xtask test unit` installs it");
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "{}", json!([received.signature, received.body])).unwrap();
    drop(input);
    let ended = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{said}");
    assert_eq!(String::from_utf8_lossy(&ended.stdout), "holds\n", "{said}");
}
