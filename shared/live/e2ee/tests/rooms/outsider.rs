//! An outsider who speaks MLS and keeps none of our rules.

use inventure_core::{MemberId, RoomId};
use inventure_e2ee::{DeviceName, Invitation};
use openmls::prelude::{
    BasicCredential, Capabilities, Ciphersuite, CommitBuilder, CommitMessageBundle, CredentialType, CredentialWithKey,
    ExtensionType, GroupId, Initial, KeyPackage, Lifetime, MlsGroup, MlsGroupCreateConfig, MlsGroupJoinConfig,
    MlsMessageBodyIn, MlsMessageIn, MlsMessageOut, NewSignerBundle, OpenMlsProvider,
    PURE_CIPHERTEXT_WIRE_FORMAT_POLICY, ProtocolVersion, StagedWelcome, WireFormatPolicy,
    tls_codec::{Deserialize as _, Serialize as _},
};
use openmls_basic_credential::SignatureKeyPair;
use openmls_rust_crypto::OpenMlsRustCrypto;
use uuid::Uuid;

pub const SUITE: Ciphersuite = Ciphersuite::MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519;
pub const DAY: u64 = 24 * 60 * 60;

/// Returns the time by the clock that MLS looks at, in seconds of the epoch.
pub fn now() -> u64 {
    Lifetime::new(0).not_after()
}

pub struct Outsider {
    pub name: DeviceName,
    pub provider: OpenMlsRustCrypto,
    pub signer: SignatureKeyPair,
    pub policy: WireFormatPolicy,
    /// The versions that the outsider says in its key packages that it speaks.
    pub versions: Vec<ProtocolVersion>,
    pub group: Option<MlsGroup>,
}

impl Outsider {
    pub fn new() -> Self {
        Self::with(SUITE)
    }

    pub fn with(suite: Ciphersuite) -> Self {
        Self {
            name: DeviceName {
                member: MemberId::new(),
                device: Uuid::new_v4(),
            },
            provider: OpenMlsRustCrypto::default(),
            signer: SignatureKeyPair::new(suite.signature_algorithm()).unwrap(),
            policy: PURE_CIPHERTEXT_WIRE_FORMAT_POLICY,
            versions: vec![ProtocolVersion::Mls10],
            group: None,
        }
    }

    pub fn credential(&self, identity: &str) -> CredentialWithKey {
        CredentialWithKey {
            credential: BasicCredential::new(identity.as_bytes().to_vec()).into(),
            signature_key: self.signer.public().into(),
        }
    }

    pub fn own_credential(&self) -> CredentialWithKey {
        self.credential(&self.name.to_string())
    }

    pub fn package(&self, identity: &str, suite: Ciphersuite, lifetime: Lifetime) -> KeyPackage {
        KeyPackage::builder()
            .key_package_lifetime(lifetime)
            .leaf_node_capabilities(capabilities(&self.versions, suite))
            .build(suite, &self.provider, &self.signer, self.credential(identity))
            .unwrap()
            .into_key_package()
    }

    /// Makes a key package under some identity, and else as it should be.
    pub fn package_of(&self, identity: &str) -> KeyPackage {
        self.package(identity, SUITE, Lifetime::new(80 * DAY))
    }

    pub fn key_package(&self) -> Vec<u8> {
        bytes(self.package_of(&self.name.to_string()))
    }

    pub fn create(&mut self, id: &str, identity: &str, config: MlsGroupCreateConfig) {
        let id = GroupId::from_slice(id.as_bytes());
        let credential = self.credential(identity);
        let group = MlsGroup::new_with_group_id(&self.provider, &self.signer, &config, id, credential);
        self.group = Some(group.unwrap());
    }

    /// Makes a welcome for a device into a group of the outsider's own making.
    pub fn welcome(&mut self, package: &[u8]) -> Vec<u8> {
        let package = read_package(&self.provider, package);
        let bundle = self.commit(|builder| builder.propose_adds([package]));
        bundle.to_welcome_msg().unwrap().tls_serialize_detached().unwrap()
    }

