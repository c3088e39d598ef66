//! The ports on AWS: DynamoDB and S3.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use crate::{
    FormSigner, LinkSigner,
    files::Files,
    objects::Objects,
    secrets::Secrets,
    table::{Condition, Item, Key, Outcome, Query, StoreError, Table, Write, bytes_of, write_once},
    usage::{count_aws_call, count_units},
};
use async_trait::async_trait;
use aws_config::{BehaviorVersion, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_dynamodb::{
    error::SdkError,
    operation::{delete_item::DeleteItemError, put_item::PutItemError, transact_write_items::TransactWriteItemsError},
    types::{AttributeValue, ConditionCheck, Delete, KeysAndAttributes, Put, ReturnValue, TransactWriteItem},
};

/// Most requests in a row that read nothing of a batch, and most repeats of a transaction that met another.
const MAX_ROUNDS: u32 = 5;

/// The configuration of every client: region, credentials and endpoint from the environment, bounded time and retries. A
/// function that waits longer than its caller does helps nobody.
pub async fn sdk_config() -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_attempt_timeout(Duration::from_secs(5))
        .operation_timeout(Duration::from_secs(8))
        .build();
    aws_config::defaults(BehaviorVersion::latest())
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .load()
        .await
}

/// A secret in Secrets Manager, read once and kept while the function is warm.
pub struct Secret {
    client: aws_sdk_secretsmanager::Client,
    id: String,
    known: tokio::sync::OnceCell<String>,
}

impl Secret {
    /// The secret of this name or ARN.
    #[must_use]
    pub fn new(config: &SdkConfig, id: String) -> Self {
        Self {
            client: aws_sdk_secretsmanager::Client::new(config),
            id,
            known: tokio::sync::OnceCell::new(),
        }
    }
}

#[async_trait]
impl Secrets for Secret {
    async fn read(&self) -> Result<String, StoreError> {
        let read = || async {
            count_aws_call();
            let found = self.client.get_secret_value().secret_id(&self.id).send().await;
            let found = found.map_err(|error| StoreError::Unavailable(error.into()))?;
            let text = found.secret_string.filter(|text| !text.is_empty());
            text.ok_or_else(|| StoreError::Corrupt("the secret is empty".into()))
        };
        Ok(self.known.get_or_try_init(read).await?.clone())
    }
}

/// A table in DynamoDB. Partitions that only grow, if there are any, lie in a second table beside it; to its users both are
/// one table.
#[derive(Debug, Clone)]
pub struct DynamoTable {
    client: aws_sdk_dynamodb::Client,
    name: String,
    growing: Option<(&'static str, String)>,
}

impl DynamoTable {
    /// The table of this name.
    #[must_use]
    pub fn new(config: &SdkConfig, name: String) -> Self {
        Self {
            client: aws_sdk_dynamodb::Client::new(config),
            name,
            growing: None,
        }
    }

    /// Keeps the partitions with this prefix in another table, in which items are added and never changed.
    #[must_use]
    pub fn with_growing(self, prefix: &'static str, table: String) -> Self {
        Self {
            growing: Some((prefix, table)),
            ..self
        }
    }

    /// The table that a partition lies in, and whether it only grows.
    fn table_of(&self, partition: &str) -> (&str, bool) {
        match &self.growing {
            Some((prefix, table)) if partition.starts_with(prefix) => (table, true),
            _ => (&self.name, false),
        }
    }

    /// The table that a write goes to. A partition that only grows is added to and nothing else.
    fn table_for(&self, write: &Write) -> Result<&str, StoreError> {
        let (table, grows) = self.table_of(write.partition());
        if grows && !write.adds() {
            return Err(write_once());
        }
        Ok(table)
    }

