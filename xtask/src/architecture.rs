//! The invariants of docs/ARCHITECTURE.md that cargo can tell: who depends on whom, and on what terms.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use anyhow::{Context, Result, bail};
use inventure_stack::{
    package::{BESIDE, FUNCTIONS},
    project::Project,
    shell,
};
use serde_json::Value;

/// The rooms that rules live in: they reach neither AWS nor a network nor an executor.
const RULES: [&str; 10] = [
    "inventure-core",
    "inventure-sandbox",
    "inventure-events",
    "inventure-resume",
    "inventure-embedding",
    "inventure-ledger",
    "inventure-deals",
    "inventure-ranking",
    "inventure-realtime",
    "inventure-e2ee",
];
/// The most lines of a function's `main.rs`, which wires and decides nothing.
const MAIN_LINES_MAX: usize = 40;
/// The end-to-end tests: no room, and known to nobody.
const TESTS: &str = "inventure-tests";
/// Fixtures for tests, which know everybody.
const TESTING: &str = "inventure-testing";

/// The packages that each package may know, as docs/ARCHITECTURE.md says. `None` is everybody but functions.
type Rooms = BTreeMap<String, Option<BTreeSet<String>>>;

/// Reads the table of rooms: `| crate | package | knows | … |`.
fn rooms(text: &str) -> Rooms {
    let mut rooms = Rooms::new();
    for line in text.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        let [_, folder, package, knows, ..] = cells[..] else {
            continue;
        };
        // A domain's functions have one row, under their folder.
        let package = folder.strip_suffix("/*").unwrap_or(package);
        let names = knows
            .split(',')
            .map(|name| format!("inventure-{}", name.trim().trim_matches('`')));
        let may = match knows {
            "nobody" => Some(BTreeSet::new()),
            "all" => None,
            _ => Some(names.collect()),
        };
        rooms.insert(package.to_owned(), may);
    }
    rooms
}

/// The members of the workspace, and the members that each depends on.
struct Graph {
    /// Every member with the members it depends on, apart from development.
    members: BTreeMap<String, BTreeSet<String>>,
    /// Every member with everything that is linked into it.
    reach: BTreeMap<String, BTreeSet<String>>,
    /// The folder of each member that is a function.
    functions: BTreeMap<String, String>,
}

/// Checks the arrows between our crates.
pub fn check_arrows(project: &Project) -> Result<()> {
    let page = project.root.join("docs/ARCHITECTURE.md");
    let rooms = rooms(&fs::read_to_string(&page).with_context(|| format!("cannot read {}", page.display()))?);
    if rooms.is_empty() {
        bail!("docs/ARCHITECTURE.md has no table of rooms");
    }
    let faults = arrow_faults(&graph(&project.metadata(true)?)?, &rooms);
    if !faults.is_empty() {
        bail!("the architecture is broken:\n  {}", faults.join("\n  "));
    }
    check_mains(project)?;
    check_features(project)
}

/// Checks that the functions' `main.rs` only wire. A test in one would never run, since their binaries are built without.
fn check_mains(project: &Project) -> Result<()> {
    let graph = graph(&project.metadata(true)?)?;
    for (name, domain) in &graph.functions {
        let main = project.root.join(format!("{domain}/{name}/src/main.rs"));
        let text = fs::read_to_string(&main).with_context(|| format!("cannot read {}", main.display()))?;
        if text.lines().count() > MAIN_LINES_MAX || text.contains("#[test]") || text.contains("cfg(test)") {
            bail!("{name}: its main.rs wires in at most {MAIN_LINES_MAX} lines, and has no tests");
        }
    }
    Ok(())
}

