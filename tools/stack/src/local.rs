//! The local stack: the whole platform on this machine.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
};

use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};

use crate::{
    aws::{Aws, LOCAL_KEY, LOCAL_REGION},
    emulator::{Emulator, free_port},
    package::{self, Build, Package},
    processor::Processor,
    project::{Project, write_private},
    shell, stack,
    tools::{self, PdfLibrary, Venv},
};

/// The stage that the local stack plays.
pub const STAGE: &str = "local";
/// The file in which `up` describes the running stack, for the other tasks and for tests.
pub const STACK_FILE: &str = "stack.json";

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
    #[must_use]
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
        let fetch = scope.spawn(|| -> Result<(PathBuf, PdfLibrary)> {
            shell::step("tools", || {
                Venv::Emulator.ensure(project)?;
                Venv::Tools.ensure(project)
            })?;
            let model = shell::step("model", || tools::model(project))?;
            Ok((model, shell::step("PDF library", || tools::pdf_library(project))?))
        });
        let built = shell::step("functions", || functions(project, build));
        (fetch.join(), built)
    });
    let packages = built?;
    let (model, pdf) = fetched.map_err(|_| anyhow!("fetching the tools broke off"))??;

    let running = Emulator::find(folder);
    let emulator = match running {
        Some(emulator) if port.is_none_or(|port| port == emulator.port) => emulator,
        other => {
            if let Some(elsewhere) = other {
                elsewhere.stop();
            }
            let port = port.map_or_else(free_port, Ok)?;
            shell::step("emulator", || Emulator::start(project, folder, port))?
        }
    };
    let stack = shell::step("stack", || deploy(project, folder, &emulator, build, &packages))?;
    shell::step("model and PDF library into their bucket", || {
        let (aws, bucket) = (Aws::local(project, &emulator), stack.output("ArtifactsBucketName")?);
        let to = format!("s3://{bucket}/{}", stack.output("ModelPrefix")?);
        aws.sync(&model, &tools::model_files(), &to)?;
        aws.sync(&pdf.folder, &[&pdf.file], &format!("s3://{bucket}/pdfium/"))
    })?;
    Ok(stack)
}

/// Builds the functions again, and brings a running stack to what they and the templates say.
pub fn redeploy(project: &Project, stack: &Stack, build: Build) -> Result<Stack> {
    let packages = functions(project, build)?;
    deploy(project, &stack.folder, &stack.emulator, build, &packages)
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
    write_private(&folder.join(STACK_FILE), &serde_json::to_vec_pretty(&state)?)?;
    Ok(stack)
}
