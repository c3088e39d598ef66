use std::sync::Arc;

use aws_config::SdkConfig;
use inventure_api::config;
use inventure_table::{
    Store,
    aws::{DynamoTable, sdk_config},
};

use crate::LEDGER_PREFIX;

/// Opens the main table and the ledger for the function of this name. The configuration is for further clients.
///
/// # Errors
/// [`config::Missing`] where the environment does not name both.
pub async fn connect(function: &'static str) -> Result<(Store, SdkConfig), config::Missing> {
    let sdk = sdk_config().await;
    let table = DynamoTable::new(&sdk, config::required("TABLE_NAME")?);
    let table = table.with_growing(LEDGER_PREFIX, config::required("LEDGER_TABLE_NAME")?);
    Ok((Store::new(Arc::new(table), function), sdk))
}
