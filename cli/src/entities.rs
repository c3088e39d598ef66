//! `inventure entities`.

use std::{io::Write, path::Path, process::ExitCode};

use inventure_resume::entities::entities;

use crate::{
    Outcome,
    args::EntitiesArgs,
    input, output,
    reader::{self, Reader},
    refused::{Refused, Worst},
};

pub fn run(args: &EntitiesArgs) -> Outcome {
    let text = match text(&Reader::new(None, false)?, &args.file) {
        Ok(text) => text,
        Err(refused) => {
            let mut worst = Worst::default();
            worst.refused(&args.file, &refused);
            return Ok(worst.into());
        }
    };
    let found = entities(&text);
    let mut out = output::results(args.json);
    if args.json {
        writeln!(out, "{}", serde_json::to_string(&found)?)?;
    } else {
        for entity in found {
            let kind = serde_json::to_value(entity.kind)?;
            let shown = entity.text.split_whitespace().collect::<Vec<_>>().join(" ");
            writeln!(
                out,
                "{:>7} {:>7}  {:<22}{}",
                entity.start,
                entity.end,
                kind.as_str().unwrap_or_default(),
                output::printable(&shown)
            )?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns a text file's own text, or what is read of another format.
fn text(reader: &Reader, path: &Path) -> Result<String, Refused> {
    let bytes = reader::bytes(path)?;
    if !is_text(path, &bytes) {
        return Ok(reader.read_bytes(path, &bytes)?.text);
    }
    // Not UTF-8: one character a byte, so that offsets stay what they are in the file.
    Ok(String::from_utf8(bytes).unwrap_or_else(|error| error.into_bytes().into_iter().map(char::from).collect()))
}

/// Tells plain text by the file's name. Standard input has none; there it is UTF-8 that begins like no other format.
fn is_text(path: &Path, bytes: &[u8]) -> bool {
    if input::is_standard_input(path) {
        let text = std::str::from_utf8(bytes).ok();
        return text.is_some_and(|text| !text.trim_start().starts_with(['{', '<', '%']));
    }
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("txt"))
}
