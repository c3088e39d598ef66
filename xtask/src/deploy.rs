//! `deploy`: to AWS, with the account and region that the developer's profile names.

use std::{
    fs,
    io::{IsTerminal, Write},
};

use anyhow::{Context, Result, bail};
use clap::Args;
use inventure_stack::{
    aws::Aws,
    package::{self, Build},
    project::Project,
    shell, stack,
    tools::{self, Venv},
};
use serde_json::Value;

use crate::template;

/// The region in which web ACLs for `CloudFront` are made.
const WEB_ACL_REGION: &str = "us-east-1";

#[derive(Args)]
pub struct Options {
    /// The stage to deploy, one of infra/parameters/*.json.
    #[arg(long)]
    stage: String,
    /// Give new versions all traffic at once, whatever the alarms say: for a fix while a function fails.
    #[arg(long)]
    at_once: bool,
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
    let region = std::env::var("AWS_REGION").or_else(|_| std::env::var("AWS_DEFAULT_REGION"));
    let elsewhere = region.is_ok_and(|region| region != WEB_ACL_REGION);
    if elsewhere && !parameters.contains_key("WebAclArn") {
        bail!(
            "a web ACL for CloudFront is made in {WEB_ACL_REGION} alone; make it there and name it in WebAclArn of stage {stage}"
        );
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
    let rollout = [("Rollout", "AllAtOnce".to_owned())];
    let more = if options.at_once { rollout.as_slice() } else { &[] };
    let (outputs, changed) = stack::deploy(project, &aws, stage, &packages, more, &|stack, changes| {
        confirm(stack, changes, options.yes)
    })?;
    if changed.is_empty() {
        println!("Nothing changed.");
    }
    // For those who go on with `sam` (samconfig.toml), which knows no loops.
    let folder = project.root.join("infra/expanded");
    fs::create_dir_all(&folder)?;
    for stack in stack::STACKS {
        let expanded = template::expand(project, &stack::template(project, stack))?;
        fs::write(
            folder.join(format!("{stack}.json")),
            serde_json::to_vec_pretty(&expanded)?,
        )?;
    }
    let model = shell::step("model", || tools::model(project))?;
    shell::step("model into its bucket", || {
        aws.sync(
            &model,
            &tools::model_files(),
            &format!(
                "s3://{}/{}",
                plain(&outputs["ArtifactsBucketName"]),
                plain(&outputs["ModelPrefix"])
            ),
        )
    })?;
    let libraries = shell::step("PDF library", || tools::pdf_libraries(project))?;
    shell::step("PDF library into its bucket", || {
        let to = format!("s3://{}/pdfium/", plain(&outputs["ArtifactsBucketName"]));
        libraries
            .iter()
            .try_for_each(|library| aws.sync(&library.folder, &[&library.file], &to))
    })?;
    for (name, value) in outputs.as_object().into_iter().flatten() {
        println!("{name:<24} {}", plain(value));
    }
    Ok(())
}

fn plain(value: &Value) -> &str {
    value.as_str().unwrap_or("?")
}

/// Shows what would change in a stack and asks for leave.
fn confirm(stack: &str, changes: &[Value], yes: bool) -> Result<bool> {
    println!("{stack}");
    for change in changes {
        let change = &change["ResourceChange"];
        // Replacing a table or a bucket would lose what is in it, so it must not drown among the rest.
        let is_version = change["ResourceType"] == "AWS::Lambda::Version";
        let replaced = if change["Replacement"] == "True" && !is_version {
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
    print!("Deploy these {} changes to {stack}? [y/N] ", changes.len());
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
