//! The `compactor` function: wires the schedule to the indexes.

use inventure_api::{boot, clock, config, connect};
use inventure_live_index::records::IndexKind;
use inventure_table::aws::S3Objects;
use lambda_runtime::{LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    boot::logs();
    let (store, sdk) = connect::main_table(env!("CARGO_PKG_NAME")).await?;
    let bucket = S3Objects::new(&sdk, config::required("ARTIFACTS_BUCKET")?);
    let (store, bucket) = (&store, &bucket);
    lambda_runtime::run(service_fn(move |_: LambdaEvent<serde_json::Value>| async move {
        for kind in IndexKind::ALL {
            let done = compactor::run(kind, store, bucket, clock::now()).await?;
            tracing::info!(
                index = kind.name(),
                taken = done.taken,
                removed = done.removed,
                segments = done.segments,
                "index.compacted"
            );
        }
        Ok::<_, lambda_runtime::Error>(())
    }))
    .await
}
