//! The table in memory held to the contract, and the adapter of AWS where no emulator behaves as AWS does.
#![expect(clippy::unwrap_used, reason = "a test that meets what it did not expect has failed")]

mod batches;
mod contract;
mod lag;

use inventure_table::memory::MemoryTable;

#[tokio::test]
async fn the_table_in_memory_keeps_the_contract() {
    contract::contract(&MemoryTable::default(), "CONTRACT#", &[]).await;
}
