//! Names of tenants: nobody takes one that looks like another's.

use inventure_api::Problem;
use inventure_people::records::{Tenant, TenantKind, TenantName, secret_hash};
use inventure_table::{Change, Commit, Condition, Record, Store};
use unicode_security::MixedScript;

/// The platform's own name, which no tenant may have in its own.
const PLATFORM: &str = "inventure";

/// Reduces a name to its visual skeleton (Unicode's UTS 39). The skeleton has letters and digits as the eye takes them,
/// without case, spaces and signs.
fn skeleton(name: &str) -> String {
    let seen = |text: &str| -> String {
        unicode_security::skeleton(text)
            .filter(|c| c.is_alphanumeric())
            .collect()
    };
    // Twice: the lower case of a letter may look like another letter than the letter does. A great I looks like an l, so a small one has to.
    seen(&seen(name).to_lowercase()).replace('i', "l")
}

/// Hashes a name's skeleton to a key. A name of signs alone is its own skeleton.
pub fn skeleton_key(name: &str) -> String {
    let skeleton = skeleton(name);
    secret_hash(if skeleton.is_empty() { name.trim() } else { &skeleton })
}

/// Refuses the platform's own name, one that looks like another tenant's, and words of mixed scripts.
pub async fn check(store: &Store, name: &str, of: Option<&Tenant>) -> Result<(), Problem> {
    if !name.split_whitespace().all(MixedScript::is_single_script) {
        return Err(Problem::field("name", "a word has letters of more than one script"));
    }
    let platforms = of.is_some_and(|tenant| tenant.kind == TenantKind::Network);
    if skeleton(name).contains(&skeleton(PLATFORM)) && !platforms {
        return Err(Problem::field("name", "is the platform's own name, or looks like it"));
    }
    let taken: Option<TenantName> = store.get(&TenantName::key_of(&skeleton_key(name))).await?;
    match taken {
        Some(taken) if of.is_none_or(|tenant| tenant.tenant_id != taken.tenant_id) => Err(is_taken()),
        _ => Ok(()),
    }
}

/// The error for a name already taken.
fn is_taken() -> Problem {
    Problem::field("name", "another tenant has this name, or one that looks like it")
}

/// Takes the tenant's name for it, and lets go of the one before.
pub async fn take(store: &Store, change: Change, tenant: &Tenant, before: Option<&str>) -> Result<Change, Problem> {
    let Some(name_skeleton) = tenant.name_skeleton.as_deref().filter(|own| before != Some(*own)) else {
        return Ok(change);
    };
    let name = TenantName {
        name_skeleton: name_skeleton.to_owned(),
        tenant_id: tenant.tenant_id,
    };
    let own = |known: &TenantName| known.tenant_id == tenant.tenant_id;
    let mut change = change;
    if let Some(before) = before {
        let known: Option<TenantName> = store.get(&TenantName::key_of(before)).await?;
        if let Some(known) = known.filter(own) {
            change = change.delete(known.key(), Condition::None);
        }
    }
    // The tenant's own may be there already, from a rename that was tried before.
    let known: Option<TenantName> = store.get(&name.key()).await?;
    Ok(if known.as_ref().is_some_and(own) {
        change
    } else {
        change.insert(&name)
    })
}

/// The tenant with its name taken for it, where it was set up before names were. Of two with names that look the same the first to come has
/// it; the other keeps its own, too.
pub async fn kept(store: &Store, tenant: Tenant) -> Result<Tenant, Problem> {
    if tenant.name_skeleton.is_some() {
        return Ok(tenant);
    }
    let after = Tenant {
        name_skeleton: Some(skeleton_key(&tenant.name)),
        version: tenant.version + 1,
        ..tenant.clone()
    };
    let change = Change::new().update(&after, tenant.version);
    let taken: Option<TenantName> = store.get(&TenantName::key_of(&skeleton_key(&tenant.name))).await?;
    let change = match taken {
        Some(_) => change,
        None => take(store, change, &after, None).await?,
    };
    match store.commit(change).await? {
        Commit::Done => Ok(after),
        // Changed by others just now: the next time will do.
        _ => Ok(tenant),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_the_same_have_one_skeleton() {
        for (one, other) in [
            ("Northbank", "NORTHBANK"),
            ("Northbank", "North Bank"),
            ("Northbank", "North-bank!"),
            ("Northbank", "N\u{043E}rthb\u{0430}nk"),
            ("Northbank", "\u{FF2E}orthbank"),
            ("Illy", "lIly"),
            ("Inventure", "inventure"),
            ("Inventure", "lnventure"),
            ("Modern", "Modem"),
        ] {
            let same = skeleton_key(one) == skeleton_key(other);
            assert!(
                same,
                "{one:?} and {other:?}: {:?} and {:?}",
                skeleton(one),
                skeleton(other)
            );
        }
        assert_ne!(skeleton_key("Northbank"), skeleton_key("Southbank"));
        assert_ne!(skeleton_key("李"), skeleton_key("明"));
        assert_ne!(skeleton_key("&"), skeleton_key("+"));
    }
}