    /// One write without a condition.
    async fn write_alone(&self, write: Write) -> Result<(), StoreError> {
        let table = self.table_for(&write)?;
        let mut round = 0;
        loop {
            count_aws_call();
            let sent = match &write {
                Write::Put(item, _) => {
                    count_units(0, units(std::slice::from_ref(item), WRITE_UNIT_BYTES));
                    let request = self.client.put_item().table_name(table);
                    let sent = request.set_item(Some(item.clone())).send().await;
                    sent.map(|_| ()).map_err(|error| {
                        let met = error
                            .as_service_error()
                            .is_some_and(PutItemError::is_transaction_conflict_exception);
                        (met, unavailable(error))
                    })
                }
                Write::Delete(key, _) => {
                    count_units(0, 1);
                    let request = self.client.delete_item().table_name(table);
                    let sent = request.set_key(Some(key_item(key))).send().await;
                    sent.map(|_| ()).map_err(|error| {
                        let met = error
                            .as_service_error()
                            .is_some_and(DeleteItemError::is_transaction_conflict_exception);
                        (met, unavailable(error))
                    })
                }
                // Nothing to write, and no condition.
                Write::Check(..) => return Ok(()),
            };
            let Err((met_another, error)) = sent else { return Ok(()) };
            round += 1;
            if round == MAX_ROUNDS || !met_another {
                return Err(error);
            }
            tokio::time::sleep(Duration::from_millis(10 << round)).await;
        }
    }

    fn write(&self, write: Write) -> Result<TransactWriteItem, StoreError> {
        let invalid = |error| StoreError::Corrupt(Box::new(error));
        let item = TransactWriteItem::builder();
        let table = self.table_for(&write)?;
        Ok(match write {
            Write::Put(row, condition) => {
                let put = Put::builder().table_name(table).set_item(Some(row));
                let (expression, names, values) = expression(&condition);
                let put = put
                    .set_condition_expression(expression)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values);
                item.put(put.build().map_err(invalid)?).build()
            }
            Write::Delete(key, condition) => {
                let (expression, names, values) = expression(&condition);
                let delete = Delete::builder()
                    .table_name(table)
                    .set_key(Some(key_item(&key)))
                    .set_condition_expression(expression)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values);
                item.delete(delete.build().map_err(invalid)?).build()
            }
            Write::Check(key, condition) => {
                let (expression, names, values) = expression(&condition);
                let check = ConditionCheck::builder()
                    .table_name(table)
                    .set_key(Some(key_item(&key)))
                    .set_condition_expression(expression)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values);
                item.condition_check(check.build().map_err(invalid)?).build()
            }
        })
    }
}

type Expression = (
    Option<String>,
    Option<std::collections::HashMap<String, String>>,
    Option<std::collections::HashMap<String, AttributeValue>>,
);

fn expression(condition: &Condition) -> Expression {
    let name = |name: &str| Some([("#a".to_owned(), name.to_owned())].into());
    let value = |value: u64| Some([(":v".to_owned(), AttributeValue::N(value.to_string()))].into());
    match condition {
        Condition::None => (None, None, None),
        Condition::Absent => (Some("attribute_not_exists(#a)".into()), name("pk"), None),
        Condition::Version(version) => (Some("#a = :v".into()), name("version"), value(*version)),
        Condition::Below(attribute, bound) => (
            Some("attribute_not_exists(#a) OR #a < :v".into()),
            name(attribute),
            value(*bound),
        ),
    }
}

fn key_item(key: &Key) -> Item {
    [
        ("pk".to_owned(), AttributeValue::S(key.pk.clone())),
        ("sk".to_owned(), AttributeValue::S(key.sk.clone())),
    ]
    .into()
}

/// The bytes that a read unit of a table covers, consistently read.
const READ_UNIT_BYTES: usize = 4096;
/// The bytes that a write unit of a table covers.
const WRITE_UNIT_BYTES: usize = 1024;

/// The units that items cost together; one where there is nothing.
fn units(items: &[Item], unit_bytes: usize) -> u64 {
    let all: usize = items.iter().map(bytes_of).sum();
    all.div_ceil(unit_bytes).max(1) as u64
}

fn unavailable<E: std::error::Error + Send + Sync + 'static>(error: E) -> StoreError {
    StoreError::Unavailable(Box::new(error))
}

