//! Stripe's API, as much of it as is used: <https://docs.stripe.com/api>.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use inventure_store::Secrets;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{ConnectedAccount, Processor, ProcessorError, Transfer, TransferOrder};

/// The version of the API that this speaks.
const VERSION: &str = "2025-03-31.basil";

/// How long one call may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A key that is none, or of the other mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the processor's key is not a secret key of the mode that this deployment is in")]
pub struct WrongKey;

/// Stripe, or what stands in for it on the local stack.
pub struct Stripe {
    client: Client,
    base: String,
    key: Arc<dyn Secrets>,
    live: bool,
}

#[derive(Deserialize)]
struct ErrorBody {
    error: ErrorDetail,
}

#[derive(Deserialize)]
struct ErrorDetail {
    code: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    message: Option<String>,
}

#[derive(Deserialize)]
struct TransferBody {
    id: String,
    amount: i64,
    currency: String,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Default, Deserialize)]
struct Metadata {
    payout: Option<String>,
}

#[derive(Deserialize)]
struct List<T> {
    data: Vec<T>,
}

#[derive(Deserialize)]
struct AccountBody {
    id: String,
    #[serde(default)]
    payouts_enabled: bool,
    #[serde(default)]
    details_submitted: bool,
}

#[derive(Deserialize)]
struct LinkBody {
    url: String,
}

impl From<TransferBody> for Transfer {
    fn from(body: TransferBody) -> Self {
        Self {
            id: body.id,
            payout_id: body.metadata.payout,
            minor_units: body.amount,
            currency: body.currency,
        }
    }
}

impl From<AccountBody> for ConnectedAccount {
    fn from(body: AccountBody) -> Self {
        Self {
            is_ready: body.payouts_enabled && body.details_submitted,
            id: body.id,
        }
    }
}

fn unknown(error: impl std::error::Error) -> ProcessorError {
    // Without its address: that may hold an id of somebody's.
    ProcessorError::Unknown(
        error
            .to_string()
            .split(" for url")
            .next()
            .unwrap_or_default()
            .to_owned(),
    )
}

impl Stripe {
    /// A client at this address, with this key and in this mode.
    pub fn new(base: &str, key: Arc<dyn Secrets>, live: bool) -> Result<Self, reqwest::Error> {
        Ok(Self {
            client: Client::builder().timeout(TIMEOUT).build()?,
            base: base.trim_end_matches('/').to_owned(),
            key,
            live,
        })
    }

    /// The key, where it is of the deployment's mode: a test deployment that were given a live key would move real money.
    async fn key(&self) -> Result<String, ProcessorError> {
        let key = self.key.read().await.map_err(unknown)?;
        let mode = if self.live { "_live_" } else { "_test_" };
        if ["sk", "rk"]
            .iter()
            .any(|kind| key.starts_with(&format!("{kind}{mode}")))
        {
            Ok(key)
        } else {
            Err(unknown(WrongKey))
        }
    }

    async fn send<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, ProcessorError> {
        let key = self.key().await?;
        let request = request.bearer_auth(key).header("stripe-version", VERSION);
        let answer = request.send().await.map_err(unknown)?;
        let status = answer.status();
        let text = answer.text().await.map_err(unknown)?;
        if status.is_success() {
            return serde_json::from_str(&text).map_err(unknown);
        }
        // In progress elsewhere, too many, or broken: none of them says that it did not happen.
        let unsure = matches!(status, StatusCode::CONFLICT | StatusCode::TOO_MANY_REQUESTS) || status.is_server_error();
        match serde_json::from_str::<ErrorBody>(&text) {
            Ok(ErrorBody { error }) if !unsure => Err(ProcessorError::Declined {
                code: error.code.or(error.kind).unwrap_or_default(),
                message: error.message.unwrap_or_default(),
            }),
            _ => Err(ProcessorError::Unknown(status.to_string())),
        }
    }

    fn post(&self, path: &str, key: &str, form: &[(&str, &str)]) -> RequestBuilder {
        let request = self.client.post(format!("{}{path}", self.base));
        request.header("idempotency-key", key).form(form)
    }
}

#[async_trait]
impl Processor for Stripe {
    async fn transfer(&self, order: &TransferOrder) -> Result<Transfer, ProcessorError> {
        let (amount, currency) = (
            order.amount.minor_units.to_string(),
            order.amount.currency.to_string().to_lowercase(),
        );
        let form = [
            ("amount", amount.as_str()),
            ("currency", &currency),
            ("destination", &order.account),
            ("transfer_group", &order.deal_id),
            ("metadata[payout]", &order.payout_id),
        ];
        let body: TransferBody = self.send(self.post("/v1/transfers", &order.payout_id, &form)).await?;
        Ok(body.into())
    }

    async fn transfers_of(&self, deal_id: &str) -> Result<Vec<Transfer>, ProcessorError> {
        let request = self.client.get(format!("{}/v1/transfers", self.base));
        let list: List<TransferBody> = self
            .send(request.query(&[("transfer_group", deal_id), ("limit", "100")]))
            .await?;
        Ok(list.data.into_iter().map(Into::into).collect())
    }

    async fn open_account(&self, tenant_id: &str) -> Result<ConnectedAccount, ProcessorError> {
        let form = [("type", "express"), ("metadata[tenant]", tenant_id)];
        let key = format!("account:{tenant_id}");
        let body: AccountBody = self.send(self.post("/v1/accounts", &key, &form)).await?;
        Ok(body.into())
    }

    async fn account(&self, id: &str) -> Result<ConnectedAccount, ProcessorError> {
        let request = self.client.get(format!("{}/v1/accounts/{id}", self.base));
        let body: AccountBody = self.send(request).await?;
        Ok(body.into())
    }

    async fn onboarding_link(&self, account: &str, return_url: &str) -> Result<String, ProcessorError> {
        let form = [
            ("account", account),
            ("type", "account_onboarding"),
            ("return_url", return_url),
            ("refresh_url", return_url),
        ];
        // A link is used once, so each is made anew and needs no key.
        let request = self.client.post(format!("{}/v1/account_links", self.base)).form(&form);
        let body: LinkBody = self.send(request).await?;
        Ok(body.url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_key_of_the_other_mode_is_not_sent() {
        let with = async |key: &str, live| {
            let key = Arc::new(inventure_store::secrets::Known(key.to_owned()));
            Stripe::new("http://127.0.0.1:1", key, live)
                .unwrap()
                .key()
                .await
                .is_ok()
        };
        assert!(with("sk_test_1", false).await && with("rk_test_1", false).await && with("sk_live_1", true).await);
        for (key, live) in [
            ("sk_live_1", false),
            ("sk_test_1", true),
            ("pk_test_1", false),
            ("", false),
        ] {
            assert!(!with(key, live).await, "{key} {live}");
        }
    }
}
