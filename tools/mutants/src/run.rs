//! Runs tests against mutants.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::{Command, Stdio},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use inventure_stack::shell;

use crate::{compile::Binary, list::Mutant, record::Record};

/// The number of tests that run at once.
const AT_ONCE: usize = 2;
/// The pause between two looks at a test that runs.
const PAUSE: Duration = Duration::from_millis(2);

/// A test, and what is known of it.
struct Test<'a> {
    binary: &'a Binary,
    name: String,
    takes: Duration,
    reaches: BTreeSet<u32>,
}

impl Test<'_> {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.binary.path);
        command.current_dir(&self.binary.folder).args(["--exact", &self.name]);
        command
            .env("CARGO_MANIFEST_DIR", &self.binary.folder)
            .env("INSTA_UPDATE", "no")
            .env("PROPTEST_MAX_SHRINK_ITERS", "0")
            .env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "true")
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// Whether the test passes. One that takes far longer than it does as things stand fails.
    fn passes(&self, command: &mut Command, limit: Duration) -> Result<bool> {
        let began = Instant::now();
        let mut child = command.spawn().with_context(|| self.name.clone())?;
        loop {
            if let Some(ended) = child.try_wait()? {
                return Ok(ended.success());
            }
            if began.elapsed() > limit {
                child.kill()?;
                child.wait()?;
                return Ok(false);
            }
            thread::sleep(PAUSE);
        }
    }
}

/// Does something with each of many, some at once, until the time is over.
fn each<T: Sync>(all: &[T], until: Instant, work: impl Fn(&T) -> Result<()> + Sync) -> Result<()> {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let one = || -> Result<()> {
            while let Some(item) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                if Instant::now() > until {
                    return Ok(());
                }
                work(item)?;
            }
            Ok(())
        };
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(one)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().unwrap_or_else(|_| bail!("a worker broke off")))
    })
}

/// Runs every test as things stand, and notes which mutants it reaches.
fn tests<'a>(tree: &Path, binaries: &'a [Binary]) -> Result<Vec<Test<'a>>> {
    let mut names = Vec::new();
    for binary in binaries {
        let mut list = Command::new(&binary.path);
        list.current_dir(&binary.folder).args(["--list", "--format", "terse"]);
        let listed = shell::output(&mut list)?;
        let tests = listed.lines().filter_map(|line| line.strip_suffix(": test"));
        names.extend(tests.map(|name| (binary, name.to_owned())));
    }
    let found = Mutex::new(Vec::new());
    let forever = Instant::now() + Duration::from_hours(24);
    each(
        &names.into_iter().enumerate().collect::<Vec<_>>(),
        forever,
        |(number, (binary, name))| {
            let reached = tree.join(format!(".reached-{number}"));
            let _ = fs::remove_file(&reached);
            let mut test = Test {
                binary,
                name: name.clone(),
                takes: Duration::ZERO,
                reaches: BTreeSet::new(),
            };
            let began = Instant::now();
            if !test.passes(test.command().env("MUTANTS_REACHED", &reached), Duration::from_mins(10))? {
                // What fails as things stand says nothing of a mutant.
                println!("  {name} fails as it stands; left out");
                return Ok(());
            }
            test.takes = began.elapsed();
            let ids = fs::read_to_string(&reached).unwrap_or_default();
            test.reaches = ids.lines().filter_map(|id| id.parse().ok()).collect();
            let _ = fs::remove_file(&reached);
            found
                .lock()
                .map_err(|_| anyhow::anyhow!("a worker broke off"))?
                .push(test);
            Ok(())
        },
    )?;
    let mut tests = found.into_inner().map_err(|_| anyhow::anyhow!("a worker broke off"))?;
    tests.sort_by_key(|test: &Test<'_>| test.takes);
    Ok(tests)
}

/// The number of mutants of each file that each test has killed. A test that found one finds the next.
struct Kills(Mutex<BTreeMap<(String, String), usize>>);

impl Kills {
    /// Returns the kills on record.
    fn of(record: &Record) -> Self {
        let kills = Self(Mutex::default());
        for (file, test) in record.kills() {
            kills.add(file, test);
        }
        kills
    }

    fn add(&self, file: &str, test: &str) {
        let mut kills = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *kills.entry((file.to_owned(), test.to_owned())).or_default() += 1;
    }

    /// Puts the tests first that killed the most mutants of a file. The order among others stays.
    fn sort(&self, file: &str, tests: &mut [&Test<'_>]) {
        let kills = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |test: &&Test<'_>| kills.get(&(file.to_owned(), test.name.clone())).copied();
        tests.sort_by_cached_key(|test| Reverse(of(test)));
    }
}

/// Tries every mutant that was not killed before, until the time is over.
pub fn run(tree: &Path, binaries: &[Binary], mutants: &[Mutant], record: &Record, until: Instant) -> Result<()> {
    let tests = tests(tree, binaries)?;
    println!("  {} tests", tests.len());
    let open: Vec<&Mutant> = mutants.iter().filter(|mutant| !record.is_killed(mutant)).collect();
    let mut by_mutant: BTreeMap<u32, Vec<&Test<'_>>> = BTreeMap::new();
    for test in &tests {
        for id in &test.reaches {
            by_mutant.entry(*id).or_default().push(test);
        }
    }
    let kills = Kills::of(record);
    each(&open, until, |mutant| {
        let mut reaching = by_mutant.get(&mutant.id).cloned().unwrap_or_default();
        kills.sort(&mutant.file, &mut reaching);
        for test in reaching {
            let limit = Duration::from_secs(20) + test.takes * 10;
            if !test.passes(test.command().env("MUTANT", mutant.id.to_string()), limit)? {
                kills.add(&mutant.file, &test.name);
                return record.write(mutant, Some(&test.name));
            }
        }
        record.write(mutant, None)
    })
}
