//! Tables that answer at once: as much of DynamoDB as `chat` and `fanout` need to deliver an entry.
//! They refuse what they do not know.

use std::{collections::BTreeMap, sync::Mutex};

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use super::stand_in::lock;

/// The items of a partition by sort key, as the API writes them.
type Partition = BTreeMap<String, Value>;

/// All tables, in memory.
#[derive(Default)]
pub struct Memory(Mutex<BTreeMap<(String, String), Partition>>);

/// A text in a request.
fn text<'a>(of: &'a Value, name: &str) -> Result<&'a str> {
    of[name].as_str().with_context(|| format!("no {name} in {of}"))
}

/// The values of the two key attributes.
fn key(of: &Value) -> Result<(&str, &str)> {
    Ok((text(&of["pk"], "S")?, text(&of["sk"], "S")?))
}

impl Memory {
    /// Answers an operation.
    pub fn answer(&self, operation: &str, request: &Value) -> Result<Value> {
        let table = || text(request, "TableName");
        Ok(match operation {
            "GetItem" => self
                .get(table()?, &request["Key"])?
                .map_or_else(|| json!({}), |item| json!({ "Item": item })),
            "BatchGetItem" => self.get_many(&request["RequestItems"])?,
            "BatchWriteItem" => self.write_many(&request["RequestItems"])?,
            "UpdateItem" => self.count(table()?, request)?,
            "TransactWriteItems" => self.transact(&request["TransactItems"])?,
            "Query" => self.query(table()?, request)?,
            _ => bail!("{operation} is not known here"),
        })
    }

    fn get(&self, table: &str, of: &Value) -> Result<Option<Value>> {
        let (pk, sk) = key(of)?;
        let all = lock(&self.0);
        let partition = all.get(&(table.to_owned(), pk.to_owned()));
        Ok(partition.and_then(|partition| partition.get(sk)).cloned())
    }

    fn put(&self, table: &str, item: &Value) -> Result<()> {
        let (pk, sk) = key(item)?;
        let mut all = lock(&self.0);
        let partition = all.entry((table.to_owned(), pk.to_owned())).or_default();
        partition.insert(sk.to_owned(), item.clone());
        Ok(())
    }

    fn get_many(&self, asked: &Value) -> Result<Value> {
        let mut found = Map::new();
        for (table, of) in asked.as_object().into_iter().flatten() {
            let keys = of["Keys"].as_array().into_iter().flatten();
            let items = keys.map(|key| self.get(table, key)).collect::<Result<Vec<_>>>()?;
            found.insert(table.clone(), items.into_iter().flatten().collect());
        }
        Ok(json!({ "Responses": found, "UnprocessedKeys": {} }))
    }

    fn write_many(&self, asked: &Value) -> Result<Value> {
        for (table, writes) in asked.as_object().into_iter().flatten() {
            for write in writes.as_array().into_iter().flatten() {
                self.put(table, &write["PutRequest"]["Item"])?;
            }
        }
        Ok(json!({ "UnprocessedItems": {} }))
    }

    /// Adds to counters: each attribute that the expression names `#n…` grows by one.
    fn count(&self, table: &str, request: &Value) -> Result<Value> {
        let mut item = self
            .get(table, &request["Key"])?
            .unwrap_or_else(|| request["Key"].clone());
        let mut counts = Map::new();
        for (name, attribute) in request["ExpressionAttributeNames"].as_object().into_iter().flatten() {
            let Some(attribute) = attribute.as_str().filter(|_| name.starts_with("#n")) else {
                continue;
            };
            let known = item[attribute]["N"].as_str().map_or(Ok(0), str::parse::<u64>)?;
            let count = json!({ "N": (known + 1).to_string() });
            counts.insert(attribute.to_owned(), count.clone());
            item[attribute] = count;
        }
        self.put(table, &item)?;
        Ok(json!({ "Attributes": counts }))
    }

    /// Writes items that are not there yet. One task writes at a time, so none comes in between.
    fn transact(&self, writes: &Value) -> Result<Value> {
        for write in writes.as_array().into_iter().flatten() {
            let put = &write["Put"];
            let is_there = self.get(text(put, "TableName")?, &put["Item"])?.is_some();
            if is_there || put["ConditionExpression"] != "attribute_not_exists(#a)" {
                bail!("only what is not there is written here: {put}");
            }
        }
        for write in writes.as_array().into_iter().flatten() {
            self.put(text(&write["Put"], "TableName")?, &write["Put"]["Item"])?;
        }
        Ok(json!({}))
    }

