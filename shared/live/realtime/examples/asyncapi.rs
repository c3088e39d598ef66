//! Writes `docs/asyncapi.json` from the types: `cargo run -p inventure-realtime --example asyncapi`.

use std::{fs, io};

fn main() -> io::Result<()> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../docs/asyncapi.json");
    fs::write(path, format!("{:#}\n", inventure_realtime::asyncapi::document()))
}
