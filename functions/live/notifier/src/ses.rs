//! Mail by SES.

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_sesv2::{
    error::ProvideErrorMetadata,
    operation::send_email::SendEmailError,
    types::{Body, Content, Destination, EmailContent, Message, MessageHeader},
};
use inventure_table::usage::count_aws_call;

use crate::{Mail, Mailer, NotSent};

/// The name beside the sender's address.
const SENDER: &str = "Inventure";

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
    async fn send(&self, mail: &Mail) -> Result<(), NotSent> {
        if self.from.is_empty() {
            tracing::warn!("no sender's address is set; the mail is not sent");
            return Ok(());
        }
        let content = |text: &str| {
            let content = Content::builder().data(text).charset("UTF-8").build();
            content.map_err(|_| NotSent::Refused("Content".to_owned()))
        };
        let message = Message::builder()
            .subject(content(&mail.subject)?)
            .body(
                Body::builder()
                    .text(content(&mail.text)?)
                    .html(content(&mail.html)?)
                    .build(),
            )
            .set_headers(headers(mail.unsubscribe.as_deref())?)
            .build();
        count_aws_call();
        let sent = self
            .client
            .send_email()
            .from_email_address(sender(&self.from))
            .destination(Destination::builder().to_addresses(&mail.to).build())
            .content(EmailContent::builder().simple(message).build())
            .send()
            .await;
        sent.map(|_| ()).map_err(|error| not_sent(error.as_service_error()))
    }
}

/// The sender with its name, as a mail program shows it.
fn sender(address: &str) -> String {
    format!("{SENDER} <{address}>")
}

/// Builds the one-click unsubscribe headers (RFC 8058).
fn headers(unsubscribe: Option<&str>) -> Result<Option<Vec<MessageHeader>>, NotSent> {
    let Some(url) = unsubscribe else { return Ok(None) };
    let header = |name: &str, value: String| {
        let header = MessageHeader::builder().name(name).value(value).build();
        header.map_err(|_| NotSent::Refused("Header".to_owned()))
    };
    Ok(Some(vec![
        header("List-Unsubscribe", format!("<{url}>"))?,
        header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned())?,
    ]))
}

/// Classifies an SES error, keeping its code alone.
fn not_sent(error: Option<&SendEmailError>) -> NotSent {
    let Some(error) = error else { return NotSent::NoAnswer };
    let code = error.code().unwrap_or("none").to_owned();
    // SES says so of our own address too, until it is verified, and in its sandbox of everybody's.
    let unverified = error.message().is_some_and(|said| said.contains("not verified"));
    match error {
        SendEmailError::MessageRejected(_) if unverified => NotSent::NotTaken(code),
        SendEmailError::MessageRejected(_) | SendEmailError::BadRequestException(_) => NotSent::Refused(code),
        // What is wrong with the account or the sender is not the receiver's fault.
        _ => NotSent::NotTaken(code),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_sesv2::{
        error::ErrorMetadata,
        types::error::{BadRequestException, MailFromDomainNotVerifiedException, MessageRejected},
    };

    use super::*;

    #[test]
    fn only_what_is_wrong_with_the_mail_is_refused_for_good() {
        let meta = |code: &str| {
            let meta = ErrorMetadata::builder().code(code);
            meta.message("Address nobody@example.com is not valid").build()
        };
        let rejected = MessageRejected::builder().meta(meta("MessageRejected")).build();
        let refused = not_sent(Some(&SendEmailError::MessageRejected(rejected)));
        assert_eq!(refused, NotSent::Refused("MessageRejected".into()));
        assert_eq!(refused.to_string(), "the mail is refused: MessageRejected");
        let said = "Email address is not verified. The following identities failed the check: no-reply@example.com";
        let pending = ErrorMetadata::builder().code("MessageRejected").message(said).build();
        let pending = MessageRejected::builder().meta(pending).build();
        let later = not_sent(Some(&SendEmailError::MessageRejected(pending)));
        assert_eq!(later, NotSent::NotTaken("MessageRejected".into()));
        let bad = BadRequestException::builder().meta(meta("BadRequestException")).build();
        let refused = not_sent(Some(&SendEmailError::BadRequestException(bad)));
        assert_eq!(refused, NotSent::Refused("BadRequestException".into()));
        let ours = MailFromDomainNotVerifiedException::builder().build();
        let later = not_sent(Some(&SendEmailError::MailFromDomainNotVerifiedException(ours)));
        assert_eq!(later, NotSent::NotTaken("none".into()));
        assert_eq!(not_sent(None), NotSent::NoAnswer);
    }

    #[test]
    fn a_mail_says_who_sends_it() {
        assert_eq!(sender("no-reply@example.com"), "Inventure <no-reply@example.com>");
    }

    #[test]
    fn optional_mail_says_how_one_click_ends_it() {
        assert_eq!(headers(None).unwrap(), None);
        let headers = headers(Some("https://x.example/unsubscribe?a=1")).unwrap().unwrap();
        let pairs: Vec<(&str, &str)> = headers.iter().map(|header| (header.name(), header.value())).collect();
        let ends = ("List-Unsubscribe", "<https://x.example/unsubscribe?a=1>");
        assert_eq!(pairs, [ends, ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")]);
    }
}
