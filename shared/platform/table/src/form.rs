//! Upload forms. A browser posts a file straight to the bucket with fields that we signed, and the bucket holds it to them.

use std::{collections::BTreeMap, time::SystemTime};

use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::{table::StoreError, usage::count_aws_call};

/// The time for which an upload form may be used.
pub const VALID_FOR: SignedDuration = SignedDuration::from_mins(15);

/// A signed form. Post it as `multipart/form-data` with the file last, in a field named `file`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UploadForm {
    /// The address to post the form to.
    pub url: String,
    /// The fields to send in front of the file, unchanged.
    pub fields: BTreeMap<String, String>,
    /// The time after which the bucket refuses the form.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

/// Signs forms for one bucket with the function's own rights: a form can do nothing that the function could not.
#[derive(Clone)]
pub struct FormSigner {
    config: SdkConfig,
    bucket: String,
}

impl FormSigner {
    /// A signer for the bucket of this name.
    #[must_use]
    pub fn new(config: &SdkConfig, bucket: String) -> Self {
        Self {
            config: config.clone(),
            bucket,
        }
    }

    /// A form for one object of one media type and at most `max_bytes`.
    pub async fn sign(
        &self,
        key: &str,
        media_type: &str,
        max_bytes: u64,
        now: Timestamp,
    ) -> Result<UploadForm, StoreError> {
        let unavailable = |message: &str| StoreError::Unavailable(message.into());
        let region = self
            .config
            .region()
            .ok_or_else(|| unavailable("no region is set"))?
            .to_string();
        let provider = self
            .config
            .credentials_provider()
            .ok_or_else(|| unavailable("no credentials are set"))?;
        count_aws_call();
        let credentials = provider
            .provide_credentials()
            .await
            .map_err(|error| StoreError::Unavailable(error.into()))?;
        let url = match self.config.endpoint_url() {
            Some(local) => format!("{}/{}", local.trim_end_matches('/'), self.bucket),
            None => format!("https://{}.s3.{region}.amazonaws.com/", self.bucket),
        };
        let expires_at = now.saturating_add(VALID_FOR).unwrap_or(Timestamp::MAX);
        let utc = now.to_zoned(TimeZone::UTC);
        let date = utc.strftime("%Y%m%d").to_string();
        let mut fields = BTreeMap::from([
            ("key".to_owned(), key.to_owned()),
            ("Content-Type".to_owned(), media_type.to_owned()),
            ("x-amz-algorithm".to_owned(), "AWS4-HMAC-SHA256".to_owned()),
            (
                "x-amz-credential".to_owned(),
                format!("{}/{date}/{region}/s3/aws4_request", credentials.access_key_id()),
            ),
            ("x-amz-date".to_owned(), utc.strftime("%Y%m%dT%H%M%SZ").to_string()),
        ]);
        if let Some(token) = credentials.session_token() {
            fields.insert("x-amz-security-token".to_owned(), token.to_owned());
        }
        let policy = STANDARD.encode(policy(&self.bucket, &fields, max_bytes, expires_at).to_string());
        let secret = credentials.secret_access_key();
        let signing_key = generate_signing_key(secret, SystemTime::from(now), &region, "s3");
        fields.insert(
            "x-amz-signature".to_owned(),
            calculate_signature(signing_key, policy.as_bytes()),
        );
        fields.insert("policy".to_owned(), policy);
        Ok(UploadForm {
            url,
            fields,
            expires_at,
        })
    }
}

/// Returns the policy that the bucket checks: every field as it was signed, and the size of the file.
fn policy(bucket: &str, fields: &BTreeMap<String, String>, max_bytes: u64, expires_at: Timestamp) -> serde_json::Value {
    let mut conditions = vec![
        json!({ "bucket": bucket }),
        json!(["content-length-range", 1, max_bytes]),
    ];
    conditions.extend(
        fields
            .iter()
            .map(|(name, value)| json!(["eq", format!("${name}"), value])),
    );
    let expiration = expires_at
        .to_zoned(TimeZone::UTC)
        .strftime("%Y-%m-%dT%H:%M:%SZ")
        .to_string();
    json!({ "expiration": expiration, "conditions": conditions })
}
