//! Running programs, and saying what is being done.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    sync::{LazyLock, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use serde_json::{Value, json};

/// The lines of what is being done at this moment. Nothing is drawn where no terminal is.
static LINES: LazyLock<MultiProgress> = LazyLock::new(|| MultiProgress::with_draw_target(ProgressDrawTarget::stdout()));
/// The seconds that each finished step took.
static STEPS: Mutex<BTreeMap<String, f64>> = Mutex::new(BTreeMap::new());
/// The pause between two pictures of a spinner.
const TICK: Duration = Duration::from_millis(100);

/// Prints a line above those of the running steps.
pub fn say(text: &str) {
    LINES.suspend(|| std::println!("{text}"));
}

/// Prints a line to the error output, above those of the running steps.
pub fn complain(text: &str) {
    LINES.suspend(|| std::eprintln!("{text}"));
}

fn name(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let program = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy();
    let arguments = command.get_args().take(3).map(|argument| argument.to_string_lossy());
    std::iter::once(program).chain(arguments).collect::<Vec<_>>().join(" ")
}

/// Runs a program with our output as its own.
pub fn run(command: &mut Command) -> Result<()> {
    let status = if LINES.is_hidden() {
        command
            .stdin(Stdio::null())
            .status()
            .with_context(|| format!("cannot start `{}`", name(command)))?
    } else {
        lines(coloured(command), say, complain)?
    };
    if !status.success() {
        bail!("`{}` failed ({status})", name(command));
    }
    Ok(())
}

