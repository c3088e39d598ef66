//! `expand`: the object in place of its id.

use serde_json::Value;

use super::World;
use crate::{error::ApiError, objects::value};

/// Stripe's bound on how deep it expands.
const DEPTH_MAX: usize = 4;

impl World {
    /// An answer with the objects that were asked for in place of their ids.
    pub(super) fn expanded(&self, mut answer: Value, paths: &[String]) -> Result<Value, ApiError> {
        for path in paths {
            let steps: Vec<&str> = path.split('.').collect();
            let refused = |message: String| ApiError::parameter(None, "expand", message);
            if steps.len() > DEPTH_MAX {
                return Err(refused(format!(
                    "You cannot expand more than {DEPTH_MAX} levels: {path}."
                )));
            }
            self.expand(&mut answer, &steps)
                .ok_or_else(|| refused(format!("This property cannot be expanded ({path}).")))?;
        }
        Ok(answer)
    }

    fn expand(&self, within: &mut Value, steps: &[&str]) -> Option<()> {
        let Some((step, rest)) = steps.split_first() else {
            return Some(());
        };
        if let Value::Array(all) = within {
            return all.iter_mut().try_for_each(|each| self.expand(each, steps));
        }
        let inner = within.get_mut(*step)?;
        match inner {
            Value::Null => return Some(()),
            Value::String(id) => *inner = self.object(id)?,
            Value::Object(_) | Value::Array(_) => {}
            _ => return None,
        }
        self.expand(inner, rest)
    }

    /// An object by its id.
    fn object(&self, id: &str) -> Option<Value> {
        match id.split_once('_')?.0 {
            "acct" => self.accounts.get(id).map(value),
            "ch" => self.charge(id).map(value),
            "dp" => self.disputes.iter().find(|known| known.id == id).map(value),
            "pi" => self.payment(id).map(value),
            "po" => self
                .payouts
                .iter()
                .find(|(_, known)| known.id == id)
                .map(|(_, known)| value(known)),
            "re" => self.refunds.iter().find(|known| known.id == id).map(value),
            "tr" => self.transfers.iter().find(|known| known.id == id).map(value),
            "trr" => self.reversals.iter().find(|known| known.id == id).map(value),
            "tu" => self.topups.iter().find(|known| known.id == id).map(value),
            "txn" => self.balance_transaction(id),
            _ => None,
        }
    }
}
