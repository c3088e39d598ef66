//! `test mends`: each mend of the rules against cheats is taken out in turn, and a test has to fail.
//!
//! The work tree is copied, and every mend of the list is compiled in twice: as it stands, and as it would be without. An environment
//! variable says which of the two runs, so all mends share one build.

mod list;
mod services;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    io::Read as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use inventure_stack::{
    project::{Project, write_changed},
    shell,
};
use serde_json::Value;

/// Names the mend that is taken out.
const OUT: &str = "INVENTURE_MEND";
/// The longest that the tests of one mend may run.
const LIMIT: Duration = Duration::from_mins(3);
const PAUSE: Duration = Duration::from_millis(20);

/// A place where a cheat was stopped.
pub struct Mend {
    /// The cheat's wish.
    pub wants: &'static str,
    /// The file, from the root.
    pub file: &'static str,
    /// The text right before the expression, where the expression alone stands in the file more than once.
    pub before: &'static str,
    /// The expression that stops it.
    pub find: &'static str,
    /// The expression without the mend, of the same type.
    pub put: &'static str,
    /// The tests that fail without it.
    pub killed_by: Tests,
}

/// Tests of one binary whose names have this in them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tests {
    /// The package that has the tests.
    pub package: &'static str,
    /// The target: the library's own tests have the package's name.
    pub target: &'static str,
    /// A part of the tests' names.
    pub named: &'static str,
}

/// The outcome of the tests.
struct Ran {
    passed: BTreeSet<String>,
    failed: BTreeSet<String>,
    whole: bool,
}

/// `cargo xtask test mends`. Gives how many mends were killed, and how many were not.
pub fn check(project: &Project, all: bool) -> Result<(usize, usize)> {
    let mut mends: Vec<&Mend> = list::MENDS.iter().collect();
    if all {
        mends.extend(services::MENDS);
    }
    let folder = project.target()?.join("inventure/mends");
    let tree = folder.join("tree");
    shell::step("copy", || project.copy_to(&tree))?;
    write(project, &tree, &mends)?;
    let binaries = shell::step("build", || build(project, &tree, &folder.join("target"), &mends))?;
    shell::step("untouched", || untouched(&tree, &binaries, &mends))?;
    let mut survivors = Vec::new();
    for mend in &mends {
        let began = Instant::now();
        let ran = run(&tree, &binaries, mend.killed_by, Some(mend.wants))?;
        if ran.whole && !ran.failed.is_empty() {
            let by: Vec<&str> = ran.failed.iter().map(String::as_str).collect();
            println!(
                "  killed    {}: {} ({})",
                mend.wants,
                by.join(", "),
                shell::seconds(began)
            );
        } else {
            let how = if ran.whole {
                "every test passes without it"
            } else {
                "the tests broke off"
            };
            println!("  SURVIVED  {}: {how} ({})", mend.wants, shell::seconds(began));
            survivors.push(mend.wants);
        }
    }
    let killed = mends.len() - survivors.len();
    println!("  {killed} of {} mends killed", mends.len());
    if !survivors.is_empty() {
        eprintln!("no test fails without: {}", survivors.join("; "));
    }
    Ok((killed, survivors.len()))
}

/// Writes the choice between each mend and what was before it into the copy.
fn write(project: &Project, tree: &Path, mends: &[&Mend]) -> Result<()> {
    let mut files: BTreeMap<&str, Vec<&Mend>> = BTreeMap::new();
    let mut names = BTreeSet::new();
    for mend in mends {
        ensure!(names.insert(mend.wants), "two mends are called `{}`", mend.wants);
        files.entry(mend.file).or_default().push(mend);
    }
    for (file, mends) in files {
        let text = fs::read_to_string(project.root.join(file)).with_context(|| format!("cannot read {file}"))?;
        write_changed(&tree.join(file), with_choices(&text, &mends)?.as_bytes())?;
    }
    Ok(())
}

/// A file's text in which each mend can be taken out.
fn with_choices(text: &str, mends: &[&Mend]) -> Result<String> {
    let mut places: BTreeMap<usize, Vec<&Mend>> = BTreeMap::new();
    for mend in mends {
        let place = format!("{}{}", mend.before, mend.find);
        let mut found = text.match_indices(&place).map(|(index, _)| index + mend.before.len());
        let (first, second) = (found.next(), found.next());
        let Some(index) = first.filter(|_| second.is_none()) else {
            let times = text.matches(&place).count();
            bail!(
                "the list is stale: `{place}` stands {times} times in {} ({})",
                mend.file,
                mend.wants
            );
        };
        places.entry(index).or_default().push(mend);
    }
    let (mut written, mut until) = (String::with_capacity(text.len() * 2), 0);
    for (index, mends) in places {
        let find = mends[0].find;
        ensure!(
            index >= until && mends.iter().all(|mend| mend.find == find),
            "two mends overlap: {}",
            mends[0].wants
        );
        written.push_str(&text[until..index]);
        written.push('(');
        for mend in &mends {
            let (wants, put) = (mend.wants, mend.put);
            write!(
                written,
                "if ::std::env::var_os({OUT:?}).is_some_and(|out| out == {wants:?}) {{ {put} }} else "
            )?;
        }
        write!(written, "{{ {find} }})")?;
        until = index + find.len();
    }
    written.push_str(&text[until..]);
    Ok(written)
}

