//! Records that no route makes in such numbers, written as the functions would write them, and read as they are.

use std::{thread, time::Duration};

use anyhow::{Context, Result, bail};
use inventure_http_client::{Client, PATIENCE, Request};
use inventure_stack::{
    aws::{LOCAL_KEY, LOCAL_REGION},
    local::Stack,
    tools,
};
use serde_json::{Value, json};

/// The most items of one batch, as DynamoDB has it.
const BATCH: usize = 25;
/// Batches under way at once.
const WRITERS: usize = 4;
/// No record of a run is needed longer.
const KEPT: Duration = Duration::from_hours(2);

/// A person, and the tenant where they belong.
#[derive(Clone)]
pub struct Person {
    /// Issuer and subject of the token that they would have.
    pub subject: String,
    /// The membership's id.
    pub member: String,
    /// The tenant's id.
    pub tenant: String,
}

impl Person {
    /// Makes a person of a name that nobody else has.
    pub fn new(name: &str, tenant: &str) -> Self {
        Self {
            subject: format!("bench|{name}"),
            member: id("mem", name),
            tenant: tenant.to_owned(),
        }
    }

    /// The record of the membership.
    pub fn record(&self) -> Value {
        json!({
            "pk": format!("SUBJECT#{}", tools::hash(self.subject.as_bytes())), "sk": "MEMBER", "entity": "member",
            "gsi1pk": format!("MEMBERS#{}", self.tenant), "gsi1sk": self.member, "subject": self.subject,
            "member_id": self.member, "tenant_id": self.tenant, "role": "broker", "name": "Bench", "version": 1,
            "joined_at": now().to_string(),
        })
    }

    /// A ticket for a connection, and its record.
    pub fn ticket(&self, secret: &str) -> Value {
        let hash = tools::hash(secret.as_bytes());
        json!({
            "pk": format!("TICKET#{hash}"), "sk": "TICKET", "entity": "socket_ticket", "secret_hash": hash,
            "subject": self.subject, "member_id": self.member, "tenant_id": self.tenant,
            "session_ends_at": later(), "expires_at": later(), "version": 1,
        })
    }

    /// Returns the record that a connection of theirs receives a room.
    pub fn subscription(&self, room: &str, connection: &str) -> Value {
        json!({
            "pk": format!("ROOM#{room}"), "sk": connection, "entity": "subscription",
            "gsi1pk": format!("CONNECTION#{connection}"), "gsi1sk": room, "room_id": room, "connection_id": connection,
            "member_id": self.member, "tenant_id": self.tenant, "subject": self.subject, "expires_at": later(),
        })
    }

    /// A frame of theirs, as API Gateway hands it over.
    pub fn event(&self, connection: &str, frame: &Value) -> Value {
        json!({
            "requestContext": {
                "eventType": "MESSAGE", "connectionId": connection, "requestId": "bench",
                "authorizer": {
                    "subject": self.subject, "member_id": self.member, "tenant_id": self.tenant,
                    "session_ends_at": later().to_string(),
                },
            },
            "body": frame.to_string(), "isBase64Encoded": false,
        })
    }
}

/// The room of an agency.
pub fn room(room: &str, tenant: &str, by: &Person) -> Value {
    json!({
        "pk": format!("ROOM#{room}"), "sk": "ROOM", "entity": "room", "room_id": room, "kind": "agency", "tenant_id": tenant,
        "epoch": uuid(room), "created_by": by.member, "created_at": now().to_string(), "version": 1,
    })
}

/// The interval of heartbeats, in seconds, as `docs/live/realtime.md` says.
const HEARTBEAT_SECONDS: i64 = 240;

/// A UUID that follows from a name.
pub fn uuid(name: &str) -> String {
    let hash = tools::hash(name.as_bytes());
    // The version and the variant of a random one stand where a parser may look for them.
    let parts = [&hash[..8], &hash[8..12], &hash[13..16], &hash[17..20], &hash[20..32]];
    format!("{}-{}-4{}-8{}-{}", parts[0], parts[1], parts[2], parts[3], parts[4])
}

/// An id that follows from a name.
pub fn id(prefix: &str, name: &str) -> String {
    format!("{prefix}_{}", uuid(name).replace('-', ""))
}

#[expect(clippy::disallowed_methods, reason = "a task that measures lives in the clock")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// Epoch second after which nothing of this run is needed.
fn later() -> i64 {
    now().as_second() + KEPT.as_secs() as i64
}

/// The administrator's authorization, whose signature nobody looks at.
fn authorization(service: &str) -> String {
    let scope = format!("{LOCAL_KEY}/20260101/{LOCAL_REGION}/{service}/aws4_request");
    format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0")
}

/// Tables, as their administrator sees them.
pub struct Tables {
    client: Client,
    /// The address at which the tables answer, `http://…`.
    pub endpoint: String,
    /// The main table's name.
    pub main: String,
    /// The connections table's name.
    pub connections: String,
}

impl Tables {
    /// The tables of a stack.
    pub fn of(stack: &Stack) -> Result<Self> {
        let (main, connections) = (stack.output("MainTableName")?, stack.output("ConnectionsTableName")?);
        Ok(Self::at(&stack.emulator.endpoint(), main, connections))
    }