/// Runs a program and returns what it prints. Its other output is shown only when it fails.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start `{}`", name(command)))?;
    if !output.status.success() {
        let said = [output.stderr, output.stdout].concat();
        let said = String::from_utf8_lossy(&said);
        bail!("`{}` failed: {}", name(command), said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a program that prints JSON. Nothing printed is null.
pub fn json(command: &mut Command) -> Result<Value> {
    let text = output(command)?;
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(&text).with_context(|| format!("`{}` printed no JSON", name(command)))
}

/// Runs a program and shows each line of its output, and of its error output, as it comes.
pub fn lines(command: &mut Command, out: impl FnMut(&str) + Send, err: impl FnMut(&str)) -> Result<ExitStatus> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{}`", name(command)))?;
    let (output, errors) = (child.stdout.take(), child.stderr.take());
    thread::scope(|scope| {
        scope.spawn(|| each_line(output, out));
        each_line(errors, err);
    });
    Ok(child.wait()?)
}

fn each_line(output: Option<impl Read>, mut show: impl FnMut(&str)) {
    let lines = output
        .into_iter()
        .flat_map(|output| BufReader::new(output).split(b'\n'));
    for line in lines.map_while(Result::ok) {
        show(&String::from_utf8_lossy(&line));
    }
}

/// Has cargo colour what a terminal will show though it writes into a pipe, unless the user wants it otherwise.
fn coloured(command: &mut Command) -> &mut Command {
    if env::var_os("NO_COLOR").is_none() && env::var_os("CARGO_TERM_COLOR").is_none() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    command
}

/// Runs a build of cargo's. On a terminal, it shows how many crates are compiled and the last of them.
pub(crate) fn compile(cargo: &mut Command, crates: impl FnOnce() -> Result<usize>) -> Result<()> {
    if LINES.is_hidden() {
        return run(cargo);
    }
    let line = ProgressBar::new(crates()? as u64);
    let line = draw(line, "    {bar:30} {pos} of {len} crates compiled, {msg}", "")?;
    let mut done = BTreeSet::new();
    cargo.args(["--message-format", "json-render-diagnostics"]);
    let count = |message: &str| {
        if let Some((package, name)) = compiled(message)
            && done.insert(package)
        {
            line.set_position(done.len() as u64);
            line.set_message(name);
        }
    };
    let status = lines(coloured(cargo), count, complain)?;
    line.finish_and_clear();
    if !status.success() {
        bail!("`{}` failed ({status})", name(cargo));
    }
    Ok(())
}

/// The package, and the name of its crate, that a message of cargo's says is compiled.
fn compiled(message: &str) -> Option<(String, String)> {
    let message: Value = serde_json::from_str(message).ok()?;
    let target = &message["target"];
    let is_script = target["kind"][0] == "custom-build";
    if message["reason"] != "compiler-artifact" || is_script {
        return None;
    }
    let package = message["package_id"].as_str()?.to_owned();
    Some((package, target["name"].as_str()?.replace('_', "-")))
}

/// Does one step, with its name before and its time after; on a terminal, with the time so far.
pub fn step<T>(title: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let start = Instant::now();
    let line = if LINES.is_hidden() {
        println!("  {title} …");
        ProgressBar::hidden()
    } else {
        draw(ProgressBar::no_length(), "  {spinner} {msg}  {time}", title)?
    };
    let result = work();
    line.finish_and_clear();
    let result = result?;
    println!("  {title}: {}", seconds(start));
    let mut steps = STEPS.lock().unwrap_or_else(PoisonError::into_inner);
    steps.insert(title.to_owned(), start.elapsed().as_secs_f64());
    Ok(result)
}

/// Draws a line below those of the other running steps.
fn draw(line: ProgressBar, template: &str, message: &str) -> Result<ProgressBar> {
    let time = |state: &ProgressState, to: &mut dyn std::fmt::Write| {
        let _ = to.write_str(&duration(state.elapsed()));
    };
    let style = ProgressStyle::with_template(template)?.with_key("time", time);
    let line = LINES.add(line.with_style(style).with_message(message.to_owned()));
    line.enable_steady_tick(TICK);
    Ok(line)
}

/// Writes the time since `start`, as people read it.
#[must_use]
pub fn seconds(start: Instant) -> String {
    duration(start.elapsed())
}

fn duration(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 59.95 {
        format!("{seconds:.1} s")
    } else {
        let whole = seconds.round() as u64;
        format!("{} min {:02} s", whole / 60, whole % 60)
    }
}

/// A run whose times are kept, so that the next can say beforehand what it will take.
pub struct Run {
    file: PathBuf,
    from: &'static str,
    start: Instant,
}

impl Run {
    /// Says what the run will take. It goes by the last one that began likewise: with the build there, or from nothing.
    #[must_use]
    pub fn begin(cache: &Path, is_built: bool) -> Self {
        let file = cache.join("times.json");
        let from = if is_built { "built" } else { "nothing" };
        let last = &kept(&file)[from];
        let last = last["all"].as_f64().zip(last["steps"]["functions"].as_f64());
        println!("{}", outlook(is_built, last));
        Self {
            file,
            from,
            start: Instant::now(),
        }
    }

    /// Keeps the times of the run and of its steps.
    pub fn keep(&self) {
        let mut times = kept(&self.file);
        let steps = STEPS.lock().unwrap_or_else(PoisonError::into_inner);
        times[self.from] = json!({ "all": self.start.elapsed().as_secs_f64(), "steps": *steps });
        // Without them the next run says less, and that is all.
        let _ = fs::write(&self.file, times.to_string());
    }
}

/// The kept times, or nothing where they cannot be read.
fn kept(file: &Path) -> Value {
    let text = fs::read(file).unwrap_or_default();
    let times = serde_json::from_slice(&text).ok();
    times.filter(Value::is_object).unwrap_or_else(|| json!({}))
}

/// Says what a run will take, by the seconds that the last such run and its build took.
fn outlook(is_built: bool, last: Option<(f64, f64)>) -> String {
    match (is_built, last) {
        (false, None) => "About 10 min the first time, on two cores: 9 of them the build, with tools and model \
                          fetched beside it; then emulator, stack and demo."
            .to_owned(),
        (false, Some((all, build))) => format!(
            "About {}, of which the build {}, as the last time from nothing.",
            rounded(all),
            rounded(build)
        ),
        (true, None) => "About 1 min, more if much has changed since the last build.".to_owned(),
        (true, Some((all, _))) => format!("About {}, as last time.", rounded(all)),
    }
}

/// Rounds seconds to what can be promised.
fn rounded(seconds: f64) -> String {
    if seconds <= 50.0 {
        format!("{} s", (seconds / 10.0).ceil().max(1.0) as u64 * 10)
    } else {
        format!("{} min", (seconds / 60.0).round() as u64)
    }
}

/// Whether a process of ours runs.
pub(crate) fn is_alive(process: u32) -> bool {
    process > 0 && output(Command::new("ps").args(["-o", "pid=", "-p", &process.to_string()])).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_people_read_them() {
        let written = |seconds| duration(Duration::from_secs_f64(seconds));
        assert_eq!(written(0.04), "0.0 s");
        assert_eq!(written(59.94), "59.9 s");
        assert_eq!(written(59.96), "1 min 00 s");
        assert_eq!(written(489.6), "8 min 10 s");
    }

    #[test]
    fn the_outlook_is_that_of_the_last_run_that_began_likewise() {
        assert!(outlook(false, None).starts_with("About 10 min the first time, on two cores"));
        assert_eq!(
            outlook(false, Some((541.0, 478.0))),
            "About 9 min, of which the build 8 min, as the last time from nothing."
        );
        assert!(outlook(true, None).starts_with("About 1 min"));
        assert_eq!(outlook(true, Some((31.0, 2.0))), "About 40 s, as last time.");
        assert_eq!(outlook(true, Some((56.0, 2.0))), "About 1 min, as last time.");
        assert_eq!(outlook(true, Some((0.0, 0.0))), "About 10 s, as last time.");
    }

    #[test]
    fn times_are_kept_for_each_beginning_and_a_broken_file_is_none() {
        let cache = env::temp_dir().join(format!("xtask-times-{}", std::process::id()));
        fs::create_dir_all(&cache).unwrap();
        fs::write(cache.join("times.json"), "[]").unwrap();
        Run::begin(&cache, false).keep();
        Run::begin(&cache, true).keep();
        let times = kept(&cache.join("times.json"));
        assert!(
            times["nothing"]["all"].is_f64() && times["built"]["all"].is_f64(),
            "{times}"
        );
        fs::remove_dir_all(cache).unwrap();
    }

    #[test]
    fn a_crate_is_compiled_with_its_library_and_not_with_its_build_script() {
        let message = |kind: &str| {
            let target = json!({ "name": "aws_sdk_s3", "kind": [kind] });
            compiled(&json!({ "reason": "compiler-artifact", "package_id": "s3#1", "target": target }).to_string())
        };
        assert_eq!(message("lib"), Some(("s3#1".to_owned(), "aws-sdk-s3".to_owned())));
        assert_eq!(message("custom-build"), None);
        assert_eq!(compiled("{\"reason\":\"build-finished\"}"), None);
        assert_eq!(compiled("warning: no message"), None);
    }

    #[test]
    fn lines_come_from_both_outputs_whatever_is_in_them() {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut shell = Command::new("sh");
        shell.args(["-c", "printf 'one\\n\\377\\nlast'; echo two >&2; exit 3"]);
        let status = lines(
            &mut shell,
            |line| out.push(line.to_owned()),
            |line| err.push(line.to_owned()),
        )
        .unwrap();
        assert_eq!(status.code(), Some(3));
        assert_eq!(out, ["one", "\u{fffd}", "last"]);
        assert_eq!(err, ["two"]);
    }
}
