use std::{fmt, str::FromStr};

use inventure_core::MemberId;
use openmls::prelude::{BasicCredential, Credential};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The name of a device: its member and its id. It is the identity in the device's credential, as the text `<member id>/<uuid>`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DeviceName {
    /// The member that the device belongs to.
    pub member: MemberId,
    /// The id of the device, among the member's devices.
    pub device: Uuid,
}

/// The text is not the name of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected `<member id>/<uuid>` in its one spelling")]
pub struct InvalidName;

impl DeviceName {
    pub(crate) fn credential(self) -> Credential {
        BasicCredential::new(self.to_string().into_bytes()).into()
    }

    pub(crate) fn from_credential(credential: &Credential) -> Result<Self, InvalidName> {
        let basic = BasicCredential::try_from(credential.clone()).map_err(|_| InvalidName)?;
        std::str::from_utf8(basic.identity()).map_err(|_| InvalidName)?.parse()
    }
}

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.member, self.device.hyphenated())
    }
}

impl fmt::Debug for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for DeviceName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let (member, device) = text.split_once('/').ok_or(InvalidName)?;
        let name = Self {
            member: member.parse().map_err(|_| InvalidName)?,
            device: device.parse().map_err(|_| InvalidName)?,
        };
        // One spelling per name, or two leaves could be the same device and look different.
        if name.to_string() == text {
            Ok(name)
        } else {
            Err(InvalidName)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_spelling() {
        let name = DeviceName {
            member: MemberId::new(),
            device: Uuid::from_u128(0xabcd),
        };
        let text = name.to_string();
        assert_eq!(text.parse(), Ok(name));
        assert_eq!(DeviceName::from_credential(&name.credential()), Ok(name));
        for wrong in [
            text.to_uppercase(),
            text.replace("/00000000-0000-0000-0000-", "/00000000000000000000"),
            format!("{text} "),
            text.replace('/', ""),
            String::new(),
        ] {
            assert_eq!(wrong.parse::<DeviceName>(), Err(InvalidName), "{wrong}");
        }
    }
}
