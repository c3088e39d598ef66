//! The rights of the functions on the tables, as the templates give them. An action that a role may not do fails in memory as
//! well.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use async_trait::async_trait;
use inventure_table::{
    Condition, Key, StoreError, Table, Write,
    table::{Item, Outcome, Query},
};
use saphyr::{LoadableYamlNode as _, Yaml};

/// The variable that names a file in which everything that functions do to tables is noted, a line each. Nothing is refused then.
const RECORD: &str = "INVENTURE_RECORD_RIGHTS";

/// An action of a role on a part of a table, such as `dynamodb:PutItem` on `MainTable`.
type Deed = (&'static str, &'static str);

/// The rights of functions on tables. Of each function: an action and a part of a table (`MainTable`, or `MainTable/index` for its index), and
/// the patterns of the partition keys that it may do this to.
pub type Rights = BTreeMap<String, BTreeMap<(String, String), BTreeSet<String>>>;

/// The rights that the templates give.
pub static RIGHTS: LazyLock<Rights> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../infra");
    let mut rights = BTreeMap::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().extension().is_some_and(|kind| kind == "yaml") {
            let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
            for template in Yaml::load_from_str(&text).unwrap_or_default() {
                read(&template, &mut rights);
            }
        }
    }
    rights
});

/// The value behind a tag (`!Ref`, `!GetAtt`, `!Sub`), or the value itself.
fn plain<'a, 'b>(value: &'a Yaml<'b>) -> &'a Yaml<'b> {
    value.get_tagged_node().unwrap_or(value)
}

/// A text, or the texts of a list. The text of an import is the name that it imports.
fn texts(value: Option<&Yaml<'_>>) -> Vec<String> {
    let text = |value: &Yaml<'_>| {
        let value = plain(value).as_mapping_get("Fn::ImportValue").unwrap_or(value);
        plain(value).as_str().map(str::to_owned)
    };
    match value.map(plain) {
        Some(Yaml::Sequence(list)) => list.iter().filter_map(text).collect(),
        Some(one) => text(one).into_iter().collect(),
        None => Vec::new(),
    }
}

/// Takes the rights on tables out of a template's policies.
fn read(template: &Yaml<'_>, rights: &mut Rights) {
    let resources = template.as_mapping_get("Resources").and_then(Yaml::as_mapping);
    for (id, resource) in resources.into_iter().flatten() {
        let (Some(id), Some("AWS::IAM::Policy")) =
            (id.as_str(), resource.as_mapping_get("Type").and_then(Yaml::as_str))
        else {
            continue;
        };
        let statements = resource
            .as_mapping_get("Properties")
            .and_then(|properties| properties.as_mapping_get("PolicyDocument"))
            .and_then(|document| document.as_mapping_get("Statement"));
        let own = rights.entry(function_of(id)).or_default();
        for statement in statements.and_then(Yaml::as_vec).into_iter().flatten() {
            let keys = statement
                .as_mapping_get("Condition")
                .and_then(|condition| condition.as_mapping_get("ForAllValues:StringLike"))
                .and_then(|condition| condition.as_mapping_get("dynamodb:LeadingKeys"));
            let keys = keys.map_or_else(|| vec!["*".to_owned()], |keys| texts(Some(keys)));
            for resource in texts(statement.as_mapping_get("Resource")) {
                for action in texts(statement.as_mapping_get("Action")) {
                    own.entry((action, part_of(&resource)))
                        .or_default()
                        .extend(keys.clone());
                }
            }
        }
    }
}

/// The function whose policy this is: `ResumeParserPolicy` is `resume-parser`'s.
fn function_of(policy: &str) -> String {
    let mut name = String::new();
    for letter in policy.strip_suffix("Policy").unwrap_or(policy).chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

/// The part of a table that a resource is: `MainTable`, or `MainTable/index` for its index.
fn part_of(resource: &str) -> String {
    let imported = resource.strip_prefix("inventure-${Stage}-").unwrap_or(resource);
    if let Some(table) = imported.strip_suffix("IndexArn") {
        return format!("{table}/index");
    }
    imported
        .strip_suffix("Arn")
        .unwrap_or(imported)
        .trim_end_matches('.')
        .to_owned()
}

/// A table as one function's role sees it.
pub struct Guarded {
    table: Arc<dyn Table>,
    function: &'static str,
    parts: Parts,
}

/// The names of a table's parts in the templates.
#[derive(Clone, Copy)]
pub struct Parts {
    table: &'static str,
    index: &'static str,
    /// The table of the partitions that only grow, and their prefix.
    growing: Option<(&'static str, &'static str)>,
}

/// The main table, and the ledger's beside it.
pub const MAIN: Parts = Parts {
    table: "MainTable",
    index: "MainTable/index",
    growing: Some((inventure_books::LEDGER_PREFIX, "LedgerTable")),
};

/// The table of connections.
pub const CONNECTIONS: Parts = Parts {
    table: "ConnectionsTable",
    index: "ConnectionsTable/index",
    growing: None,
};

/// Whether a pattern of a policy has this key: a text, with `*` at its end for whatever follows.
fn has(pattern: &str, key: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => key.starts_with(prefix),
        None => key == pattern,
    }
}

