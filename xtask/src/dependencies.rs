//! The crates that we link: their licences, their sources, and the advisories about them.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use inventure_stack::project::Project;
use jiff::{Timestamp, tz::TimeZone};
use rustsec::{Database, Lockfile, Report, report::Settings};
use spdx::{Expression, LicenseReq};

/// The variable that names a folder with the database of advisories, for machines without a network.
const DATABASE_VARIABLE: &str = "INVENTURE_ADVISORY_DB";
/// The database of advisories about crates.
const DATABASE_URL: &str = "https://github.com/RustSec/advisory-db.git";
/// The longest that fetching it may take.
const FETCH_LIMIT: Duration = Duration::from_mins(1);
/// The age in days past which the database is said to be old.
const OLD_DAYS: i64 = 30;

/// Checks that everything we link may be linked, and where it comes from. `deny.toml` says what is allowed.
///
/// # Errors
/// Names every dependency on terms, or from a place, that `deny.toml` does not allow.
pub fn check_licences(project: &Project) -> Result<()> {
    let text = fs::read_to_string(project.root.join("deny.toml")).context("cannot read deny.toml")?;
    let allowed = allowed_licences(&text);
    if allowed.is_empty() {
        bail!("deny.toml allows no licence");
    }
    let metadata = project.metadata(true)?;
    let mut faults = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = format!(
            "{} {}",
            package["name"].as_str().unwrap_or_default(),
            package["version"].as_str().unwrap_or_default()
        );
        match package["source"].as_str() {
            // Ours.
            None => continue,
            Some(source) if source.starts_with("registry+") && source.contains("crates.io") => {}
            Some(source) => faults.push(format!("{name}: comes from {source}")),
        }
        match package["license"].as_str() {
            Some(licence) if is_allowed(licence, &allowed) => {}
            Some(licence) => faults.push(format!("{name}: {licence} is not among the licences of deny.toml")),
            None => faults.push(format!("{name}: names no licence")),
        }
    }
    if !faults.is_empty() {
        bail!("dependencies on terms we do not accept:\n  {}", faults.join("\n  "));
    }
    Ok(())
}

/// The list `allow` of the section `[licenses]`.
fn allowed_licences(text: &str) -> BTreeSet<String> {
    let section = text
        .split("[licenses]")
        .nth(1)
        .and_then(|rest| rest.split("\n[").next())
        .unwrap_or_default();
    let list = section
        .split("allow = [")
        .nth(1)
        .and_then(|rest| rest.split(']').next())
        .unwrap_or_default();
    list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Whether an SPDX expression can be satisfied with the allowed licences alone. An exception only ever adds freedom to its licence.
fn is_allowed(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let named = |required: &LicenseReq| required.license.id().is_some_and(|id| allowed.contains(id.name));
    // Some manifests still write `/` where SPDX has `OR`.
    let expression = Expression::parse(&expression.replace('/', " OR "));
    expression.is_ok_and(|expression| expression.evaluate(named))
}

/// Checks that no advisory stands against what we link, and says how old the database is. What is merely unmaintained is said.
///
/// # Errors
/// Names every vulnerability.
pub fn check_advisories(project: &Project) -> Result<()> {
    let Some((folder, from)) = database(project) else {
        println!(
            "advisories: not checked, since there is no network and {DATABASE_VARIABLE} names no copy of {DATABASE_URL}"
        );
        return Ok(());
    };
    let database =
        Database::open(&folder).with_context(|| format!("no database of advisories: {}", folder.display()))?;
    let newest = database
        .iter()
        .map(|advisory| advisory.metadata.date.to_string())
        .max()
        .unwrap_or_default();
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let age = newest.parse().map_or(i64::MAX, |newest: jiff::civil::Date| {
        today
            .since(newest)
            .map_or(i64::MAX, |since| i64::from(since.get_days()))
    });
    let old = if age > OLD_DAYS { "; that is old" } else { "" };
    println!(
        "advisories: {} about crates, the newest of {newest}, {age} days ago ({from}){old}",
        database.iter().count()
    );
    let lockfile = Lockfile::load(project.root.join("Cargo.lock")).context("cannot read Cargo.lock")?;
    let settings = Settings {
        informational_warnings: vec![
            rustsec::advisory::Informational::Unmaintained,
            rustsec::advisory::Informational::Unsound,
            rustsec::advisory::Informational::Notice,
        ],
        ..Settings::default()
    };
    let report = Report::generate(&database, &lockfile, &settings);
    for warning in report.warnings.values().flatten() {
        let why = warning
            .advisory
            .as_ref()
            .map_or("yanked", |advisory| advisory.title.as_str());
        println!(
            "  {} {}: {} ({why})",
            warning.package.name,
            warning.package.version,
            warning.kind.as_str()
        );
    }
    let found = report.vulnerabilities.list.iter().map(|found| {
        format!(
            "{} {}: {} ({})",
            found.package.name, found.package.version, found.advisory.id, found.advisory.title
        )
    });
    let found: Vec<String> = found.collect();
    if !found.is_empty() {
        bail!("vulnerabilities in what we link:\n  {}", found.join("\n  "));
    }
    Ok(())
}

/// The folder of the database, and its origin. Fetched anew where there is a network, else the folder that a variable names.
fn database(project: &Project) -> Option<(PathBuf, &'static str)> {
    let known = project.cache.join("advisory-db");
    if fetch(&known) {
        return Some((known, "fetched just now"));
    }
    if let Some(named) = env::var_os(DATABASE_VARIABLE) {
        return Some((PathBuf::from(named), "a copy on this machine"));
    }
    known.is_dir().then_some((known, "fetched before"))
}

/// Fetches the database; whether it did.
fn fetch(folder: &Path) -> bool {
    // Beside the last one, which stays until there is another.
    let fresh = folder.with_extension("new");
    let _ = fs::remove_dir_all(&fresh);
    let child = Command::new("git")
        .args([
            "-c",
            "http.lowSpeedLimit=1000",
            "-c",
            "http.lowSpeedTime=10",
            "clone",
            "--quiet",
            "--depth",
            "1",
            DATABASE_URL,
        ])
        .arg(&fresh)
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else { return false };
    let begun = Instant::now();
    while begun.elapsed() < FETCH_LIMIT {
        match child.try_wait() {
            Ok(Some(status)) => {
                let _ = status.success().then(|| fs::remove_dir_all(folder));
                return status.success() && fs::rename(&fresh, folder).is_ok();
            }
            Ok(None) => thread::sleep(Duration::from_millis(100)),
            Err(_) => return false,
        }
    }
    let _ = child.kill();
    let _ = child.wait();
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences_are_read_as_expressions() {
        let allowed = allowed_licences(
            "[licenses]\nallow = [\n  \"MIT\", # why\n  \"Apache-2.0\",\n]\n[bans]\nallow = [\"GPL-3.0\"]",
        );
        assert_eq!(allowed.len(), 2);
        for good in [
            "MIT",
            "MIT OR GPL-3.0-only",
            "MIT/Apache-2.0",
            "(MIT OR GPL-3.0-only) AND Apache-2.0",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            assert!(is_allowed(good, &allowed), "{good}");
        }
        for bad in [
            "GPL-3.0-only",
            "MIT AND GPL-3.0-only",
            "",
            "(MIT",
            "MIT GPL-3.0-only",
            "GPL-3.0-only WITH Classpath-exception-2.0",
        ] {
            assert!(!is_allowed(bad, &allowed), "{bad}");
        }
    }
}
