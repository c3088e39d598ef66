//! Connected accounts and the links to their onboarding.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{World, events::EventType};
use crate::{
    error::ApiError,
    objects::{Account, Link, id, value},
    params::Params,
};

/// The time for which an account link works, in seconds.
const LINK_SECONDS: i64 = 300;

impl World {
    pub(super) fn create_account(&mut self, mut params: Params, at: i64) -> Result<Value, ApiError> {
        let requested = params.group("capabilities");
        let named = requested.iter().filter(|(_, requested)| *requested == "true");
        let mut capabilities: BTreeMap<String, &str> = named
            .filter_map(|(name, _)| Some((name.strip_suffix("][requested")?.to_owned(), "inactive")))
            .collect();
        if capabilities.is_empty() {
            // What a platform of this kind has in its settings.
            capabilities.insert("transfers".to_owned(), "inactive");
        }
        // Taken and not kept: nothing here depends on them.
        for group in ["business_profile", "controller", "settings"] {
            params.group(group);
        }
        let account = Account {
            id: id("acct"),
            object: "account",
            business_type: params.take("business_type"),
            capabilities,
            charges_enabled: false,
            country: params.take("country").unwrap_or_else(|| "US".to_owned()),
            created: at,
            default_currency: params.take("default_currency"),
            details_submitted: false,
            email: params.take("email"),
            metadata: params.metadata()?,
            payouts_enabled: false,
            requirements: Account::requirements_open(),
            kind: params.take("type").unwrap_or_else(|| "standard".to_owned()),
        };
        params.finish()?;
        let shown = value(&account);
        self.accounts.insert(account.id.clone(), account);
        Ok(shown)
    }

    pub(super) fn read_account(&self, account: &str, params: Params) -> Result<Value, ApiError> {
        params.finish()?;
        let found = self.accounts.get(account).map(value);
        found.ok_or_else(|| ApiError::not_connected(account))
    }

    pub(super) fn create_link(&mut self, mut params: Params, at: i64, own_url: &str) -> Result<Value, ApiError> {
        let account = params.required("account")?;
        let kind = params.required("type")?;
        if !matches!(kind.as_str(), "account_onboarding" | "account_update") {
            let message = "Invalid type: must be one of account_onboarding or account_update";
            return Err(ApiError::parameter(None, "type", message));
        }
        params.required("refresh_url")?;
        let return_url = params.required("return_url")?;
        params.finish()?;
        if !self.accounts.contains_key(&account) {
            return Err(ApiError::missing("account", &account, "account"));
        }
        let (link, expires_at) = (id("link"), at + LINK_SECONDS);
        let url = format!("{own_url}/onboarding/{link}");
        self.links.insert(
            link,
            Link {
                account,
                expires_at,
                return_url,
            },
        );
        Ok(json!({"object": "account_link", "created": at, "expires_at": expires_at, "url": url}))
    }

    /// Restricts an account as Stripe does, or takes that back: transfers reach it no longer, or again.
    pub fn restrict(&mut self, account: &str, is_restricted: bool, at: i64) -> Result<Value, ApiError> {
        let known = self.accounts.get_mut(account);
        let known = known.ok_or_else(|| ApiError::missing("account", account, "account"))?;
        let status = if is_restricted { "inactive" } else { "active" };
        known.capabilities.insert("transfers".to_owned(), status);
        let shown = value(known);
        self.emit(EventType::AccountUpdated, Some(account.to_owned()), &shown, at);
        Ok(shown)
    }

    /// Completes the onboarding of an account's holder. Returns whose it was and where Stripe would send them. `None` for a link that
    /// is unknown, used or too old.
    pub fn onboard(&mut self, link: &str, at: i64) -> Option<(String, String)> {
        let link = self.links.remove(link).filter(|link| at < link.expires_at)?;
        let account = self.accounts.get_mut(&link.account)?;
        account.complete();
        let shown = value(account);
        self.emit(EventType::AccountUpdated, Some(link.account.clone()), &shown, at);
        Some((link.account, link.return_url))
    }
}