/// Whether the templates let a function do this to a partition.
#[must_use]
pub fn allows(function: &str, (action, part): Deed, partition: &str) -> bool {
    let own = RIGHTS.get(function);
    let patterns = own.and_then(|own| own.get(&(action.to_owned(), part.to_owned())));
    patterns.is_some_and(|patterns| patterns.iter().any(|pattern| has(pattern, partition)))
}

/// Notes a line once.
fn record(file: &str, line: &str) {
    static SEEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    if SEEN
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(line.to_owned())
    {
        let opened = std::fs::OpenOptions::new().append(true).create(true).open(file);
        // In one write, or those of two threads run into one line.
        let _ = opened.and_then(|mut opened| opened.write_all(format!("{line}\n").as_bytes()));
    }
}

impl Guarded {
    /// A table as the role of this function sees it.
    #[must_use]
    pub fn new(table: Arc<dyn Table>, function: &'static str, parts: Parts) -> Self {
        Self { table, function, parts }
    }

    fn ask(&self, action: &'static str, index: bool, partition: &str) {
        let part = match self.parts.growing {
            Some((prefix, table)) if partition.starts_with(prefix) => table,
            _ if index => self.parts.index,
            _ => self.parts.table,
        };
        #[expect(
            clippy::disallowed_methods,
            reason = "whoever puts a policy together asks for what it has to allow"
        )]
        if let Ok(file) = std::env::var(RECORD) {
            let prefix = partition.find('#').map_or(partition, |at| &partition[..=at]);
            record(&file, &format!("{} {action} {part} {prefix}", self.function));
            return;
        }
        assert!(
            allows(self.function, (action, part), partition),
            "{} may not {action} {partition} in {part}",
            self.function
        );
    }
}

impl Guarded {
    /// Asks whether the function may say an event, as the relay does.
    fn ask_to_say(&self, event: &str) {
        let event: serde_json::Value = serde_json::from_str(event).unwrap_or_default();
        let kind = event["type"].as_str().unwrap_or_default();
        #[expect(
            clippy::disallowed_methods,
            reason = "whoever writes down the writers of an event asks for those there are"
        )]
        if let Ok(file) = std::env::var(RECORD) {
            return record(&file, &format!("{kind} by {}", self.function));
        }
        assert!(
            inventure_events::writers_of(kind).contains(&self.function),
            "{} may not say {kind}",
            self.function
        );
    }
}

#[async_trait]
impl Table for Guarded {
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        self.ask("dynamodb:GetItem", false, &key.pk);
        self.table.get(key).await
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, StoreError> {
        for key in keys {
            self.ask("dynamodb:BatchGetItem", false, &key.pk);
        }
        self.table.get_many(keys).await
    }

    async fn query(&self, query: &Query) -> Result<Vec<Item>, StoreError> {
        self.ask("dynamodb:Query", query.index, &query.pk);
        self.table.query(query).await
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<Outcome, StoreError> {
        for write in &writes {
            let action = match write {
                Write::Put(..) => "dynamodb:PutItem",
                Write::Delete(..) => "dynamodb:DeleteItem",
                Write::Check(_, Condition::None) => continue,
                Write::Check(..) => "dynamodb:ConditionCheckItem",
            };
            self.ask(action, false, write.partition());
            if let Write::Put(item, _) = write
                && let Ok(event) = inventure_table::change::outbox_item(item.clone())
            {
                self.ask_to_say(&event.event);
            }
        }
        self.table.transact(writes).await
    }

    async fn count(&self, key: &Key, names: &[&str], expires_at: i64) -> Result<Vec<u64>, StoreError> {
        self.ask("dynamodb:UpdateItem", false, &key.pk);
        self.table.count(key, names, expires_at).await
    }
}
