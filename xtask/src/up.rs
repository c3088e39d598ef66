//! `up` and `down`: the whole platform on this machine.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant, SystemTime},
};

use anyhow::{Context, Result, anyhow};
use clap::Args;
use serde_json::{Value, json};

use crate::{
    aws::{Aws, LOCAL_KEY, LOCAL_REGION},
    demo,
    emulator::{DEFAULT_PORT, Emulator},
    package::{self, Build, Package},
    processor::Processor,
    project::Project,
    shell, stack,
    tools::{self, Venv},
};

/// The stage that the local stack plays.
pub const STAGE: &str = "local";
/// The file in which `up` describes the running stack, for the other tasks and for tests.
pub const STACK_FILE: &str = "stack.json";
/// The pause after which `--watch` looks for changes again.
const WATCH_PAUSE: Duration = Duration::from_secs(1);

#[derive(Args)]
pub struct Options {
    /// Bring in the résumés of a folder of your own, in place of the demo's.
    #[arg(long, value_name = "DIR")]
    with: Option<PathBuf>,
    /// Stay, and redeploy what changes.
    #[arg(long)]
    watch: bool,
    /// The port on 127.0.0.1.
    #[arg(long, default_value_t = DEFAULT_PORT)]
    port: u16,
}

/// `cargo xtask up`.
pub fn up(project: &Project, options: &Options) -> Result<()> {
    let start = Instant::now();
    let with = options.with.as_deref().map(crate::absolute);
    if let Some(folder) = &with {
        // Before the long part.
        demo::documents_of(folder)?;
    }
    println!("Inventure on this machine");
    tools::check_machine(project)?;
    let run = shell::Run::begin(&project.cache, package::is_built(&project.target()?));
    let stack = bring_up(project, &project.state, Some(options.port), Build::Local)?;
    let demo = shell::step("demo: people, résumés, jobs", || {
        demo::run(project, &stack, Build::Local, with.as_deref())
    })?;
    demo.print(&stack);
    run.keep();
    println!("\nUp in {}. It stays until `cargo xtask down`.", shell::seconds(start));
    if options.watch { watch(project, &stack) } else { Ok(()) }
}

/// A stack that runs here.
pub struct Stack {
    /// The local AWS.
    pub emulator: Emulator,
    /// The address at which the product's API answers.
    pub api: String,
    /// The outputs of all stacks, by name.
    pub outputs: Value,
    /// The address at which the stand-in for the payment processor answers.
    pub processor: String,
    /// The folder in which the stack's state is kept.
    pub folder: PathBuf,
}

impl Stack {
    /// Returns one output of the stack.
    pub fn output(&self, name: &str) -> Result<&str> {
        self.outputs[name]
            .as_str()
            .with_context(|| format!("the stack has no output {name}"))
    }

    /// The stack that was left running in the folder.
    pub fn find(folder: &Path) -> Option<Self> {
        let emulator = Emulator::find(folder)?;
        let state: Value = serde_json::from_slice(&fs::read(folder.join(STACK_FILE)).ok()?).ok()?;
        (state["pid"] == emulator.pid).then(|| Self {
            emulator,
            api: state["api"].as_str().unwrap_or_default().to_owned(),
            outputs: state["outputs"].clone(),
            processor: state["processor"].as_str().unwrap_or_default().to_owned(),
            folder: folder.to_owned(),
        })
    }
}

/// A stack for one run of one task, gone when this is dropped. It has a port and a folder of its own.
pub struct Temporary {
    /// The running stack.
    pub stack: Stack,
    // Dropped with the stack, and also when bringing the stack up failed halfway.
    _end: End,
}

struct End(PathBuf);