#[async_trait]
impl Table for DynamoTable {
    async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        count_aws_call();
        let request = self
            .client
            .get_item()
            .table_name(self.table_of(&key.pk).0)
            .set_key(Some(key_item(key)))
            .consistent_read(true);
        let item = request.send().await.map_err(unavailable)?.item;
        count_units(units(item.as_slice(), READ_UNIT_BYTES), 0);
        Ok(item)
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, StoreError> {
        let mut found: std::collections::HashMap<Key, Item> = std::collections::HashMap::new();
        // What is read together lies in one table.
        let table = self.table_of(keys.first().map_or("", |key| &key.pk)).0;
        let mut wanted: Vec<Item> = keys.iter().map(key_item).collect();
        // An answer holds 16 MB at most, and 1 MB of one partition: a batch of large items takes dozens of requests. So only those count
        // that read nothing.
        let mut idle = 0;
        while !wanted.is_empty() {
            count_aws_call();
            let asked = wanted.len();
            let request = KeysAndAttributes::builder()
                .set_keys(Some(wanted))
                .consistent_read(true)
                .build();
            let request = self
                .client
                .batch_get_item()
                .request_items(table, request.map_err(unavailable)?);
            let reply = request.send().await.map_err(unavailable)?;
            let items = reply.responses.unwrap_or_default().remove(table).unwrap_or_default();
            // Read one by one, whatever came of them.
            let read: u64 = items
                .iter()
                .map(|item| units(std::slice::from_ref(item), READ_UNIT_BYTES))
                .sum();
            count_units(read, 0);
            found.extend(items.into_iter().filter_map(|item| Some((Key::of(&item)?, item))));
            wanted = reply
                .unprocessed_keys
                .unwrap_or_default()
                .remove(table)
                .map(|left| left.keys)
                .unwrap_or_default();
            idle = if wanted.len() < asked { 0 } else { idle + 1 };
            if idle == MAX_ROUNDS {
                return Err(StoreError::Unavailable(
                    "the table throttled every round of a batch read".into(),
                ));
            }
            if !wanted.is_empty() {
                tokio::time::sleep(Duration::from_millis(25 << idle)).await;
            }
        }
        Ok(keys.iter().filter_map(|key| found.remove(key)).collect())
    }

    async fn query(&self, query: &Query) -> Result<Vec<Item>, StoreError> {
        let (pk, sk) = if query.index {
            ("gsi1pk", "gsi1sk")
        } else {
            ("pk", "sk")
        };
        // A key condition may bound the sort key once, so prefix and position go into one inclusive range, and the position
        // itself, if it comes, is dropped. The range ends with the last character that Unicode has.
        let last = format!("{}\u{10fffd}", query.prefix);
        let (from, to) = match (&query.after, query.descending) {
            (None, _) => (query.prefix.clone(), last),
            (Some(after), false) => (after.clone().max(query.prefix.clone()), last),
            (Some(after), true) => (query.prefix.clone(), after.clone().min(last)),
        };
        // A position before the range or behind it: nothing is left, and a table takes no range that ends before it begins, or with
        // nothing.
        if from > to || to.is_empty() {
            return Ok(Vec::new());
        }
        let mut condition = "#p = :p".to_owned();
        let mut request = self
            .client
            .query()
            .table_name(self.table_of(&query.pk).0)
            .expression_attribute_names("#p", pk);
        request = request.expression_attribute_values(":p", AttributeValue::S(query.pk.clone()));
        // A key value may not be empty; without prefix and position the whole partition is asked for.
        if !from.is_empty() {
            condition.push_str(" AND #s BETWEEN :from AND :to");
            request = request
                .expression_attribute_names("#s", sk)
                .expression_attribute_values(":from", AttributeValue::S(from))
                .expression_attribute_values(":to", AttributeValue::S(to));
        } else if query.after.is_some() {
            condition.push_str(" AND #s <= :to");
            request = request
                .expression_attribute_names("#s", sk)
                .expression_attribute_values(":to", AttributeValue::S(to));
        }
        request = request
            .key_condition_expression(condition)
            .scan_index_forward(!query.descending)
            .set_index_name(query.index.then(|| "gsi1".to_owned()))
            .set_consistent_read((!query.index).then_some(true));
        let mut items: Vec<Item> = Vec::new();
        let mut start = None;
        loop {
            let wanted = query.limit + 1 - items.len();
            count_aws_call();
            let page = request
                .clone()
                .limit(wanted as i32)
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(unavailable)?;
            let position = |item: &Item| item.get(sk).and_then(|value| value.as_s().ok()) == query.after.as_ref();
            items.extend(
                page.items
                    .unwrap_or_default()
                    .into_iter()
                    .filter(|item| query.after.is_none() || !position(item)),
            );
            start = page.last_evaluated_key;
            if start.is_none() || items.len() >= query.limit {
                items.truncate(query.limit);
                count_units(units(&items, READ_UNIT_BYTES), 0);
                return Ok(items);
            }
        }
    }

