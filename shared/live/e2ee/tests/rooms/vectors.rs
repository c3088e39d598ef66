//! The published test vectors for passive clients, as far as they are of our ciphersuite. They are joined and followed by the
//! library and the crypto that we build on. They do not go through [`inventure_e2ee`], whose rules their rooms do not keep (other
//! credentials, public messages, pre-shared keys). Left out are four of the thirteen that handle commits: they add devices by key
//! packages that have expired since, and the library looks at the clock; so does the random one from its second commit on.

use openmls::{
    prelude::{
        KeyPackage, KeyPackageBundle, MIXED_PLAINTEXT_WIRE_FORMAT_POLICY, MlsGroup, MlsGroupJoinConfig,
        MlsMessageBodyIn, MlsMessageIn, OpenMlsProvider, ProcessedMessageContent, RatchetTreeIn, StagedWelcome,
        tls_codec::Deserialize as _,
    },
    schedule::PreSharedKeyId,
};
use openmls_rust_crypto::OpenMlsRustCrypto;
use openmls_traits::storage::StorageProvider;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
struct Vector {
    cipher_suite: u16,
    external_psks: Vec<ExternalPsk>,
    #[serde(with = "hex::serde")]
    key_package: Vec<u8>,
    #[serde(with = "hex::serde")]
    encryption_priv: Vec<u8>,
    #[serde(with = "hex::serde")]
    init_priv: Vec<u8>,
    #[serde(with = "hex::serde")]
    welcome: Vec<u8>,
    ratchet_tree: Option<Bytes>,
    #[serde(with = "hex::serde")]
    initial_epoch_authenticator: Vec<u8>,
    epochs: Vec<Epoch>,
}

#[derive(Deserialize)]
struct ExternalPsk {
    #[serde(with = "hex::serde")]
    psk_id: Vec<u8>,
    #[serde(with = "hex::serde")]
    psk: Vec<u8>,
}

#[derive(Deserialize)]
struct Epoch {
    proposals: Vec<Bytes>,
    #[serde(with = "hex::serde")]
    commit: Vec<u8>,
    #[serde(with = "hex::serde")]
    epoch_authenticator: Vec<u8>,
}

#[derive(Deserialize)]
struct Bytes(#[serde(with = "hex::serde")] Vec<u8>);

/// Makes the key package with its private keys. The library makes such bundles itself and reads stored ones, so this is written as a
/// stored one.
fn bundle(vector: &Vector) -> KeyPackageBundle {
    let message = MlsMessageIn::tls_deserialize_exact(&vector.key_package).unwrap();
    let MlsMessageBodyIn::KeyPackage(package) = message.extract() else {
        panic!("not a key package");
    };
    let bundle = json!({
        "key_package": package,
        "private_init_key": private_key(&vector.init_priv),
        "private_encryption_key": { "key": private_key(&vector.encryption_priv) },
    });
    serde_json::from_value(bundle).unwrap()
}

fn private_key(bytes: &[u8]) -> serde_json::Value {
    serde_json::to_value(openmls::prelude::HpkePrivateKey::from(bytes.to_vec())).unwrap()
}

fn follow(vector: &Vector) {
    let provider = OpenMlsRustCrypto::default();
    for psk in &vector.external_psks {
        let id = PreSharedKeyId::external(psk.psk_id.clone(), vec![]);
        id.store(&provider, &psk.psk).unwrap();
    }
    let bundle = bundle(vector);
    let package: &KeyPackage = bundle.key_package();
    let reference = package.hash_ref(provider.crypto()).unwrap();
    provider.storage().write_key_package(&reference, &bundle).unwrap();

    let MlsMessageBodyIn::Welcome(welcome) = MlsMessageIn::tls_deserialize_exact(&vector.welcome).unwrap().extract()
    else {
        panic!("not a welcome");
    };
    let config = MlsGroupJoinConfig::builder()
        .wire_format_policy(MIXED_PLAINTEXT_WIRE_FORMAT_POLICY)
        .number_of_resumption_psks(16)
        .build();
    let mut builder = StagedWelcome::build_from_welcome(&provider, &config, welcome)
        .unwrap()
        .skip_lifetime_validation();
    if let Some(tree) = &vector.ratchet_tree {
        builder = builder.with_ratchet_tree(RatchetTreeIn::tls_deserialize_exact(&tree.0).unwrap());
    }
    let mut group = builder.build().unwrap().into_group(&provider).unwrap();
    assert_eq!(
        group.epoch_authenticator().as_slice(),
        vector.initial_epoch_authenticator
    );

    for epoch in &vector.epochs {
        for message in epoch
            .proposals
            .iter()
            .map(|proposal| &proposal.0)
            .chain([&epoch.commit])
        {
            take(&mut group, &provider, message);
        }
        assert_eq!(group.epoch_authenticator().as_slice(), epoch.epoch_authenticator);
    }
}

fn take(group: &mut MlsGroup, provider: &OpenMlsRustCrypto, message: &[u8]) {
    let message = MlsMessageIn::tls_deserialize_exact(message).unwrap();
    let message = message.try_into_protocol_message().unwrap();
    match group.process_message(provider, message).unwrap().into_content() {
        ProcessedMessageContent::ProposalMessage(proposal) => {
            group.store_pending_proposal(provider.storage(), *proposal).unwrap();
        }
        ProcessedMessageContent::StagedCommitMessage(commit) => {
            group.merge_staged_commit(provider, *commit).unwrap();
        }
        other => panic!("{other:?}"),
    }
}

fn follow_all(file: &str, count: usize) {
    let vectors: Vec<Vector> = serde_json::from_str(file).unwrap();
    assert_eq!(vectors.len(), count);
    for vector in &vectors {
        assert_eq!(vector.cipher_suite, 1);
        follow(vector);
    }
}

#[test]
fn passive_clients_join_by_the_published_welcomes() {
    follow_all(include_str!("../vectors/passive-client-welcome.json"), 8);
}

#[test]
fn passive_clients_follow_the_published_commits() {
    follow_all(include_str!("../vectors/passive-client-handling-commit.json"), 9);
}
