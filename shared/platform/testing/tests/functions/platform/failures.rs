//! Failures that a new version is blamed for: what broke on our side, and no mistake of a caller.

use inventure_api::metrics::failures;
use serde_json::json;

use crate::live::chat::Talk;

#[tokio::test]
async fn a_new_version_is_blamed_for_our_failures_and_not_for_what_callers_get_wrong() {
    let talk = Talk::new().await;
    let (world, broker) = (&talk.deal.world, &talk.deal.job_side);
    let device = talk.device(broker).await;
    let me = async || world.get(broker, "/me").await.status;
    let history = async || {
        let frame = json!({ "action": "history", "room": talk.room, "after": 0 });
        talk.ask(&device, frame).await["code"].clone()
    };
    let before = failures();
    assert_eq!(me().await, 200);
    assert_eq!(world.get(broker, "/jobs/none").await.status, 404);
    assert_eq!(broker.write(&world.app, "POST", "/jobs", json!({})).await.status, 422);
    assert_eq!(history().await, json!(null));
    assert_eq!(
        world.sockets.ask(&device, json!({ "action": "shutdown" })).await["code"],
        "unknown-action"
    );
    assert_eq!(failures(), before, "nothing of ours has failed");
    world.table.fail_nth(0);
    assert_eq!(me().await, 503);
    assert_eq!(failures() - before, 1, "a request");
    world.table.fail_nth(0);
    assert_eq!(history().await, "unavailable");
    assert_eq!(failures() - before, 2, "a frame");
}