    async fn transact(&self, mut writes: Vec<Write>) -> Result<Outcome, StoreError> {
        // The table refuses a transaction of nothing.
        if writes.is_empty() {
            return Ok(Outcome::Done);
        }
        // Half the price, and as good: it may be sent again. With a condition it could not, since the answer to its repetition would be
        // that the condition does not hold; a transaction knows itself again.
        if let [Write::Put(_, Condition::None) | Write::Delete(_, Condition::None)] = writes.as_slice()
            && let Some(write) = writes.pop()
        {
            return self.write_alone(write).await.map(|()| Outcome::Done);
        }
        let size = |write: &Write| match write {
            Write::Put(item, _) => units(std::slice::from_ref(item), WRITE_UNIT_BYTES),
            Write::Delete(..) | Write::Check(..) => 1,
        };
        // Prepared and then written: a transaction costs twice.
        let written = 2 * writes.iter().map(size).sum::<u64>();
        let items = writes
            .into_iter()
            .map(|write| self.write(write))
            .collect::<Result<Vec<_>, _>>()?;
        let mut round = 0;
        loop {
            count_aws_call();
            count_units(0, written);
            let sent = self
                .client
                .transact_write_items()
                .set_transact_items(Some(items.clone()))
                .send()
                .await;
            let Err(error) = sent else { return Ok(Outcome::Done) };
            if let Some(refused) = refused(&error) {
                return Ok(Outcome::Refused(refused));
            }
            round += 1;
            if round == MAX_ROUNDS || !met_another(&error) {
                return Err(unavailable(error));
            }
            tokio::time::sleep(Duration::from_millis(10 << round)).await;
        }
    }

    async fn count(&self, key: &Key, names: &[&str], expires_at: i64) -> Result<Vec<u64>, StoreError> {
        count_aws_call();
        count_units(0, 1);
        let number = |value: i64| AttributeValue::N(value.to_string());
        let mut request = self
            .client
            .update_item()
            .table_name(self.table_of(&key.pk).0)
            .set_key(Some(key_item(key)))
            .return_values(ReturnValue::UpdatedNew)
            .expression_attribute_names("#e", "expires_at")
            .expression_attribute_values(":e", number(expires_at))
            .expression_attribute_values(":one", number(1));
        let mut added = Vec::new();
        for (at, name) in names.iter().enumerate() {
            request = request.expression_attribute_names(format!("#n{at}"), *name);
            added.push(format!("#n{at} :one"));
        }
        request = request.update_expression(format!("SET #e = :e ADD {}", added.join(", ")));
        let counts = request
            .send()
            .await
            .map_err(unavailable)?
            .attributes
            .unwrap_or_default();
        let count = |name: &&str| counts.get(*name)?.as_n().ok()?.parse().ok();
        let counts: Option<Vec<u64>> = names.iter().map(count).collect();
        counts.ok_or_else(|| StoreError::Corrupt("a count that is no number".into()))
    }
}

fn reasons(error: &SdkError<TransactWriteItemsError>) -> Vec<&str> {
    let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) = error.as_service_error() else {
        return Vec::new();
    };
    canceled
        .cancellation_reasons()
        .iter()
        .map(|reason| reason.code().unwrap_or("None"))
        .collect()
}

/// The positions whose conditions did not hold, if that is why the transaction was cancelled.
fn refused(error: &SdkError<TransactWriteItemsError>) -> Option<Vec<usize>> {
    let failed = |(position, code): (usize, &str)| (code == "ConditionalCheckFailed").then_some(position);
    let refused: Vec<usize> = reasons(error).into_iter().enumerate().filter_map(failed).collect();
    (!refused.is_empty()).then_some(refused)
}

/// Whether another transaction held one of the items, or the table throttled: the same transaction may succeed in a moment.
fn met_another(error: &SdkError<TransactWriteItemsError>) -> bool {
    let passing = [
        "TransactionConflict",
        "ThrottlingError",
        "ProvisionedThroughputExceeded",
    ];
    reasons(error).iter().any(|code| passing.contains(code))
}

/// A bucket in S3.
#[derive(Debug, Clone)]
pub struct S3Objects {
    client: aws_sdk_s3::Client,
    bucket: String,
}

