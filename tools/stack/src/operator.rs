//! Invites the people that run the platform, as anybody may who can write to the table. No route can.

use std::{fs::File, io::Read};

use anyhow::{Result, ensure};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::{
    aws::Aws,
    tools::{hash, hex},
};

/// The network's own tenant, `Tenant::NETWORK` of `shared/platform/table`.
const NETWORK: &str = "ten_00000000000070008000000000000001";

/// The time for which the invitation is good.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(24);

/// Writes the invitation, and the network's tenant where it is not there yet. Returns the token that accepts it.
pub fn invite(aws: &Aws, table: &str, email: &str) -> Result<String> {
    ensure!(email.contains('@'), "{email} is no mail address");
    let now = Timestamp::now();
    let mut secret = [0; 32];
    File::open("/dev/urandom")?.read_exact(&mut secret)?;
    let token = hex(&secret);
    let hash = hash(token.as_bytes());
    let tenant = item(&json!({
        "pk": format!("TENANT#{NETWORK}"), "sk": "TENANT", "entity": "tenant", "tenant_id": NETWORK, "kind": "network",
        "name": "Network", "version": 1, "created_at": now.to_string(),
    }));
    let invitation = item(&json!({
        "pk": format!("INVITATION#{hash}"), "sk": "INVITATION", "entity": "invitation", "gsi1pk": format!("INVITATIONS#{NETWORK}"),
        "gsi1sk": hash, "invitation_id": hash, "tenant_id": NETWORK, "email": email.to_lowercase(), "role": "operator",
        "invited_by": "mem_00000000000070008000000000000001", "created_at": now.to_string(),
        "expires_at": (now + GOOD_FOR).as_second(), "version": 1,
    }));
    // Twice the same tenant is the same: nothing of it changes.
    for item in [tenant, invitation] {
        aws.call([
            "dynamodb",
            "put-item",
            "--table-name",
            table,
            "--item",
            &item.to_string(),
        ])?;
    }
    Ok(token)
}

/// An item as the table's API writes it.
fn item(flat: &Value) -> Value {
    let typed = |value: &Value| match value {
        Value::Number(number) => json!({ "N": number.to_string() }),
        other => json!({ "S": other }),
    };
    let fields = flat.as_object().into_iter().flatten();
    fields.map(|(name, value)| (name.clone(), typed(value))).collect()
}
