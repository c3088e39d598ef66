//! `status`: what runs, and what waits.

use std::thread;

use anyhow::Result;
use inventure_stack::{
    aws::Aws,
    emulator,
    local::{STAGE, Stack},
    package::FUNCTIONS,
    project::Project,
    stack,
    tools::Venv,
};
use serde_json::Value;

/// `cargo xtask status`.
pub fn status(project: &Project) -> Result<()> {
    let Some(running) = Stack::find(&project.state) else {
        println!("Nothing runs here. Start with: cargo xtask up");
        return Ok(());
    };
    Venv::Tools.ensure(project)?;
    let emulator = &running.emulator;
    let health = if emulator::is_healthy(emulator.port) {
        "healthy"
    } else {
        "does not answer"
    };
    println!(
        "emulator   {} (process {}), {health}",
        emulator.endpoint(),
        emulator.pid
    );
    let aws = Aws::local(project, emulator);
    for (at, stack) in stack::STACKS.iter().enumerate() {
        let name = stack::name(STAGE, stack);
        let state = stack::status(&aws, &name)?;
        let title = if at == 0 { "stacks" } else { "" };
        println!("{title:<10} {name}, {}", state.as_deref().unwrap_or("gone"));
    }
    println!("API        {}", running.api);
    println!("processor  {} (a stand-in)", running.processor);

    let queues: Vec<_> = running
        .outputs
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, url)| is_queue(url))
        .collect();
    let (functions, depths) = thread::scope(|scope| {
        let functions = scope.spawn(|| aws.call(["lambda", "list-functions"]));
        let depths: Vec<_> = queues.iter().map(|(_, url)| scope.spawn(|| depth(&aws, url))).collect();
        (
            functions.join(),
            depths
                .into_iter()
                .map(|depth| depth.join().ok().and_then(Result::ok))
                .collect::<Vec<_>>(),
        )
    });
    println!("\nfunction          memory  changed");
    if let Ok(functions) = functions {
        let functions = functions?;
        let all = functions["Functions"].as_array().cloned().unwrap_or_default();
        for name in FUNCTIONS {
            let physical = format!("{}-{name}", stack::prefix(STAGE));
            match all.iter().find(|function| function["FunctionName"] == physical) {
                Some(found) => {
                    let changed = found["LastModified"].as_str().unwrap_or_default();
                    println!(
                        "{name:<16} {:>4} MB  {changed}",
                        found["MemorySize"].as_u64().unwrap_or_default()
                    );
                }
                None => println!("{name:<16} missing"),
            }
        }
    }
    println!("\nqueue                  waiting  in work");
    for ((name, _), depth) in queues.iter().zip(depths) {
        let name = name.trim_end_matches("Url");
        let Some((waiting, in_work)) = depth else {
            println!("{name:<22} cannot be read");
            continue;
        };
        // What lies in a dead-letter queue wants somebody.
        let note = if waiting > 0 && !name.ends_with("Queue") {
            "  <- cargo xtask logs, then replay"
        } else {
            ""
        };
        println!("{name:<22} {waiting:>7}  {in_work:>7}{note}");
    }
    Ok(())
}

fn is_queue(url: &Value) -> bool {
    url.as_str()
        .is_some_and(|url| url.starts_with("http") && url.contains("/inventure-"))
}

fn depth(aws: &Aws, url: &Value) -> Result<(u64, u64)> {
    let names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
    let url = url.as_str().unwrap_or_default();
    let answer = aws.call([
        "sqs",
        "get-queue-attributes",
        "--queue-url",
        url,
        "--attribute-names",
        names[0],
        names[1],
    ])?;
    let number = |name: &str| {
        answer["Attributes"][name]
            .as_str()
            .and_then(|text| text.parse().ok())
            .unwrap_or_default()
    };
    Ok((number(names[0]), number(names[1])))
}
