//! Holds the emulator's table to the contract that the one in memory keeps.

#[path = "../../../../shared/platform/table/tests/table/contract.rs"]
mod contract;

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use inventure_table::aws::DynamoTable;
use inventure_tests::Stack;
use uuid::Uuid;

use self::contract::{Rule, contract};

/// Rules of DynamoDB that the emulator does not keep. It looks at the length of a key in reads, and in what is put, but not in deletes
/// and checks of a transaction and in the index. It lets one call count one thing twice.
const UNKEPT: [Rule; 2] = [Rule::LongKeys, Rule::CountedOnce];

#[tokio::test]
async fn the_emulators_table_keeps_the_contract() {
    let stack = Stack::running();
    let administrator = Credentials::new("test", "test", None, None, "tests");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(administrator))
        .endpoint_url(stack.endpoint())
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .build();
    // The one that has no stream: nobody else reads the millions of bytes that go through it.
    let table = DynamoTable::new(&config, stack.output("ConnectionsTableName").to_owned());
    contract(&table, &format!("CONTRACT#{}#", Uuid::new_v4().simple()), &UNKEPT).await;
}
