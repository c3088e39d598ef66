//! The `sealer` function: wires the schedule to the heads of the accounts and the bucket of seals.

use inventure_api::{boot, clock, config, connect};
use inventure_table::aws::S3Objects;
use lambda_runtime::{LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    boot::logs();
    let (store, sdk) = connect::main_table(env!("CARGO_PKG_NAME")).await?;
    let seals = S3Objects::new(&sdk, config::required("SEALS_BUCKET")?);
    let (store, seals) = (&store, &seals);
    lambda_runtime::run(service_fn(move |_: LambdaEvent<serde_json::Value>| async move {
        let now = clock::now();
        let seal = sealer::run(store, seals, sealer::day_before(now)?, now).await?;
        tracing::info!(date = %seal.date, accounts = seal.tree_size, root = %seal.root, "ledger.sealed");
        Ok::<_, lambda_runtime::Error>(())
    }))
    .await
}
