//! Events on their way to the webhook: signed, and tried again while the answer is not 2xx.

use std::{sync::Arc, thread, time::Duration};

use hmac::{Hmac, Mac, digest::KeyInit};
use sha2::Sha256;

use crate::{App, Webhook, now, world::Delivery};

/// The pause after each try, in milliseconds. Stripe goes on for days; a test does not wait that long.
const PAUSES_MS: [u64; 5] = [100, 300, 1_000, 3_000, 0];
const TIMEOUT: Duration = Duration::from_secs(10);

/// Sends an event from a thread of its own. So nothing waits for it and no event waits for another. Hence, as at Stripe, no order is
/// promised.
pub fn send(app: &Arc<App>, delivery: Delivery) {
    let Some(webhook) = app.options.webhook.clone() else {
        return;
    };
    let app = Arc::clone(app);
    let work = move || {
        thread::sleep(Duration::from_secs(delivery.after_seconds));
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(TIMEOUT))
            // A redirection is no 2xx, and this machine needs no proxy to itself.
            .max_redirects(0)
            .proxy(None)
            .build();
        let agent = ureq::Agent::from(config);
        for pause in PAUSES_MS {
            if app.world().generation() != delivery.generation || post(&agent, &webhook, &delivery.body) {
                return;
            }
            thread::sleep(Duration::from_millis(pause));
        }
        eprintln!("the webhook did not take {}", delivery.event);
    };
    if let Err(error) = thread::Builder::new().name("delivery".to_owned()).spawn(work) {
        eprintln!("an event cannot be sent: {error}");
    }
}

fn post(agent: &ureq::Agent, webhook: &Webhook, body: &str) -> bool {
    let request = agent
        .post(&webhook.url)
        .header("content-type", "application/json; charset=utf-8")
        .header("stripe-signature", sign(&webhook.secret, body, now()));
    request.send(body).is_ok_and(|answer| answer.status().is_success())
}

/// `t=<second>,v1=<hmac>`, HMAC-SHA256 under the secret over `<second>.<body>`.
fn sign(secret: &str, body: &str, second: i64) -> String {
    // Cannot fail: HMAC takes keys of every length.
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(format!("{second}.{body}").as_bytes());
    format!("t={second},v1={}", hex::encode(mac.finalize().into_bytes()))
}
