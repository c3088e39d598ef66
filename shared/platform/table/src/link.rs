//! Download links: a browser fetches one file straight from the bucket, for a few minutes.

use aws_config::SdkConfig;
use aws_sdk_s3::presigning::PresigningConfig;
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{aws::s3_client, table::StoreError, usage::count_aws_call};

/// The time for which a download link may be used.
const VALID_FOR: SignedDuration = SignedDuration::from_mins(5);

/// A signed link. Its holder can fetch the file until it expires, so it is made anew for each reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DownloadLink {
    /// The address of the file.
    pub url: String,
    /// The time after which the bucket refuses the link.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

/// Signs links to one bucket with the function's own rights: a link shows nothing that the function could not read.
#[derive(Clone)]
pub struct LinkSigner {
    client: aws_sdk_s3::Client,
    bucket: String,
}

impl LinkSigner {
    /// A signer for the bucket of this name.
    #[must_use]
    pub fn new(config: &SdkConfig, bucket: String) -> Self {
        Self {
            client: s3_client(config),
            bucket,
        }
    }

    /// Signs a link to one object. A browser saves it under this name and never shows it as a page: it is a stranger's file.
    pub async fn sign(
        &self,
        key: &str,
        file_name: &str,
        media_type: &str,
        now: Timestamp,
    ) -> Result<DownloadLink, StoreError> {
        let unavailable = |error: aws_sdk_s3::presigning::PresigningConfigError| StoreError::Unavailable(error.into());
        let presigning = PresigningConfig::builder()
            .start_time(now.into())
            .expires_in(VALID_FOR.unsigned_abs())
            .build()
            .map_err(unavailable)?;
        count_aws_call();
        let request = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key)
            .response_content_type(media_type)
            .response_content_disposition(attachment(file_name))
            .presigned(presigning)
            .await
            .map_err(|error| StoreError::Unavailable(error.into()))?;
        Ok(DownloadLink {
            url: request.uri().to_owned(),
            expires_at: now.saturating_add(VALID_FOR).unwrap_or(Timestamp::MAX),
        })
    }
}

/// The signs that are escaped in a name: all but letters, digits and three.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

/// A header that saves a file under this name (RFC 6266, RFC 8187).
fn attachment(file_name: &str) -> String {
    let name = utf8_percent_encode(file_name, ESCAPED);
    format!("attachment; filename*=UTF-8''{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_break_out_of_its_header() {
        assert_eq!(attachment("a b.pdf"), "attachment; filename*=UTF-8''a%20b.pdf");
        assert_eq!(
            attachment("\"x\"; é\r\n"),
            "attachment; filename*=UTF-8''%22x%22%3B%20%C3%A9%0D%0A"
        );
    }
}
