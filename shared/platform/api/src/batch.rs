//! Batches from SQS: each message succeeds or returns on its own.

use std::{
    future::Future,
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures_util::FutureExt;
use lambda_runtime::{LambdaEvent, service_fn};
use tracing::Instrument;

use crate::{clock, metrics};
use inventure_table::usage::Usage;

/// The reason for which a message was not handled. The message returns to the queue and, after the queue's bound of receives,
/// goes to its dead-letter queue; nothing is dropped.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Time that most messages need left before the function's deadline to be begun at all. A message that is not begun returns
/// to the queue.
const RESERVE: Duration = Duration::from_secs(2);

/// Runs a queue's consumer until the runtime ends the process.
pub async fn run<F, Fut>(handle: F) -> Result<(), lambda_runtime::Error>
where
    F: Fn(SqsMessage) -> Fut,
    Fut: Future<Output = Result<(), Failure>>,
{
    run_within(RESERVE, handle).await
}

/// Runs a consumer whose messages may each take this long. Begun with less time left, one would be cut off with all that was done before it.
pub async fn run_within<F, Fut>(longest: Duration, handle: F) -> Result<(), lambda_runtime::Error>
where
    F: Fn(SqsMessage) -> Fut,
    Fut: Future<Output = Result<(), Failure>>,
{
    let handle = &handle;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<SqsEvent>| async move {
        let (event, context) = event.into_parts();
        let deadline_ms = i64::try_from(context.deadline).unwrap_or(i64::MAX);
        Ok::<_, lambda_runtime::Error>(each(event, deadline_ms, longest, handle).await)
    }))
    .await
}

/// Hands each message to `handle` and names the ones that failed. A panic in one is that one's failure: if it failed the whole
/// batch, its innocent neighbours would reach the dead-letter queue with it.
pub async fn each<F, Fut>(event: SqsEvent, deadline_ms: i64, longest: Duration, handle: F) -> SqsBatchResponse
where
    F: Fn(SqsMessage) -> Fut,
    Fut: Future<Output = Result<(), Failure>>,
{
    let mut response = SqsBatchResponse::default();
    let longest_ms = i64::try_from(longest.as_millis()).unwrap_or(i64::MAX);
    for message in event.records {
        let id = message.message_id.clone().unwrap_or_default();
        let receives = message
            .attributes
            .get("ApproximateReceiveCount")
            .cloned()
            .unwrap_or_default();
        if clock::now().as_millisecond().saturating_add(longest_ms) > deadline_ms {
            tracing::warn!(message_id = %id, "no time left in this invocation; the message returns");
            response.batch_item_failures.push(failure(id));
            continue;
        }
        let span = tracing::info_span!("message", message_id = %id, receives);
        let (begun, before) = (Instant::now(), Usage::now());
        let outcome = AssertUnwindSafe(handle(message))
            .catch_unwind()
            .instrument(span.clone())
            .await;
        let duration_ms = begun.elapsed().as_secs_f64() * 1e3;
        let _entered = span.enter();
        let Usage {
            aws_calls,
            read_units,
            write_units,
        } = Usage::since(before);
        match outcome {
            Ok(Ok(())) => tracing::info!(duration_ms, aws_calls, read_units, write_units, "message.handled"),
            Ok(Err(error)) => {
                tracing::error!(duration_ms, aws_calls, error = &*error, "message.failed");
                metrics::failed();
                response.batch_item_failures.push(failure(id));
            }
            Err(_) => {
                tracing::error!(duration_ms, aws_calls, "message.panicked");
                metrics::failed();
                response.batch_item_failures.push(failure(id));
            }
        }
        metrics::emit(&[], &[("message_duration", metrics::Unit::Milliseconds, duration_ms)]);
    }
    response
}

fn failure(message_id: String) -> BatchItemFailure {
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = message_id;
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(bodies: &[&str]) -> SqsEvent {
        let mut event = SqsEvent::default();
        for (at, body) in bodies.iter().enumerate() {
            let mut message = SqsMessage::default();
            message.message_id = Some(at.to_string());
            message.body = Some((*body).to_owned());
            event.records.push(message);
        }
        event
    }

    async fn failed(bodies: &[&str], deadline_ms: i64) -> Vec<String> {
        let handle = |message: SqsMessage| async move {
            match message.body.as_deref() {
                Some("bad") => Err("no good".into()),
                Some("worse") => panic!("much worse"),
                _ => Ok(()),
            }
        };
        let response = each(batch(bodies), deadline_ms, RESERVE, handle).await;
        response
            .batch_item_failures
            .into_iter()
            .map(|failure| failure.item_identifier)
            .collect()
    }

    #[tokio::test]
    async fn only_what_failed_returns() {
        assert_eq!(
            failed(&["good", "bad", "good", "worse", "good"], i64::MAX).await,
            ["1", "3"]
        );
    }

    #[tokio::test]
    async fn a_new_version_is_blamed_for_what_fails_and_for_what_panics() {
        for (body, counts) in [("good", 0), ("bad", 1), ("worse", 1)] {
            let before = metrics::failures();
            failed(&[body], i64::MAX).await;
            assert_eq!(metrics::failures() - before, counts, "{body}");
        }
        let before = metrics::failures();
        failed(&["bad"], 0).await;
        assert_eq!(metrics::failures(), before, "what there was no time for has not failed");
    }

    #[tokio::test]
    async fn what_there_is_no_time_for_returns() {
        assert_eq!(failed(&["good", "good"], 0).await, ["0", "1"]);
    }

    #[tokio::test]
    async fn slow_files_return_the_whole_batch() {
        let second = Duration::from_secs(1);
        let in_ms = |at: Duration| clock::now().as_millisecond() + at.as_millis() as i64;
        let done = |_| async { Ok(()) };
        // A minute is left, and one may take twenty seconds: enough to begin. With nineteen left it is not begun, so it cuts off nothing.
        for (left, returned) in [(60 * second, 0), (19 * second, 2)] {
            let response = each(batch(&["good", "good"]), in_ms(left), 20 * second, done).await;
            assert_eq!(response.batch_item_failures.len(), returned, "{left:?} left");
        }
    }
}