/// Builds the tests that are asked for, and says where they are.
fn build(
    project: &Project,
    tree: &Path,
    target: &Path,
    mends: &[&Mend],
) -> Result<BTreeMap<(String, String), PathBuf>> {
    let mut cargo = project.cargo();
    cargo.current_dir(tree).env("CARGO_TARGET_DIR", target);
    // Nobody reads a backtrace here, and half of the build's time is what it would need.
    cargo.env("CARGO_PROFILE_DEV_DEBUG", "0");
    cargo.args(["test", "--no-run", "--quiet", "--message-format", "json"]);
    let packages: BTreeSet<&str> = mends.iter().map(|mend| mend.killed_by.package).collect();
    let targets: BTreeSet<Tests> = mends.iter().map(|mend| mend.killed_by).collect();
    for package in packages {
        cargo.args(["--package", package]);
    }
    if targets.iter().any(|tests| tests.target == tests.package) {
        cargo.arg("--lib");
    }
    let others: BTreeSet<&str> = targets
        .iter()
        .filter(|tests| tests.target != tests.package)
        .map(|tests| tests.target)
        .collect();
    for other in others {
        cargo.args(["--test", other]);
    }
    let said = shell::output(&mut cargo).context("with the choices written in it, the tree does not build")?;
    let mut binaries = BTreeMap::new();
    for line in said.lines() {
        let Ok(message) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        let (Some(binary), Some(name)) = (message["executable"].as_str(), message["target"]["name"].as_str()) else {
            continue;
        };
        let manifest = message["manifest_path"].as_str().unwrap_or_default();
        let folder = Path::new(manifest)
            .parent()
            .unwrap_or(tree)
            .to_string_lossy()
            .into_owned();
        binaries.insert((folder, name.replace('_', "-")), PathBuf::from(binary));
    }
    Ok(binaries)
}

/// Checks that every test that is named passes with all mends in it, and that every name names one.
fn untouched(tree: &Path, binaries: &BTreeMap<(String, String), PathBuf>, mends: &[&Mend]) -> Result<()> {
    let tests: BTreeSet<Tests> = mends.iter().map(|mend| mend.killed_by).collect();
    for tests in tests {
        let ran = run(tree, binaries, tests, None)?;
        let (target, named) = (tests.target, tests.named);
        ensure!(
            ran.whole && ran.failed.is_empty(),
            "{target} {named} fails as it stands: {:?}",
            ran.failed
        );
        ensure!(
            !ran.passed.is_empty(),
            "the list is stale: {target} has no test {named}"
        );
    }
    Ok(())
}

fn run(tree: &Path, binaries: &BTreeMap<(String, String), PathBuf>, tests: Tests, out: Option<&str>) -> Result<Ran> {
    let known = binaries.iter().find(|((folder, name), _)| {
        // A function's package has no prefix.
        let short = tests.package.strip_prefix("inventure-").unwrap_or(tests.package);
        let of_package = Path::new(folder).file_name().is_some_and(|last| last == short);
        of_package && name == tests.target
    });
    let ((folder, _), binary) = known.with_context(|| format!("{} was not built", tests.target))?;
    let mut command = Command::new(binary);
    command.current_dir(Path::new(folder)).arg(tests.named);
    command
        .env("CARGO_MANIFEST_DIR", folder)
        .env("INSTA_UPDATE", "no")
        .env("INSTA_WORKSPACE_ROOT", tree);
    // A failure is enough; nobody looks for the smallest.
    command
        .env("PROPTEST_MAX_SHRINK_ITERS", "0")
        .env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "true");
    command.env("RUST_BACKTRACE", "0").env_remove(OUT);
    if let Some(out) = out {
        command.env(OUT, out);
    }
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let said = child.stdout.take().map(|mut out| {
        thread::spawn(move || {
            let mut text = Vec::new();
            let _ = out.read_to_end(&mut text);
            String::from_utf8_lossy(&text).into_owned()
        })
    });
    let began = Instant::now();
    let mut ended = child.try_wait()?;
    while ended.is_none() && began.elapsed() < LIMIT {
        thread::sleep(PAUSE);
        ended = child.try_wait()?;
    }
    if ended.is_none() {
        child.kill()?;
        child.wait()?;
    }
    let said = said.and_then(|said| said.join().ok()).unwrap_or_default();
    let of = |end: &str| -> BTreeSet<String> {
        let lines = said
            .lines()
            .filter_map(|line| line.strip_prefix("test ")?.strip_suffix(end));
        lines
            .map(|name| name.split(" - ").next().unwrap_or(name).to_owned())
            .collect()
    };
    Ok(Ran {
        passed: of(" ... ok"),
        failed: of(" ... FAILED"),
        whole: said.lines().any(|line| line.starts_with("test result:")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn mend(find: &'static str, put: &'static str) -> Mend {
        Mend {
            wants: "more",
            file: "a.rs",
            before: "",
            find,
            put,
            killed_by: Tests {
                package: "a",
                target: "a",
                named: "a",
            },
        }
    }

    #[test]
    fn a_mend_and_what_was_before_it_stand_side_by_side() {
        let written = with_choices("if a > b {}", &[&mend("a > b", "true")]).unwrap();
        let choice =
            "(if ::std::env::var_os(\"INVENTURE_MEND\").is_some_and(|out| out == \"more\") { true } else { a > b })";
        assert_eq!(written, format!("if {choice} {{}}"));
        let stale = with_choices("a a", &[&mend("a", "b")]).unwrap_err().to_string();
        assert!(stale.contains("2 times"), "{stale}");
        assert!(with_choices("abc", &[&mend("ab", ""), &mend("bc", "")]).is_err());
    }

    #[test]
    fn every_mend_is_found_where_the_lists_say() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut files: BTreeMap<&str, Vec<&Mend>> = BTreeMap::new();
        for mend in list::MENDS.iter().chain(services::MENDS) {
            files.entry(mend.file).or_default().push(mend);
        }
        for (file, mends) in files {
            let text = fs::read_to_string(root.join(file)).unwrap();
            with_choices(&text, &mends).unwrap();
        }
    }
}
