//! The tables that the environment names.

use std::sync::Arc;

use aws_config::SdkConfig;
use inventure_table::{
    Store,
    aws::{DynamoTable, sdk_config},
};

use crate::config;

/// Opens the main table for the function of this name, and gives the configuration for further clients.
///
/// # Errors
/// [`config::Missing`] where the environment names no table.
pub async fn main_table(function: &'static str) -> Result<(Store, SdkConfig), config::Missing> {
    let sdk = sdk_config().await;
    let table = DynamoTable::new(&sdk, config::required("TABLE_NAME")?);
    Ok((Store::new(Arc::new(table), function), sdk))
}

/// Opens the table of connections for the function of this name.
///
/// # Errors
/// [`config::Missing`] where the environment names no such table.
pub fn connections(sdk: &SdkConfig, function: &'static str) -> Result<Store, config::Missing> {
    let table = DynamoTable::new(sdk, config::required("CONNECTIONS_TABLE_NAME")?);
    Ok(Store::new(Arc::new(table), function))
}
