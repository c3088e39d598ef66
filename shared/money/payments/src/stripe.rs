//! Stripe's API, as much of it as is used: <https://docs.stripe.com/api>.

mod body;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use inventure_table::Secrets;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;

use inventure_core::Money;

use self::body::{
    AccountBody, BackBody, BalanceBody, ErrorBody, EventBody, LinkBody, List, Listed, TransactionBody, TransferBody,
};
use crate::{
    Back, BackOrder, Balance, ConnectedAccount, Fee, Happened, Processor, ProcessorError, Transfer, TransferOrder,
    Window, unit,
};

/// The version of the API that this speaks.
const VERSION: &str = "2025-03-31.basil";

/// The longest time that one call may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Most pages of a list, of a hundred each.
const PAGES_MAX: usize = 1_000;

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

/// An amount as the API takes it, and its currency.
fn written(amount: Money) -> Result<[String; 2], ProcessorError> {
    let units = unit::to_processor(amount).ok_or_else(|| ProcessorError::Declined {
        code: "amount_too_large".to_owned(),
        message: "the amount is beyond what the processor can be asked for".to_owned(),
    })?;
    Ok([units.to_string(), amount.currency.code().to_lowercase()])
}

/// A window as the API takes it.
fn seconds(window: Window) -> [String; 2] {
    [window.from, window.until].map(|moment| moment.as_second().to_string())
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

    /// Reads the key, where it is of the deployment's mode. A test deployment that were given a live key would move real money.
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

    /// All of a list, page by page.
    async fn list<T: DeserializeOwned + Listed>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Vec<T>, ProcessorError> {
        let mut all: Vec<T> = Vec::new();
        for _ in 0..PAGES_MAX {
            let mut request = self.client.get(format!("{}{path}", self.base));
            request = request.query(&[("limit", "100")]).query(query);
            if let Some(last) = all.last() {
                request = request.query(&[("starting_after", last.id())]);
            }
            let page: List<T> = self.send(request).await?;
            let is_last = !page.has_more || page.data.is_empty();
            all.extend(page.data);
            if is_last {
                return Ok(all);
            }
        }
        Err(ProcessorError::Unknown(format!("{path} has no end")))
    }
}

#[async_trait]
impl Processor for Stripe {
    async fn transfer(&self, order: &TransferOrder) -> Result<Transfer, ProcessorError> {
        let [amount, currency] = written(order.amount)?;
        let form = [
            ("amount", amount.as_str()),
            ("currency", &currency),
            ("destination", &order.account),
            ("transfer_group", &order.deal_id),
            ("metadata[payout]", &order.payout_id),
        ];
        let body: TransferBody = self.send(self.post("/v1/transfers", &order.payout_id, &form)).await?;
        body.try_into()
    }

    async fn transfers_of(&self, deal_id: &str) -> Result<Vec<Transfer>, ProcessorError> {
        let list: Vec<TransferBody> = self.list("/v1/transfers", &[("transfer_group", deal_id)]).await?;
        list.into_iter().map(Transfer::try_from).collect()
    }

    async fn reverse(&self, order: &BackOrder) -> Result<Back, ProcessorError> {
        let [amount, _] = written(order.amount)?;
        let form = [("amount", amount.as_str()), ("metadata[order]", &order.id)];
        let path = format!("/v1/transfers/{}/reversals", order.of);
        let body: BackBody = self.send(self.post(&path, &order.id, &form)).await?;
        body.try_into()
    }

    async fn reversals_of(&self, transfer: &str) -> Result<Vec<Back>, ProcessorError> {
        let list: Vec<BackBody> = self.list(&format!("/v1/transfers/{transfer}/reversals"), &[]).await?;
        list.into_iter().map(Back::try_from).collect()
    }

    async fn refund(&self, order: &BackOrder) -> Result<Back, ProcessorError> {
        let [amount, _] = written(order.amount)?;
        let form = [
            ("payment_intent", order.of.as_str()),
            ("amount", &amount),
            ("metadata[order]", &order.id),
        ];
        let body: BackBody = self.send(self.post("/v1/refunds", &order.id, &form)).await?;
        body.try_into()
    }

    async fn refunds_of(&self, payment: &str) -> Result<Vec<Back>, ProcessorError> {
        let list: Vec<BackBody> = self.list("/v1/refunds", &[("payment_intent", payment)]).await?;
        list.into_iter().map(Back::try_from).collect()
    }

    async fn transfers_in(&self, window: Window) -> Result<Vec<Transfer>, ProcessorError> {
        let [from, until] = seconds(window);
        let list: Vec<TransferBody> = self
            .list("/v1/transfers", &[("created[gte]", &from), ("created[lt]", &until)])
            .await?;
        list.into_iter().map(Transfer::try_from).collect()
    }

    async fn events_in(&self, kinds: &[&str], window: Window) -> Result<Vec<Happened>, ProcessorError> {
        let [from, until] = seconds(window);
        let mut query = vec![("created[gte]", from.as_str()), ("created[lt]", &until)];
        query.extend(kinds.iter().map(|kind| ("types[]", *kind)));
        let list: Vec<EventBody> = self.list("/v1/events", &query).await?;
        Ok(list.into_iter().map(Into::into).collect())
    }

    async fn fees_in(&self, window: Window) -> Result<Vec<Fee>, ProcessorError> {
        let [from, until] = seconds(window);
        let query = [("created[gte]", from.as_str()), ("created[lt]", &until)];
        let list: Vec<TransactionBody> = self.list("/v1/balance_transactions", &query).await?;
        list.into_iter().filter_map(|body| body.fee().transpose()).collect()
    }

    async fn balances(&self) -> Result<BTreeMap<String, Balance>, ProcessorError> {
        let body: BalanceBody = self.send(self.client.get(format!("{}/v1/balance", self.base))).await?;
        body.try_into()
    }

    async fn open_account(&self, tenant_id: &str) -> Result<ConnectedAccount, ProcessorError> {
        let form = [
            ("type", "express"),
            ("capabilities[transfers][requested]", "true"),
            ("metadata[tenant]", tenant_id),
        ];
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
            let key = Arc::new(inventure_table::secrets::Known(key.to_owned()));
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
