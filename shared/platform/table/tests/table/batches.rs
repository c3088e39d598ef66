//! Batch reads of the adapter against an endpoint that leaves keys unprocessed, which the emulator never does.

use std::{
    io::{BufRead, BufReader, Read, Write as _},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use inventure_table::{
    Key, StoreError, Table,
    aws::DynamoTable,
    table::{Item, KEYS_MAX},
};
use serde_json::{Value, json};

/// A table whose answers hold as many items as the list says, request by request, and then none. With the number of requests.
fn giving(items: Vec<usize>) -> (DynamoTable, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let requests = Arc::clone(&asked);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let number = requests.fetch_add(1, Ordering::SeqCst);
            answer(stream.unwrap(), items.get(number).copied().unwrap_or(0));
        }
    });
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "test", "test", None, None, "tests",
        )))
        .endpoint_url(format!("http://{address}"))
        .build();
    (DynamoTable::new(&config, "t".to_owned()), asked)
}

/// Answers a batch read with the first of its keys, and leaves the others.
fn answer(mut stream: TcpStream, items: usize) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let header = line.trim_end().to_ascii_lowercase();
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if header.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let asked: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(asked["RequestItems"]["t"]["ConsistentRead"], true);
    let keys = asked["RequestItems"]["t"]["Keys"].as_array().unwrap();
    let (read, left) = keys.split_at(items.min(keys.len()));
    let unprocessed = if left.is_empty() {
        json!({})
    } else {
        json!({ "t": { "Keys": left } })
    };
    let body = json!({ "Responses": { "t": read }, "UnprocessedKeys": unprocessed }).to_string();
    let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/x-amz-json-1.0";
    write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
}

fn keys(count: usize) -> Vec<Key> {
    (0..count).map(|number| Key::new("P", number.to_string())).collect()
}

fn keys_of(items: &[Item]) -> Vec<Key> {
    items.iter().filter_map(Key::of).collect()
}

#[tokio::test]
async fn a_batch_of_large_items_takes_as_many_requests_as_it_needs() {
    // Of 100 items of 300 KB in one partition an answer holds three: 1 MB.
    let (table, requests) = giving(vec![3; KEYS_MAX.div_ceil(3)]);
    let found = table.get_many(&keys(KEYS_MAX)).await.unwrap();
    assert_eq!(keys_of(&found), keys(KEYS_MAX));
    assert_eq!(requests.load(Ordering::SeqCst), 34);
}

#[tokio::test]
async fn a_batch_goes_on_after_an_answer_without_items() {
    let (table, requests) = giving(vec![2, 0, 0, 1]);
    assert_eq!(keys_of(&table.get_many(&keys(3)).await.unwrap()), keys(3));
    assert_eq!(requests.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn a_batch_that_is_never_read_ends_in_bounded_time() {
    let (table, requests) = giving(vec![1]);
    let found = table.get_many(&keys(3)).await;
    assert!(matches!(found, Err(StoreError::Unavailable(_))), "{found:?}");
    assert_eq!(requests.load(Ordering::SeqCst), 6);
}

#[tokio::test]
async fn nothing_is_asked_for_no_keys_and_for_no_writes() {
    let (table, requests) = giving(Vec::new());
    assert_eq!(table.get_many(&[]).await.unwrap(), Vec::<Item>::new());
    table.transact(Vec::new()).await.unwrap();
    assert_eq!(requests.load(Ordering::SeqCst), 0);
}
