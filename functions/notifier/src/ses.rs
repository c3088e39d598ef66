//! Mail by SES.

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message};
use inventure_lambda::{batch::Failure, metrics::count_aws_call};

use crate::{Mail, Mailer};

/// Sends by SES from one address; without one it sends nothing.
pub struct Ses {
    client: aws_sdk_sesv2::Client,
    from: String,
}

impl Ses {
    /// A sender from this address; from none where it is empty.
    #[must_use]
    pub fn new(sdk: &SdkConfig, from: String) -> Self {
        Self {
            client: aws_sdk_sesv2::Client::new(sdk),
            from,
        }
    }
}

#[async_trait]
impl Mailer for Ses {
    async fn send(&self, mail: &Mail) -> Result<(), Failure> {
        if self.from.is_empty() {
            tracing::warn!("no sender's address is set; the mail is not sent");
            return Ok(());
        }
        let content = |text: &str| Content::builder().data(text).charset("UTF-8").build();
        let message = Message::builder()
            .subject(content(&mail.subject)?)
            .body(Body::builder().text(content(&mail.text)?).build())
            .build();
        count_aws_call();
        self.client
            .send_email()
            .from_email_address(&self.from)
            .destination(Destination::builder().to_addresses(&mail.to).build())
            .content(EmailContent::builder().simple(message).build())
            .send()
            .await?;
        Ok(())
    }
}