impl Drop for End {
    fn drop(&mut self) {
        if let Some(emulator) = Emulator::find(&self.0) {
            emulator.stop();
        }
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Temporary {
    /// Brings it up, beside whatever else runs.
    pub fn bring_up(project: &Project, build: Build) -> Result<Self> {
        let all = project.target()?.join("inventure/stacks");
        // What a run left that was killed. The folders are named after the processes.
        for entry in fs::read_dir(&all).into_iter().flatten().flatten() {
            let owner = entry.file_name().to_string_lossy().parse().unwrap_or(0);
            if !shell::is_alive(owner) {
                drop(End(entry.path()));
            }
        }
        let folder = all.join(std::process::id().to_string());
        let end = End(folder.clone());
        Ok(Self {
            stack: bring_up(project, &folder, None, build)?,
            _end: end,
        })
    }
}

/// Tools, functions, emulator, stack, model: each only as far as it is not there yet. Without a port, on a free one.
pub fn bring_up(project: &Project, folder: &Path, port: Option<u16>, build: Build) -> Result<Stack> {
    // Fetching waits for the network and compiling for the processor, so they go side by side.
    let (fetched, built) = thread::scope(|scope| {
        let fetch = scope.spawn(|| -> Result<PathBuf> {
            shell::step("tools", || {
                Venv::Emulator.ensure(project)?;
                Venv::Tools.ensure(project)
            })?;
            shell::step("model", || tools::model(project))
        });
        let built = shell::step("functions", || functions(project, build));
        (fetch.join(), built)
    });
    let packages = built?;
    let model = fetched.map_err(|_| anyhow!("fetching the tools broke off"))??;

    let running = Emulator::find(folder);
    let emulator = match running {
        Some(emulator) if port.is_none_or(|port| port == emulator.port) => emulator,
        other => {
            if let Some(elsewhere) = other {
                elsewhere.stop();
            }
            let port = port.map_or_else(crate::emulator::free_port, Ok)?;
            shell::step("emulator", || Emulator::start(project, folder, port))?
        }
    };
    let stack = shell::step("stack", || deploy(project, folder, &emulator, build, &packages))?;
    shell::step("model into its bucket", || {
        let to = format!(
            "s3://{}/{}",
            stack.output("ArtifactsBucketName")?,
            stack.output("ModelPrefix")?
        );
        Aws::local(project, &emulator).sync(&model, &tools::model_files(), &to)
    })?;
    Ok(stack)
}

fn functions(project: &Project, build: Build) -> Result<Vec<Package>> {
    let target = package::build(project, build)?;
    package::pack(&target, build, &target.join("inventure").join(build.folder()))
}

/// Brings the stack to what the packages and the template say, and writes down how to reach it.
fn deploy(project: &Project, folder: &Path, emulator: &Emulator, build: Build, packages: &[Package]) -> Result<Stack> {
    let processor = Processor::beside(emulator, folder)?;
    let keys: Value = packages
        .iter()
        .map(|package| (package.function.to_owned(), json!(package.key)))
        .collect();
    let templates = stack::STACKS.iter().map(|stack| stack::template(project, stack));
    let others = ["bootstrap.yaml", "parameters/local.json"].map(|file| project.root.join("infra").join(file));
    let infra: Vec<_> = templates
        .chain(others)
        .map(|path| tools::hash_file(&path))
        .collect::<Result<_>>()?;
    let wanted = json!({ "packages": keys, "infra": infra, "processor": processor.url() });
    let known: Option<Value> = fs::read(folder.join(STACK_FILE))
        .ok()
        .and_then(|text| serde_json::from_slice(&text).ok());
    if let Some(stack) = Stack::find(folder)
        && known.is_some_and(|known| known["deployed"] == wanted)
    {
        return Ok(stack);
    }
    let aws = Aws::local(project, emulator);
    let more = [("ProcessorUrl", processor.url())];
    let (outputs, changed) = stack::deploy(project, &aws, STAGE, packages, &more, &|_, _| Ok(true))?;
    let api = outputs["ApiId"].as_str().context("the stack has no output ApiId")?;
    stack::mend_local(&aws, STAGE, project, api)?;
    let functions: Vec<_> = changed.iter().filter_map(|id| id.strip_suffix("Function")).collect();
    println!("    deployed: {}", functions.join(", "));
    let stack = Stack {
        emulator: emulator.clone(),
        api: format!("{}/_aws/execute-api/{api}/$default", emulator.endpoint()),
        outputs,
        processor: processor.url(),
        folder: folder.to_owned(),
    };
    let binary = build.processor(&project.target()?);
    processor.start(&binary, emulator, folder, &aws, &stack.outputs, &stack.api)?;
    let state = json!({
        "processor": processor.url(),
        "pid": emulator.pid,
        "stage": STAGE,
        "endpoint": emulator.endpoint(),
        "region": LOCAL_REGION,
        "access_key_id": LOCAL_KEY,
        "secret_access_key": LOCAL_KEY,
        "api": stack.api,
        "outputs": stack.outputs,
        "deployed": wanted,
    });
    crate::project::write_private(&folder.join(STACK_FILE), &serde_json::to_vec_pretty(&state)?)?;
    Ok(stack)
}

/// Redeploys what changes, until the user has enough.
fn watch(project: &Project, stack: &Stack) -> Result<()> {
    println!("Watching functions/, shared/ and infra/. Ctrl-C ends the watching, not the stack.");
    let mut seen = newest(project);
    loop {
        thread::sleep(WATCH_PAUSE);
        let now = newest(project);
        if now <= seen {
            continue;
        }
        seen = now;
        let start = Instant::now();
        let result = functions(project, Build::Local)
            .and_then(|packages| deploy(project, &stack.folder, &stack.emulator, Build::Local, &packages));
        match result {
            Ok(_) => println!("  done: {}", shell::seconds(start)),
            // The next save may mend it.
            Err(error) => println!("  {error:#}"),
        }
    }
}

/// Returns the time at which anything that goes into the deployment last changed.
fn newest(project: &Project) -> Option<SystemTime> {
    fn visit(folder: &Path, newest: &mut Option<SystemTime>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                visit(&path, newest);
            } else if let Ok(changed) = entry.metadata().and_then(|data| data.modified()) {
                *newest = (*newest).max(Some(changed));
            }
        }
    }
    let mut newest = None;
    for folder in ["functions", "shared", "infra"] {
        visit(&project.root.join(folder), &mut newest);
    }
    newest
}

/// `cargo xtask down`.
pub fn down(project: &Project) -> Result<()> {
    let emulator = Emulator::find(&project.state);
    if let Some(emulator) = &emulator {
        emulator.stop();
    }
    if project.state.exists() {
        fs::remove_dir_all(&project.state).context("cannot remove .inventure")?;
    }
    println!(
        "{}",
        if emulator.is_some() {
            "Down."
        } else {
            "Nothing was running."
        }
    );
    Ok(())
}
