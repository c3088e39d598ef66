//! `restored`: what is to be done about rooms after the main table was set back to an older copy. Offsets that were given out since are
//! given out again, to other entries, and key packages that were used up lie there as new.

use std::fs;

use anyhow::{Context, Result, ensure};
use clap::Args;
use inventure_stack::{aws::Aws, local::STAGE, project::Project, stack};
use serde_json::{Value, json};

use crate::stage;

/// The most writes of a transaction.
const AT_ONCE: usize = 100;

#[derive(Args)]
pub struct Options {
    /// Only these rooms, and no key packages.
    #[arg(long = "room")]
    rooms: Vec<String>,
    /// The stage on AWS, in place of the local stack.
    #[arg(long)]
    stage: Option<String>,
}

/// `cargo xtask restored`. Safe to repeat.
pub fn restored(project: &Project, options: &Options) -> Result<()> {
    let aws = stage::aws(project, options.stage.as_deref())?;
    let outputs = stack::outputs(&aws, options.stage.as_deref().unwrap_or(STAGE))?;
    let table = outputs["MainTableName"]
        .as_str()
        .context("the stack has no output MainTableName")?;
    let (rooms, packages) = if options.rooms.is_empty() {
        (keys(&aws, table, "room")?, keys(&aws, table, "mls_key_package")?)
    } else {
        let key = |room: &String| json!({ "pk": { "S": format!("ROOM#{room}") }, "sk": { "S": "ROOM" } });
        (options.rooms.iter().map(key).collect(), Vec::new())
    };
    let mut writes = Vec::new();
    for key in &rooms {
        // Rooms that are gone by now stay gone.
        writes.push(json!({ "Update": {
            "TableName": table, "Key": key, "ConditionExpression": "attribute_exists(pk)",
            "UpdateExpression": "SET #epoch = :epoch ADD #version :one",
            "ExpressionAttributeNames": { "#epoch": "epoch", "#version": "version" },
            "ExpressionAttributeValues": { ":epoch": { "S": uuid()? }, ":one": { "N": "1" } },
        }}));
    }
    for key in &packages {
        writes.push(json!({ "Delete": { "TableName": table, "Key": key } }));
    }
    for writes in writes.chunks(AT_ONCE) {
        let items = serde_json::to_string(writes)?;
        let _ = aws.call(["dynamodb", "transact-write-items", "--transact-items", &items])?;
    }
    println!(
        "{} rooms have a new epoch: clients take what they have of them for void, and what is there for new.",
        rooms.len()
    );
    println!(
        "{} key packages are gone: devices bring new ones by themselves.",
        packages.len()
    );
    Ok(())
}

/// The keys of every item of a kind. Reads the whole table.
fn keys(aws: &Aws, table: &str, entity: &str) -> Result<Vec<Value>> {
    let values = json!({ ":entity": { "S": entity } }).to_string();
    let found = aws.call([
        "dynamodb",
        "scan",
        "--consistent-read",
        "--table-name",
        table,
        "--filter-expression",
        "entity = :entity",
        "--expression-attribute-values",
        &values,
        "--projection-expression",
        "pk, sk",
    ])?;
    let items = found["Items"].as_array().context("the scan has no items")?;
    Ok(items.clone())
}

/// A random id, as the kernel makes them.
fn uuid() -> Result<String> {
    let id = fs::read_to_string("/proc/sys/kernel/random/uuid")?;
    ensure!(id.trim().len() == 36, "no random id");
    Ok(id.trim().to_owned())
}
