//! The ports on AWS: API Gateway's connections, and the queue of jobs.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use aws_config::{SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_apigatewaymanagement::{
    operation::{delete_connection::DeleteConnectionError, post_to_connection::PostToConnectionError},
    primitives::Blob,
};
use aws_sdk_sqs::{error::DisplayErrorContext, types::SendMessageBatchRequestEntry};
use inventure_api::{batch::Failure, config, connect};
use inventure_table::{Store, usage::count_aws_call};

use crate::{Connections, Delivery, Gateway, Job, PostError, Queue};

/// The time for which one connection may keep all the others waiting.
const PATIENCE: Duration = Duration::from_secs(2);

/// The largest number of messages that a queue takes at once.
const BATCH: usize = 10;

/// The tables and ports that the functions around the sockets work with.
pub struct Sockets {
    /// The main table.
    pub store: Store,
    /// The connections table.
    pub connections: Store,
    /// The delivery of frames to the people in a room.
    pub delivery: Delivery,
    /// The connections, and the presence of their people.
    pub presence: Connections,
    /// The port to the connections.
    pub gateway: Arc<dyn Gateway>,
    /// The configuration with which other AWS clients are made.
    pub sdk: SdkConfig,
}

impl Sockets {
    /// Connects the function of this name to everything that the environment names.
    pub async fn connect(function: &'static str) -> Result<Self, config::Missing> {
        let (store, sdk) = connect::main_table(function).await?;
        let connections = connect::connections(&sdk, function)?;
        let api = config::required("SOCKET_API_ID")?;
        let gateway: Arc<dyn Gateway> = Arc::new(ApiGateway::new(&sdk, &api, &config::required("SOCKET_STAGE")?));
        let queue: Arc<dyn Queue> = Arc::new(JobQueue::new(&sdk, config::required("FANOUT_QUEUE_URL")?));
        let delivery = Delivery::new(
            store.clone(),
            connections.clone(),
            Arc::clone(&gateway),
            Arc::clone(&queue),
        );
        let presence = Connections::new(store.clone(), connections.clone(), delivery.clone(), queue);
        Ok(Self {
            store,
            connections,
            delivery,
            presence,
            gateway,
            sdk,
        })
    }
}

/// The connections of a WebSocket API.
pub struct ApiGateway(aws_sdk_apigatewaymanagement::Client);

impl ApiGateway {
    /// Makes the port to the connections of this API's stage.
    #[must_use]
    pub fn new(sdk: &SdkConfig, api_id: &str, stage: &str) -> Self {
        let region = sdk.region().map_or("us-east-1", |region| region.as_ref());
        let endpoint = match sdk.endpoint_url() {
            Some(local) => format!("{}/_aws/execute-api/{api_id}/{stage}", local.trim_end_matches('/')),
            None => format!("https://{api_id}.execute-api.{region}.amazonaws.com/{stage}"),
        };
        let timeouts = TimeoutConfig::builder().operation_timeout(PATIENCE).build();
        let config = aws_sdk_apigatewaymanagement::config::Builder::from(sdk)
            .endpoint_url(endpoint)
            .timeout_config(timeouts)
            // Tried again where what is sent is known, not here.
            .retry_config(RetryConfig::disabled())
            .build();
        Self(aws_sdk_apigatewaymanagement::Client::from_conf(config))
    }
}

#[async_trait]
impl Gateway for ApiGateway {
    async fn post(&self, connection_id: &str, frame: &str) -> Result<(), PostError> {
        count_aws_call();
        let request = self.0.post_to_connection().connection_id(connection_id);
        let sent = request.data(Blob::new(frame)).send().await;
        sent.map(|_| ()).map_err(|error| match error.as_service_error() {
            Some(PostToConnectionError::GoneException(_)) => PostError::Gone,
            Some(PostToConnectionError::LimitExceededException(_)) => PostError::Busy,
            _ => PostError::Failed(error.into()),
        })
    }

    async fn close(&self, connection_id: &str) -> Result<(), PostError> {
        count_aws_call();
        let closed = self.0.delete_connection().connection_id(connection_id).send().await;
        closed.map(|_| ()).map_err(|error| match error.as_service_error() {
            Some(DeleteConnectionError::GoneException(_)) => PostError::Gone,
            Some(DeleteConnectionError::LimitExceededException(_)) => PostError::Busy,
            _ => PostError::Failed(error.into()),
        })
    }
}

/// A queue of jobs.
pub struct JobQueue {
    client: aws_sdk_sqs::Client,
    url: String,
}

impl JobQueue {
    /// Makes the port to the queue at this URL.
    #[must_use]
    pub fn new(sdk: &SdkConfig, url: String) -> Self {
        Self {
            client: aws_sdk_sqs::Client::new(sdk),
            url,
        }
    }
}

#[async_trait]
impl Queue for JobQueue {
    async fn send(&self, jobs: &[Job], delay_seconds: u32) -> Result<(), Failure> {
        for batch in jobs.chunks(BATCH) {
            let mut request = self.client.send_message_batch().queue_url(&self.url);
            for (at, job) in batch.iter().enumerate() {
                let entry = SendMessageBatchRequestEntry::builder()
                    .id(at.to_string())
                    .message_body(serde_json::to_string(job)?)
                    .delay_seconds(i32::try_from(delay_seconds)?)
                    .build()?;
                request = request.entries(entry);
            }
            count_aws_call();
            let answer = request.send().await.map_err(|error| {
                // What a service says of an error is not in its first words.
                format!("the queue takes no jobs: {}", DisplayErrorContext(&error))
            })?;
            if let Some(failed) = answer.failed.first() {
                return Err(format!("the queue refused a job: {}", failed.code).into());
            }
        }
        Ok(())
    }
}