/// Checks that the builds of `up` and of the tests ask for the same features of every crate. Where one asks for fewer, cargo compiles the crate and all that
/// depend on it once more, the clients of AWS among them.
fn check_features(project: &Project) -> Result<()> {
    let crates = |packages: &[&str], edges: &str| -> Result<BTreeSet<String>> {
        let mut cargo = project.cargo();
        cargo.args(["tree", "--prefix", "none", "--format", "{p} {f}", "--edges", edges]);
        let listed = shell::output(cargo.args(packages))?;
        Ok(listed
            .lines()
            .map(|line| line.trim_end_matches(" (*)").to_owned())
            .collect())
    };
    let all = crates(&["--workspace"], "normal,build,dev")?;
    let functions: Vec<&str> = FUNCTIONS
        .into_iter()
        .chain(BESIDE)
        .flat_map(|name| ["--package", name])
        .collect();
    for (what, some) in [
        ("the functions", crates(&functions, "normal,build")?),
        (
            "the end-to-end tests",
            crates(&["--package", TESTS], "normal,build,dev")?,
        ),
    ] {
        let other: Vec<_> = some.difference(&all).map(String::as_str).collect();
        if !other.is_empty() {
            bail!(
                "{what} would compile these again, with fewer features than the tests ask for; name the rest in {TESTING}:\n  {}",
                other.join("\n  ")
            );
        }
    }
    Ok(())
}

