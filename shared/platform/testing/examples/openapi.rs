//! Writes `docs/openapi.json` from the routes: `cargo run -p inventure-testing --example openapi`.

fn main() -> std::io::Result<()> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../docs/openapi.json");
    let description = inventure_testing::description()
        .to_pretty_json()
        .map_err(std::io::Error::other)?;
    std::fs::write(path, description + "\n")
}