impl S3Objects {
    /// The bucket of this name.
    #[must_use]
    pub fn new(config: &SdkConfig, bucket: String) -> Self {
        Self {
            client: s3_client(config),
            bucket,
        }
    }
}

/// A bucket of files that people give each other.
#[must_use]
pub fn files(config: &SdkConfig, bucket: String, max_bytes: u64) -> Files {
    Files {
        objects: Arc::new(S3Objects::new(config, bucket.clone())),
        forms: FormSigner::new(config, bucket.clone()),
        links: LinkSigner::new(config, bucket),
        max_bytes,
    }
}

/// A client for buckets.
pub(crate) fn s3_client(config: &SdkConfig) -> aws_sdk_s3::Client {
    // Path style is what a local endpoint understands; on AWS there is none set and the usual form is used.
    let local = config.endpoint_url().is_some();
    let config = aws_sdk_s3::config::Builder::from(config)
        .force_path_style(local)
        .build();
    aws_sdk_s3::Client::from_conf(config)
}

#[async_trait]
impl Objects for S3Objects {
    async fn get(&self, key: &str, max_bytes: u64) -> Result<Option<Vec<u8>>, StoreError> {
        count_aws_call();
        let reply = match self.client.get_object().bucket(&self.bucket).key(key).send().await {
            Ok(reply) => reply,
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(aws_sdk_s3::operation::get_object::GetObjectError::is_no_such_key) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(unavailable(error)),
        };
        let bytes = u64::try_from(reply.content_length().unwrap_or(i64::MAX)).unwrap_or(u64::MAX);
        if bytes > max_bytes {
            return Err(StoreError::TooLarge);
        }
        Ok(Some(reply.body.collect().await.map_err(unavailable)?.to_vec()))
    }

    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        count_aws_call();
        let request = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .body(bytes.into());
        request.send().await.map_err(unavailable).map(|_| ())
    }

    async fn add(&self, key: &str, bytes: Vec<u8>) -> Result<bool, StoreError> {
        count_aws_call();
        let request = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .if_none_match("*");
        match request.body(bytes.into()).send().await {
            Ok(_) => Ok(true),
            Err(error)
                if error
                    .raw_response()
                    .is_some_and(|answer| answer.status().as_u16() == 412) =>
            {
                Ok(false)
            }
            Err(error) => Err(unavailable(error)),
        }
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        count_aws_call();
        self.client
            .delete_object()
            .bucket(&self.bucket)
            .key(key)
            .send()
            .await
            .map_err(unavailable)
            .map(|_| ())
    }

    async fn keys(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let versions = self.versions(prefix).await?;
        let keys: BTreeSet<String> = versions.into_iter().map(|(key, _)| key).collect();
        Ok(keys.into_iter().collect())
    }

    async fn erase(&self, key: &str) -> Result<(), StoreError> {
        for (_, version) in self.versions(key).await?.into_iter().filter(|(found, _)| found == key) {
            count_aws_call();
            let request = self.client.delete_object().bucket(&self.bucket).key(key);
            request.set_version_id(version).send().await.map_err(unavailable)?;
        }
        Ok(())
    }
}

impl S3Objects {
    /// Every version of every object with this prefix, as key and version; marks of deletion among them.
    async fn versions(&self, prefix: &str) -> Result<Vec<(String, Option<String>)>, StoreError> {
        let mut found = Vec::new();
        let (mut key, mut version) = (None, None);
        loop {
            count_aws_call();
            let request = self.client.list_object_versions().bucket(&self.bucket).prefix(prefix);
            let page = request
                .set_key_marker(key)
                .set_version_id_marker(version)
                .send()
                .await
                .map_err(unavailable)?;
            let files = page.versions().iter().map(|found| (found.key(), found.version_id()));
            let marks = page.delete_markers().iter().map(|mark| (mark.key(), mark.version_id()));
            found.extend(
                files
                    .chain(marks)
                    .filter_map(|(key, version)| Some((key?.to_owned(), version.map(str::to_owned)))),
            );
            if !page.is_truncated().unwrap_or(false) {
                return Ok(found);
            }
            key = page.next_key_marker().map(str::to_owned);
            version = page.next_version_id_marker().map(str::to_owned);
        }
    }
}
