//! Writes `events/*.schema.json` from the types: `cargo run -p inventure-events --example schemas`.

use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../events"));
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(".schema.json") {
            fs::remove_file(path)?;
        }
    }
    for (name, schema) in inventure_events::schemas() {
        fs::write(folder.join(name), format!("{schema:#}\n"))?;
    }
    Ok(())
}