    /// The tables of these names.
    pub fn at(endpoint: &str, main: &str, connections: &str) -> Self {
        Self {
            client: Client::new(PATIENCE),
            endpoint: endpoint.to_owned(),
            main: main.to_owned(),
            connections: connections.to_owned(),
        }
    }

    /// Makes one call of an operation.
    fn call(&self, operation: &str, body: &Value) -> Result<Value> {
        let request = Request::post(&self.endpoint)
            .header("authorization", authorization("dynamodb"))
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", format!("DynamoDB_20120810.{operation}"))
            .body(body.to_string());
        let answer = self.client.send(request)?;
        if !answer.is_success() {
            bail!("{operation}: {}", answer.body);
        }
        Ok(answer.body)
    }

    /// Posts a frame to a connection of a stage, whose path is `/_aws/execute-api/<API>/<stage>`.
    pub fn post(&self, stage: &str, connection: &str, frame: &Value) -> Result<()> {
        let url = format!("{}{stage}/@connections/{connection}", self.endpoint);
        let request = Request::post(url)
            .header("authorization", authorization("execute-api"))
            .body(frame.to_string());
        let answer = self.client.send(request)?;
        if !answer.is_success() {
            bail!("a post: {}", answer.body);
        }
        Ok(())
    }

    /// Writes records, however many.
    pub fn write(&self, table: &str, records: &[Value]) -> Result<()> {
        let batches: Vec<&[Value]> = records.chunks(BATCH).collect();
        thread::scope(|scope| {
            let writers: Vec<_> = batches
                .chunks(batches.len().div_ceil(WRITERS).max(1))
                .map(|batches| scope.spawn(|| batches.iter().try_for_each(|batch| self.write_batch(table, batch))))
                .collect();
            writers
                .into_iter()
                .try_for_each(|writer| writer.join().unwrap_or_else(|_| bail!("records were not written")))
        })
    }

    fn write_batch(&self, table: &str, records: &[Value]) -> Result<()> {
        let puts: Vec<Value> = records
            .iter()
            .map(|record| json!({ "PutRequest": { "Item": item(record) } }))
            .collect();
        let answer = self.call("BatchWriteItem", &json!({ "RequestItems": { table: puts } }))?;
        if answer["UnprocessedItems"]
            .as_object()
            .is_some_and(|left| !left.is_empty())
        {
            bail!("the table left records unwritten");
        }
        Ok(())
    }

    /// Reads one record, consistently; null where there is none.
    pub fn get(&self, table: &str, pk: &str, sk: &str) -> Result<Value> {
        let key = json!({ "pk": { "S": pk }, "sk": { "S": sk } });
        let body = json!({ "TableName": table, "Key": key, "ConsistentRead": true });
        Ok(self.call("GetItem", &body)?["Item"].clone())
    }

    /// Makes the last sign of life of a connection so old that its next heartbeat is due.
    pub fn age(&self, connection: &str, person: &Person) -> Result<()> {
        let mut socket = self.get(&self.connections, &format!("SOCKETS#{}", person.member), connection)?;
        socket["seen_at"] = json!({ "N": (now().as_second() - HEARTBEAT_SECONDS).to_string() });
        let body = json!({ "TableName": self.connections, "Item": socket });
        self.call("PutItem", &body).map(drop)
    }

    /// The connections that receive a room, with whose they are.
    pub fn connections_of(&self, room: &str) -> Result<Vec<(String, Person)>> {
        let body = json!({
            "TableName": self.connections, "ConsistentRead": true, "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": { ":pk": { "S": format!("ROOM#{room}") } },
        });
        let answer = self.call("Query", &body)?;
        let read = |item: &Value| {
            let text = |name: &str| item[name]["S"].as_str().map(str::to_owned);
            let person = Person {
                subject: text("subject")?,
                member: text("member_id")?,
                tenant: text("tenant_id")?,
            };
            Some((text("connection_id")?, person))
        };
        let found: Option<Vec<_>> = answer["Items"].as_array().into_iter().flatten().map(read).collect();
        found.context("a subscription that cannot be read")
    }
}

/// A record as the table's API writes it.
fn item(flat: &Value) -> Value {
    let typed = |value: &Value| match value {
        Value::Number(number) => json!({ "N": number.to_string() }),
        other => json!({ "S": other }),
    };
    let fields = flat.as_object().into_iter().flatten();
    fields.map(|(name, value)| (name.clone(), typed(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_id_each() {
        let uuid = uuid("a room");
        let parts: Vec<usize> = uuid.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert_eq!(&uuid[14..15], "4");
        let id = id("rom", "a room");
        assert!(id.len() == 36 && id.starts_with("rom_"), "{id}");
        assert_ne!(id, super::id("rom", "another room"));
    }

    #[test]
    fn records_are_typed_as_the_table_wants_them() {
        let record = item(&json!({ "pk": "a", "version": 1 }));
        assert_eq!(record, json!({ "pk": { "S": "a" }, "version": { "N": "1" } }));
    }
}