    /// Returns a page of a partition, or of what lies between two sort keys.
    fn query(&self, table: &str, request: &Value) -> Result<Value> {
        if !request["IndexName"].is_null() {
            bail!("there is no index here");
        }
        let values = &request["ExpressionAttributeValues"];
        let bound = |name: &str| values[name]["S"].as_str();
        let pk = bound(":p").context("a query without a partition")?.to_owned();
        let limit = request["Limit"].as_u64().unwrap_or(u64::MAX) as usize;
        let all = lock(&self.0);
        let Some(partition) = all.get(&(table.to_owned(), pk)) else {
            return Ok(json!({ "Items": [] }));
        };
        let (from, to) = (bound(":from").unwrap_or_default(), bound(":to"));
        let start = request["ExclusiveStartKey"]["sk"]["S"].as_str();
        let forward = request["ScanIndexForward"] != false;
        let inside = |sk: &str| to.is_none_or(|to| sk <= to);
        let past = |sk: &str| start.is_none_or(|start| if forward { sk > start } else { sk < start });
        // The range begins where the page does, or every page would cost as much as all before it.
        let begins = if forward {
            start.map_or(from, |start| start.max(from))
        } else {
            from
        };
        let range = partition.range(begins.to_owned()..).take_while(|(sk, _)| inside(sk));
        let wanted = |(sk, _): &(&String, &Value)| past(sk);
        let items: Vec<&Value> = if forward {
            range.filter(wanted).map(|(_, item)| item).take(limit).collect()
        } else {
            let mut found: Vec<_> = range.filter(wanted).map(|(_, item)| item).collect();
            found.reverse();
            found.truncate(limit);
            found
        };
        let last = items.last().filter(|_| items.len() == limit);
        let last = last.map(|last| json!({ "pk": last["pk"], "sk": last["sk"] }));
        let mut answer = json!({ "Count": items.len(), "Items": items });
        if let Some(last) = last {
            answer["LastEvaluatedKey"] = last;
        }
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(sk: &str) -> Value {
        json!({ "pk": { "S": "a" }, "sk": { "S": sk } })
    }

    fn sort_keys(answer: &Value) -> Vec<&str> {
        answer["Items"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|item| item["sk"]["S"].as_str())
            .collect()
    }

    #[test]
    fn a_query_reads_a_range_in_pages_both_ways() {
        let memory = Memory::default();
        let puts: Vec<Value> = ["1", "2", "3", "4"]
            .iter()
            .map(|sk| json!({ "PutRequest": { "Item": item(sk) } }))
            .collect();
        memory
            .answer("BatchWriteItem", &json!({ "RequestItems": { "t": puts } }))
            .unwrap();
        let values = json!({ ":p": { "S": "a" }, ":from": { "S": "2" }, ":to": { "S": "4" } });
        let mut query = json!({ "TableName": "t", "ExpressionAttributeValues": values, "Limit": 2 });
        let first = memory.answer("Query", &query).unwrap();
        assert_eq!(sort_keys(&first), ["2", "3"]);
        query["ExclusiveStartKey"] = first["LastEvaluatedKey"].clone();
        let second = memory.answer("Query", &query).unwrap();
        assert_eq!(
            (sort_keys(&second), &second["LastEvaluatedKey"]),
            (vec!["4"], &Value::Null)
        );
        query["ExclusiveStartKey"] = Value::Null;
        query["ScanIndexForward"] = json!(false);
        assert_eq!(sort_keys(&memory.answer("Query", &query).unwrap()), ["4", "3"]);
    }

    #[test]
    fn what_is_there_is_not_written_again() {
        let memory = Memory::default();
        let put = json!({ "TableName": "t", "Item": item("1"), "ConditionExpression": "attribute_not_exists(#a)" });
        let writes = json!({ "TransactItems": [{ "Put": put }] });
        memory.answer("TransactWriteItems", &writes).unwrap();
        assert!(memory.answer("TransactWriteItems", &writes).is_err());
    }

    #[test]
    fn counters_grow_by_one() {
        let memory = Memory::default();
        let update = json!({ "TableName": "t", "Key": item("1"), "ExpressionAttributeNames": { "#n0": "person", "#e": "expires_at" } });
        memory.answer("UpdateItem", &update).unwrap();
        let answer = memory.answer("UpdateItem", &update).unwrap();
        assert_eq!(answer, json!({ "Attributes": { "person": { "N": "2" } } }));
    }
}
