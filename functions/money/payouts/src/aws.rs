//! The queue of payouts on SQS.

use async_trait::async_trait;
use inventure_api::batch::Failure;
use inventure_table::usage::count_aws_call;

use crate::Queue;

/// An SQS queue.
pub struct Sqs {
    client: aws_sdk_sqs::Client,
    url: String,
}

impl Sqs {
    /// The queue at this address.
    #[must_use]
    pub fn new(sdk: &aws_config::SdkConfig, url: String) -> Self {
        Self {
            client: aws_sdk_sqs::Client::new(sdk),
            url,
        }
    }
}

#[async_trait]
impl Queue for Sqs {
    async fn send(&self, body: String) -> Result<(), Failure> {
        count_aws_call();
        let message = self.client.send_message().queue_url(&self.url).message_body(body);
        message.send().await?;
        Ok(())
    }
}
