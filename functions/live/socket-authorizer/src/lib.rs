//! Decides on new connections. A client may connect with a ticket that nobody has used, from a page of ours or from no page.
//!
//! A browser sends the page's origin with the handshake and cannot be made not to; so a page of somebody else's cannot ride on a person's
//! sign-in. A program sends none.

use inventure_api::batch::Failure;
use inventure_people::records::secret_hash;
use inventure_rooms::records::SocketTicket;
use inventure_table::{Change, Commit, Condition, Store};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The authorizer of the handshake.
pub struct Authorizer {
    connections: Store,
    origins: Vec<String>,
}

impl Authorizer {
    /// An authorizer that knows the tickets in this table and these origins of pages, separated by commas; `*` for any.
    #[must_use]
    pub fn new(connections: Store, origins: &str) -> Self {
        let origins = origins.split(',').map(|origin| origin.trim().to_owned());
        Self {
            connections,
            origins: origins.filter(|origin| !origin.is_empty()).collect(),
        }
    }

    /// Answers a handshake with a policy.
    pub async fn handle(&self, event: &Value, now: Timestamp) -> Result<Value, Failure> {
        let arn = event["methodArn"].as_str().unwrap_or_default();
        match self.ticket(event, now).await? {
            Ok(ticket) => Ok(policy(arn, "Allow", Some(&ticket))),
            Err(why) => {
                tracing::info!(why, "handshake.refused");
                Ok(policy(arn, "Deny", None))
            }
        }
    }

    async fn ticket(&self, event: &Value, now: Timestamp) -> Result<Result<SocketTicket, &'static str>, Failure> {
        let header = |wanted: &str| {
            let headers = event["headers"].as_object()?;
            let found = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
            found.1.as_str()
        };
        let ours = |origin: &str| self.origins.iter().any(|known| known == "*" || known == origin);
        if header("origin").is_some_and(|origin| !ours(origin)) {
            return Ok(Err("an origin that is not ours"));
        }
        let Some(secret) = event["queryStringParameters"]["ticket"].as_str() else {
            return Ok(Err("no ticket"));
        };
        let key = SocketTicket::key_of(&secret_hash(secret));
        let Some(ticket) = self.connections.get::<SocketTicket>(&key).await? else {
            return Ok(Err("no such ticket, or it is used"));
        };
        if ticket.expires_at <= now.as_second() || ticket.session_ends_at <= now.as_second() {
            return Ok(Err("a ticket that is over"));
        }
        // Of two who use it at once one wins.
        let used = Change::new().delete(key, Condition::Version(SocketTicket::VERSION));
        match self.connections.commit(used).await? {
            Commit::Done => Ok(Ok(ticket)),
            _ => Ok(Err("a ticket that is used")),
        }
    }
}

/// Returns the answer that API Gateway asks of an authorizer. It is a decision, and what every frame of the connection
/// carries from then on.
fn policy(arn: &str, effect: &str, ticket: Option<&SocketTicket>) -> Value {
    let mut policy = json!({
        "principalId": ticket.map_or_else(|| "nobody".to_owned(), |ticket| ticket.member_id.to_string()),
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [{ "Action": "execute-api:Invoke", "Effect": effect, "Resource": arn }],
        },
    });
    if let Some(ticket) = ticket {
        policy["context"] = json!({
            "subject": ticket.subject, "member_id": ticket.member_id, "tenant_id": ticket.tenant_id,
            "session_ends_at": ticket.session_ends_at.to_string(),
        });
    }
    policy
}
