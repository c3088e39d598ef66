//! `inventure entities`.

use std::{
    fs,
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

use inventure_resume::{Limits, entities::entities};

use crate::{EntitiesArgs, Outcome, reader::Reader};

pub fn run(args: &EntitiesArgs) -> Outcome {
    let text = text(&args.file)?;
    let found = entities(&text);
    let mut out = io::stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::to_string(&found)?)?;
    } else {
        for entity in found {
            let kind = serde_json::to_value(entity.kind)?;
            let shown = entity.text.split_whitespace().collect::<Vec<_>>().join(" ");
            writeln!(
                out,
                "{:>7} {:>7}  {:<22}{shown}",
                entity.start,
                entity.end,
                kind.as_str().unwrap_or_default()
            )?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns a text file's own text, or what is read of another format.
fn text(path: &Path) -> Result<String, Box<dyn std::error::Error>> {
    let named = |what: &str| format!("{}: {what}", path.display());
    if path
        .extension()
        .is_none_or(|extension| !extension.eq_ignore_ascii_case("txt"))
    {
        let read = Reader::new()?.read(path);
        return Ok(read
            .map_err(|refused| named(&format!("{}: {}", refused.reason, refused.detail)))?
            .text);
    }
    let size = fs::metadata(path).map_err(|error| named(&error.to_string()))?.len();
    if size > Limits::default().bytes_max {
        return Err(named("the file is too large").into());
    }
    let bytes = fs::read(path).map_err(|error| named(&error.to_string()))?;
    // Not UTF-8: one character a byte, so that offsets stay what they are in the file.
    Ok(String::from_utf8(bytes).unwrap_or_else(|error| error.into_bytes().into_iter().map(char::from).collect()))
}
