//! `deploy`: to AWS, with the account and region that the developer's profile names.

use std::{
    fs,
    io::{IsTerminal, Write},
};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::Value;

use crate::{
    aws::Aws,
    package::{self, Build},
    project::Project,
    shell, stack, template,
    tools::{self, Venv},
};

#[derive(Args)]
pub struct Options {
    /// The stage to deploy, one of infra/parameters/*.json.
    #[arg(long)]
    stage: String,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
}

/// `cargo xtask deploy`.
pub fn deploy(project: &Project, options: &Options) -> Result<()> {
    let stage = options.stage.as_str();
    let parameters = stack::parameters(project, stage)?;
    if parameters.get("Emulated").is_some_and(|emulated| emulated == "true") {
        bail!("stage {stage} is the local stack's; it is brought up with cargo xtask up");
    }
    tools::check_machine(project)?;
    shell::step("tools", || {
        Venv::Tools.ensure(project)?;
        Venv::Build.ensure(project)
    })?;
    let aws = Aws::account(project);
    let who = aws
        .call(["sts", "get-caller-identity"])
        .context("AWS does not know you; set a profile or credentials")?;
    println!(
        "account  {}\nas       {}\nstage    {stage}",
        plain(&who["Account"]),
        plain(&who["Arn"])
    );
    let packages = shell::step("functions", || {
        let target = package::build(project, Build::Aws)?;
        package::pack(&target, Build::Aws, &target.join("inventure").join(Build::Aws.folder()))
    })?;
    let (outputs, changed) = stack::deploy(project, &aws, stage, &packages, &[], &|changes| {
        confirm(changes, options.yes)
    })?;
    if changed.is_empty() {
        println!("Nothing changed.");
    }
    // For those who go on with `sam` (samconfig.toml), which knows no loops.
    let infra = project.root.join("infra");
    let expanded = template::expand(project, &infra.join("template.yaml"))?;
    fs::write(infra.join("expanded.json"), serde_json::to_vec_pretty(&expanded)?)?;
    let model = shell::step("model", || tools::model(project))?;
    shell::step("model into its bucket", || {
        aws.sync(
            &model,
            &tools::model_files(),
            &format!(
                "s3://{}/{}",
                plain(&outputs["ArtifactsBucket"]),
                plain(&outputs["ModelPrefix"])
            ),
        )
    })?;
    for (name, value) in outputs.as_object().into_iter().flatten() {
        println!("{name:<24} {}", plain(value));
    }
    Ok(())
}

fn plain(value: &Value) -> &str {
    value.as_str().unwrap_or("?")
}

/// Shows what would change and asks for leave.
fn confirm(changes: &[Value], yes: bool) -> Result<bool> {
    for change in changes {
        let change = &change["ResourceChange"];
        // Replacing a table or a bucket would lose what is in it, so it must not drown among the rest.
        let replaced = if change["Replacement"] == "True" {
            "   REPLACED"
        } else {
            ""
        };
        let (action, kind) = (plain(&change["Action"]), plain(&change["ResourceType"]));
        println!(
            "  {action:<8} {:<32} {kind}{replaced}",
            plain(&change["LogicalResourceId"])
        );
    }
    if yes {
        return Ok(true);
    }
    if !std::io::stdin().is_terminal() {
        bail!("nobody is here to ask; deploy with --yes");
    }
    print!("Deploy these {} changes? [y/N] ", changes.len());
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
