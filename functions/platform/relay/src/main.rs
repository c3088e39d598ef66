//! The `relay` function: wires the stream to the bus.

use std::{sync::Arc, time::Instant};

use inventure_api::{boot, config};
use inventure_table::{aws::sdk_config, usage::Usage};
use lambda_runtime::{LambdaEvent, service_fn};
use relay::{
    EventBus, Parking,
    aws::{EventBridge, PoisonQueue},
    handle,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    boot::logs();
    let sdk = sdk_config().await;
    let bus: Arc<dyn EventBus> = Arc::new(EventBridge::new(&sdk, config::required("EVENT_BUS_NAME")?));
    let parking: Arc<dyn Parking> = Arc::new(PoisonQueue::new(&sdk, config::required("POISON_QUEUE_URL")?));
    lambda_runtime::run(service_fn(|event: LambdaEvent<serde_json::Value>| {
        let (bus, parking) = (Arc::clone(&bus), Arc::clone(&parking));
        async move {
            let (begun, before) = (Instant::now(), Usage::now());
            let answer = handle(event.payload, &*bus, &*parking).await;
            let duration_ms = begun.elapsed().as_secs_f64() * 1e3;
            let aws_calls = Usage::since(before).aws_calls;
            tracing::info!(duration_ms, aws_calls, "batch.relayed");
            Ok::<_, lambda_runtime::Error>(answer)
        }
    }))
    .await
}