    /// Returns the outsider's last commit, as the log of this room has it.
    pub fn invitation(&self, room: RoomId) -> Invitation {
        Invitation {
            room,
            epoch: self.group.as_ref().unwrap().epoch().as_u64() + 1,
            by: self.name,
        }
    }

    pub fn join(&mut self, welcome: &[u8]) {
        let MlsMessageBodyIn::Welcome(welcome) = MlsMessageIn::tls_deserialize_exact(welcome).unwrap().extract() else {
            panic!("not a welcome");
        };
        let config = MlsGroupJoinConfig::builder()
            .wire_format_policy(self.policy)
            .use_ratchet_tree_extension(true)
            .build();
        let staged = StagedWelcome::new_from_welcome(&self.provider, &config, welcome, None).unwrap();
        self.group = Some(staged.into_group(&self.provider).unwrap());
    }

    pub fn commit(
        &mut self,
        fill: impl FnOnce(CommitBuilder<'_, Initial>) -> CommitBuilder<'_, Initial>,
    ) -> CommitMessageBundle {
        let group = self.group.as_mut().unwrap();
        fill(group.commit_builder())
            .force_self_update(true)
            .load_psks(self.provider.storage())
            .unwrap()
            .build(self.provider.rand(), self.provider.crypto(), &self.signer, |_| true)
            .unwrap()
            .stage_commit(&self.provider)
            .unwrap()
    }

    pub fn commit_with_another_key(&mut self) -> CommitMessageBundle {
        let other = SignatureKeyPair::new(SUITE.signature_algorithm()).unwrap();
        let mut credential = self.own_credential();
        credential.signature_key = other.public().into();
        let group = self.group.as_mut().unwrap();
        let new_signer = NewSignerBundle {
            signer: &other,
            credential_with_key: credential,
        };
        group
            .commit_builder()
            .load_psks(self.provider.storage())
            .unwrap()
            .build_with_new_signer(
                self.provider.rand(),
                self.provider.crypto(),
                &self.signer,
                new_signer,
                |_| true,
            )
            .unwrap()
            .stage_commit(&self.provider)
            .unwrap()
    }

    pub fn seal(&mut self, plaintext: &[u8]) -> Vec<u8> {
        let group = self.group.as_mut().unwrap();
        bytes(group.create_message(&self.provider, &self.signer, plaintext).unwrap())
    }
}

pub fn bytes(message: impl Into<MlsMessageOut>) -> Vec<u8> {
    message.into().tls_serialize_detached().unwrap()
}

fn read_package(provider: &OpenMlsRustCrypto, package: &[u8]) -> KeyPackage {
    let MlsMessageBodyIn::KeyPackage(package) = MlsMessageIn::tls_deserialize_exact(package).unwrap().extract() else {
        panic!("not a key package");
    };
    package.validate(provider.crypto(), ProtocolVersion::Mls10).unwrap()
}

/// Makes capabilities in the form in which our devices state theirs.
pub fn capabilities(versions: &[ProtocolVersion], suite: Ciphersuite) -> Capabilities {
    Capabilities::builder()
        .versions(versions.to_vec())
        .ciphersuites(vec![suite])
        .extensions(vec![ExtensionType::LastResort])
        .credentials(vec![CredentialType::Basic])
        .build()
}

/// Makes the settings with which our devices make groups.
pub fn config() -> MlsGroupCreateConfig {
    MlsGroupCreateConfig::builder()
        .ciphersuite(SUITE)
        .capabilities(capabilities(&[ProtocolVersion::Mls10], SUITE))
        .use_ratchet_tree_extension(true)
        .build()
}

/// Makes a room, and the id of its first group.
pub fn new_room() -> (RoomId, String) {
    let room = RoomId::new();
    (room, format!("{room}/0"))
}