fn graph(metadata: &Value) -> Result<Graph> {
    let packages = metadata["packages"]
        .as_array()
        .context("cargo metadata names no packages")?;
    let of_id: BTreeMap<&str, &Value> = packages
        .iter()
        .filter_map(|package| Some((package["id"].as_str()?, package)))
        .collect();
    let name = |id: &str| {
        of_id
            .get(id)
            .and_then(|package| package["name"].as_str())
            .unwrap_or(id)
            .to_owned()
    };
    let mut links: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for node in metadata["resolve"]["nodes"]
        .as_array()
        .context("cargo metadata resolves nothing")?
    {
        let normal = |dep: &&Value| {
            dep["dep_kinds"]
                .as_array()
                .into_iter()
                .flatten()
                // What a dependency needs in a browser alone runs nowhere here.
                .any(|kind| kind["kind"].is_null() && !kind["target"].as_str().unwrap_or_default().contains("wasm32"))
        };
        let deps = node["deps"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(normal)
            .filter_map(|dep| dep["pkg"].as_str());
        links.insert(node["id"].as_str().unwrap_or_default(), deps.collect());
    }
    let members: Vec<&str> = metadata["workspace_members"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let mut graph = Graph {
        members: BTreeMap::new(),
        reach: BTreeMap::new(),
        functions: BTreeMap::new(),
    };
    for member in &members {
        let (mut seen, mut open) = (BTreeSet::new(), vec![*member]);
        while let Some(id) = open.pop() {
            for dep in links.get(id).into_iter().flatten() {
                if seen.insert(*dep) {
                    open.push(dep);
                }
            }
        }
        let direct = links
            .get(member)
            .into_iter()
            .flatten()
            .filter(|dep| members.contains(dep))
            .map(|dep| name(dep));
        graph.members.insert(name(member), direct.collect());
        graph.reach.insert(name(member), seen.into_iter().map(name).collect());
        let manifest = of_id
            .get(member)
            .and_then(|package| package["manifest_path"].as_str())
            .unwrap_or_default();
        let manifest = manifest.replace('\\', "/");
        if let Some((_, inside)) = manifest.rsplit_once("/functions/") {
            let domain = inside.split('/').next().unwrap_or_default();
            graph.functions.insert(name(member), format!("functions/{domain}"));
        }
    }
    Ok(graph)
}

fn arrow_faults(graph: &Graph, rooms: &Rooms) -> Vec<String> {
    let mut faults = Vec::new();
    for (member, knows) in &graph.members {
        let functions = knows.iter().filter(|other| graph.functions.contains_key(*other));
        if member != TESTS && member != TESTING {
            faults.extend(functions.map(|other| format!("{member} must not know the function {other}")));
        }
        if member == TESTS {
            continue;
        }
        let room = graph.functions.get(member).unwrap_or(member);
        match rooms.get(room) {
            None => faults.push(format!("{room} is no room of docs/ARCHITECTURE.md")),
            Some(None) => {}
            Some(Some(may)) => {
                let forbidden = knows
                    .iter()
                    .filter(|other| !may.contains(*other) && !graph.functions.contains_key(*other));
                faults.extend(forbidden.map(|other| format!("{member} must not know {other}")));
            }
        }
    }
    for rules in RULES {
        let worldly = |name: &&String| {
            name.starts_with("aws-")
                || name.starts_with("lambda_")
                || matches!(name.as_str(), "tokio" | "reqwest" | "hyper")
        };
        faults.extend(
            graph
                .reach
                .get(rules)
                .into_iter()
                .flatten()
                .filter(worldly)
                .map(|name| format!("{rules} holds rules and must not reach {name}")),
        );
    }
    faults.extend(
        FUNCTIONS
            .iter()
            .filter(|name| !graph.functions.contains_key(**name))
            .map(|name| format!("the function {name} has no crate in functions/")),
    );
    faults.extend(
        graph
            .functions
            .keys()
            .filter(|name| !FUNCTIONS.contains(&name.as_str()))
            .map(|name| format!("{name} is never deployed; name it in tools/stack/src/package.rs")),
    );
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_arrows(members: &[(&str, &[&str])], extra: &[&str], reach: &[(&str, &[&str])], expected: &[&str]) {
        let page = "\
| crate | package | knows | what |
|---|---|---|---|
| `shared/platform/core` | `inventure-core` | nobody | x |
| `shared/recruiting/ranking` | `inventure-ranking` | core, resume | x |
| `shared/platform/testing` | `inventure-testing` | all | x |
| `functions/recruiting/*` | `<name>` | core, ranking | x |
";
        let sets = |pairs: &[(&str, &[&str])]| {
            pairs
                .iter()
                .map(|(name, all)| {
                    (
                        (*name).to_owned(),
                        all.iter().map(|other| (*other).to_owned()).collect(),
                    )
                })
                .collect()
        };
        let functions = FUNCTIONS.iter().chain(extra);
        let functions = functions.map(|name| ((*name).to_owned(), "functions/recruiting".to_owned()));
        let graph = Graph {
            members: sets(members),
            reach: sets(reach),
            functions: functions.collect(),
        };
        assert_eq!(arrow_faults(&graph, &rooms(page)), expected);
    }

    #[test]
    fn arrows_go_downward() {
        check_arrows(&[("inventure-ranking", &["inventure-core"])], &[], &[], &[]);
        check_arrows(&[("inventure-testing", &["inventure-core", "jobs"])], &[], &[], &[]);
        check_arrows(
            &[("inventure-core", &["inventure-ranking"])],
            &[],
            &[],
            &["inventure-core must not know inventure-ranking"],
        );
        check_arrows(
            &[("inventure-ranking", &["jobs"])],
            &[],
            &[],
            &["inventure-ranking must not know the function jobs"],
        );
        check_arrows(
            &[("jobs", &["ranking-api"])],
            &[],
            &[],
            &["jobs must not know the function ranking-api"],
        );
        check_arrows(
            &[("inventure-attic", &[])],
            &[],
            &[],
            &["inventure-attic is no room of docs/ARCHITECTURE.md"],
        );
        check_arrows(
            &[("jobs", &["inventure-ledger"])],
            &[],
            &[],
            &["jobs must not know inventure-ledger"],
        );
        check_arrows(
            &[],
            &["mailer"],
            &[],
            &["mailer is never deployed; name it in tools/stack/src/package.rs"],
        );
    }

    #[test]
    fn rules_do_not_reach_the_world() {
        let reach: &[(&str, &[&str])] = &[("inventure-resume", &["regex", "aws-sdk-s3"])];
        check_arrows(
            &[],
            &[],
            reach,
            &["inventure-resume holds rules and must not reach aws-sdk-s3"],
        );
    }
}
