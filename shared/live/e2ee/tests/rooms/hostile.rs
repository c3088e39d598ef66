//! Tests of what a server that lies, and a member who keeps no rules, can try.

use std::time::{Duration, Instant};

use inventure_core::{MemberId, RoomId};
use inventure_e2ee::{APPLICATION_BYTES_MAX, DEVICES_MAX, Error, Invitation, PLAINTEXT_BYTES_MAX};
use openmls::prelude::{
    Extension, Extensions, LeafNodeParameters, Lifetime, MlsGroupCreateConfig, PURE_PLAINTEXT_WIRE_FORMAT_POLICY,
    ProtocolVersion, RequiredCapabilitiesExtension, tls_codec::Serialize as _,
};

use crate::{
    outsider::{Outsider, SUITE, bytes, capabilities, config, new_room, now},
    world::{World, device},
};

/// Makes a room with two honest devices, and one of an outsider.
fn infiltrated(outsider: &mut Outsider) -> World {
    let mut world = World::of(&[0, 1]);
    let package = (outsider.name, outsider.key_package());
    let staged = world.devices[0].invite(world.room, &[package]).unwrap();
    world.take(0, &staged);
    outsider.join(staged.welcome.as_ref().unwrap());
    world
}

/// Checks that both honest devices refuse the entry, and go on as before.
#[track_caller]
fn refused(world: &mut World, outsider: &Outsider, commit: bool, entry: &[u8], error: &Error) {
    let epoch = world.devices[0].epoch(world.room).unwrap();
    for device in 0..2 {
        // Twice: a refusal that uses a key up would be another one the second time.
        for _ in 0..2 {
            let (room, sender) = (world.room, outsider.name);
            let by = &mut world.devices[device];
            let opened = if commit {
                by.open_commit(room, sender, entry).err()
            } else {
                by.open_message(room, sender.member, entry).err()
            };
            assert_eq!(opened.as_ref(), Some(error));
        }
        assert_eq!(world.devices[device].epoch(world.room), Ok(epoch));
    }
    let entry = world.seal(0, "unmoved");
    world.reads(1, 0, &entry, "unmoved");
}

fn commit(outsider: &mut Outsider, parameters: LeafNodeParameters) -> Vec<u8> {
    let bundle = outsider.commit(|builder| builder.leaf_node_parameters(parameters));
    bundle.commit().tls_serialize_detached().unwrap()
}

#[test]
fn a_message_under_another_name_is_refused_and_read_under_the_right_one() {
    let mut world = World::of(&[0, 1, 2]);
    let entry = world.seal(0, "mine");
    let forged = Error::ForgedSender {
        claimed: world.name(2).member,
        actual: world.name(0),
    };
    for _ in 0..2 {
        assert_eq!(world.open(1, 2, &entry), Err(forged.clone()));
    }
    world.reads(1, 0, &entry, "mine");
    assert_eq!(world.open(1, 0, &entry), Err(Error::Replay));
}

#[test]
fn a_commit_under_another_name_is_refused_and_taken_under_the_right_one() {
    let mut world = World::of(&[0, 1, 2]);
    let staged = world.devices[0].update(world.room).unwrap();
    let forged = Error::ForgedSender {
        claimed: world.name(2).member,
        actual: world.name(0),
    };
    assert_eq!(world.open_commit(1, 2, &staged.commit), Err(forged));
    assert_eq!(world.devices[1].epoch(world.room), Ok(staged.epoch));
    world.take(0, &staged);
    world.all_talk();
}

#[test]
fn a_commit_of_another_device_of_the_same_person_is_refused() {
    let mut world = World::of(&[0, 1, 1]);
    let staged = world.devices[1].update(world.room).unwrap();
    let forged = Error::ForgedDevice {
        claimed: world.name(2),
        actual: world.name(1),
    };
    for _ in 0..2 {
        assert_eq!(world.open_commit(0, 2, &staged.commit), Err(forged.clone()));
    }
    world.take(1, &staged);
    world.all_talk();
}

#[test]
fn a_commit_that_names_its_maker_anew_is_refused() {
    let mut outsider = Outsider::new();
    let mut world = infiltrated(&mut outsider);
    let credential = outsider.credential(&world.name(1).to_string());
    let parameters = LeafNodeParameters::builder()
        .with_credential_with_key(credential)
        .build();
    let entry = commit(&mut outsider, parameters);
    let error = Error::Commit("it changes the committer's name or signature key");
    refused(&mut world, &outsider, true, &entry, &error);
}

#[test]
fn a_commit_that_changes_its_makers_signature_key_is_refused() {
    let mut outsider = Outsider::new();
    let mut world = infiltrated(&mut outsider);
    let bundle = outsider.commit_with_another_key();
    let entry = bundle.commit().tls_serialize_detached().unwrap();
    let error = Error::Commit("it changes the committer's name or signature key");
    refused(&mut world, &outsider, true, &entry, &error);
}

#[test]
fn a_commit_that_adds_a_device_of_no_name_is_refused() {
    let mut outsider = Outsider::new();
    let mut world = infiltrated(&mut outsider);
    let package = Outsider::new().package_of("somebody");
    let bundle = outsider.commit(|builder| builder.propose_adds([package]));
    let entry = bundle.commit().tls_serialize_detached().unwrap();
    let error = Error::Commit("a credential does not name a device");
    refused(&mut world, &outsider, true, &entry, &error);
}

#[test]
fn a_commit_that_adds_a_second_device_of_one_name_is_refused() {
    let mut outsider = Outsider::new();
    let mut world = infiltrated(&mut outsider);
    let package = Outsider::new().package_of(&world.name(1).to_string());
    let bundle = outsider.commit(|builder| builder.propose_adds([package]));
    let entry = bundle.commit().tls_serialize_detached().unwrap();
    let error = Error::Commit("it adds a device that is in the room already");
    refused(&mut world, &outsider, true, &entry, &error);
}

#[test]
fn a_commit_with_a_leaf_that_is_not_like_ours_is_refused() {
    let mut outsider = Outsider::new();
    let mut world = infiltrated(&mut outsider);
    // Each later welcome would hold what it holds.
    let versions = vec![ProtocolVersion::Mls10; 20_000];
    let parameters = LeafNodeParameters::builder()
        .with_capabilities(capabilities(&versions, SUITE))
        .build();
    let entry = commit(&mut outsider, parameters);
    let error = Error::Commit("its committer's leaf is not like ours");
    refused(&mut world, &outsider, true, &entry, &error);
    let mut large = Outsider::new();
    large.versions = versions;
    let package = large.package_of(&large.name.to_string());
    let bundle = outsider.commit(|builder| builder.propose_adds([package]));
    let entry = bundle.commit().tls_serialize_detached().unwrap();
    let error = Error::Commit("it adds a device that is not like ours");
    refused(&mut world, &outsider, true, &entry, &error);
}

#[test]
fn a_commit_that_changes_the_rooms_extensions_is_refused() {
    let mut outsider = Outsider::new();
    let mut world = infiltrated(&mut outsider);
    let bundle = outsider.commit(|builder| builder.propose_group_context_extensions(Extensions::default()).unwrap());
    let entry = bundle.commit().tls_serialize_detached().unwrap();
    refused(
        &mut world,
        &outsider,
        true,
        &entry,
        &Error::Commit("it neither adds nor removes a device"),
    );
}

#[test]
fn a_room_that_is_too_large_is_refused_from_others_too() {
    let mut outsider = Outsider::new();
    let mut world = infiltrated(&mut outsider);
    // Three are in it.
    let packages = |count: usize| -> Vec<_> {
        let others = (0..count).map(|_| Outsider::new());
        others.map(|other| other.package_of(&other.name.to_string())).collect()
    };
    let bundle = outsider.commit(|builder| builder.propose_adds(packages(DEVICES_MAX - 2)));
    let entry = bundle.commit().tls_serialize_detached().unwrap();
    refused(&mut world, &outsider, true, &entry, &Error::TooManyDevices);

    let Outsider { group, provider, .. } = &mut outsider;
    group.as_mut().unwrap().merge_pending_commit(provider).unwrap();
    let mut joiner = device(MemberId::new());
    let welcome = outsider.welcome(&joiner.key_package().unwrap());
    let invitation = outsider.invitation(world.room);
    assert_eq!(joiner.join(invitation, &welcome), Err(Error::TooManyDevices));
}

#[test]
fn a_commit_that_adds_a_device_is_reported() {
    let mut outsider = Outsider::new();
    let mut world = infiltrated(&mut outsider);
    // The server gives it a key package of its own making and calls it another member's.
    let mut slipped_in = Outsider::new();
    slipped_in.name.member = world.name(1).member;
    let package = slipped_in.package_of(&slipped_in.name.to_string());
    let bundle = outsider.commit(|builder| builder.propose_adds([package]));
    let entry = bundle.commit().tls_serialize_detached().unwrap();
    let opened = world.devices[1].open_commit(world.room, outsider.name, &entry);
    let opened = opened.unwrap();
    assert_eq!((opened.by, opened.added), (outsider.name, vec![slipped_in.name]));
}

#[test]
fn a_proposal_alone_is_refused() {
    let mut outsider = Outsider::new();
    let mut world = infiltrated(&mut outsider);
    let Outsider {
        group,
        provider,
        signer,
        ..
    } = &mut outsider;
    let group = group.as_mut().unwrap();
    let victim = group.members().next().unwrap().index;
    let (proposal, _) = group.propose_remove_member(provider, signer, victim).unwrap();
    for commit in [false, true] {
        refused(
            &mut world,
            &outsider,
            commit,
            &bytes(proposal.clone()),
            &Error::Malformed,
        );
    }
}

#[test]
fn a_public_message_is_refused() {
    let mut outsider = Outsider::new();
    outsider.policy = PURE_PLAINTEXT_WIRE_FORMAT_POLICY;
    let mut world = infiltrated(&mut outsider);
    let entry = commit(&mut outsider, LeafNodeParameters::default());
    refused(&mut world, &outsider, true, &entry, &Error::Malformed);
}

#[test]
fn a_plaintext_over_the_limit_is_refused_from_others_too() {
    let mut outsider = Outsider::new();
    let mut world = infiltrated(&mut outsider);
    let bytes = PLAINTEXT_BYTES_MAX + 1;
    let entry = outsider.seal(&vec![0; bytes]);
    let limit = PLAINTEXT_BYTES_MAX;
    refused(&mut world, &outsider, false, &entry, &Error::TooLarge { bytes, limit });
    let entry = outsider.seal(&vec![0; 5 * PLAINTEXT_BYTES_MAX]);
    let opened = world.devices[0].open_message(world.room, outsider.name.member, &entry);
    // One that is far too large is not even decrypted.
    let bytes = entry.len();
    let limit = APPLICATION_BYTES_MAX;
    assert_eq!(opened, Err(Error::TooLarge { bytes, limit }));
}

fn wait_for_the_end(lifetime: &Lifetime) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while lifetime.validate().is_ok() {
        assert!(Instant::now() < deadline, "the lifetime does not end");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_room_is_joined_though_somebody_in_it_came_by_a_key_package_that_has_expired_since() {
    let mut outsider = Outsider::new();
    let own = outsider.name.to_string();
    let (room, id) = new_room();
    outsider.create(&id, &own, config());
    let long_there = Outsider::new();
    let lifetime = Lifetime::init(now() - 60, now() + 2);
    let package = long_there.package(&long_there.name.to_string(), SUITE, lifetime);
    outsider.commit(|builder| builder.propose_adds([package]));
    let Outsider { group, provider, .. } = &mut outsider;
    group.as_mut().unwrap().merge_pending_commit(provider).unwrap();
    wait_for_the_end(&lifetime);
    let mut joiner = device(MemberId::new());
    let welcome = outsider.welcome(&joiner.key_package().unwrap());
    assert_eq!(joiner.join(outsider.invitation(room), &welcome), Ok(()));
}

#[test]
fn a_device_that_slept_past_a_lifetime_is_told_so() {
    let mut outsider = Outsider::new();
    let mut world = infiltrated(&mut outsider);
    let added = Outsider::new();
    let lifetime = Lifetime::init(now() - 60, now() + 2);
    let package = added.package(&added.name.to_string(), SUITE, lifetime);
    let bundle = outsider.commit(|builder| builder.propose_adds([package]));
    let entry = bundle.commit().tls_serialize_detached().unwrap();
    wait_for_the_end(&lifetime);
    refused(&mut world, &outsider, true, &entry, &Error::Overslept);
}

#[test]
fn a_broken_welcome_costs_no_key_package() {
    let mut world = World::of(&[0]);
    world.devices.push(device(MemberId::new()));
    let staged = world.staged_invitation(0, &[1]);
    world.take(0, &staged);
    let mut broken = staged.clone();
    let bytes = staged.welcome.as_ref().unwrap();
    for byte in (0..bytes.len()).step_by(7) {
        let mut welcome = bytes.clone();
        welcome[byte] ^= 1;
        broken.welcome = Some(welcome);
        assert!(world.enter(1, 0, &broken).is_err(), "byte {byte}");
    }
    world.enter(1, 0, &staged).unwrap();
    world.all_talk();
    assert_eq!(world.enter(1, 0, &staged), Err(Error::NotInvited));
}

#[test]
fn a_welcome_of_something_else_than_its_commit_is_refused_and_costs_nothing() {
    let mut world = World::of(&[0, 1]);
    world.devices.push(device(MemberId::new()));
    let staged = world.staged_invitation(0, &[2]);
    world.take(0, &staged);
    let (room, welcome) = (world.room, staged.welcome.clone().unwrap());
    let right = Invitation {
        room,
        epoch: staged.epoch + 1,
        by: world.name(0),
    };
    let another = Error::Welcome("it is another device's");
    let elsewhere = Error::Welcome("it leads into another epoch than its commit");
    for (epoch, by, error) in [
        (right.epoch - 1, right.by, &elsewhere),
        (right.epoch + 1, right.by, &elsewhere),
        (right.epoch, world.name(1), &another),
    ] {
        let invitation = Invitation { room, epoch, by };
        assert_eq!(world.devices[2].join(invitation, &welcome), Err(error.clone()));
        assert!(!world.is_in(2), "no room is left behind");
    }
    let other_room = Invitation {
        room: RoomId::new(),
        ..right
    };
    assert_eq!(world.devices[2].join(other_room, &welcome), Err(Error::OtherRoom));
    world.devices[2].join(right, &welcome).unwrap();
    world.all_talk();
}

#[test]
fn a_welcome_for_somebody_else_is_refused() {
    let mut world = World::of(&[0]);
    world.devices.push(device(MemberId::new()));
    let staged = world.staged_invitation(0, &[1]);
    world.devices.push(device(MemberId::new()));
    world.devices[2].key_package().unwrap();
    assert_eq!(world.enter(2, 0, &staged), Err(Error::NotInvited));
}

#[test]
fn a_welcome_into_a_room_that_the_device_is_in_is_refused() {
    let mut world = World::of(&[0, 1]);
    let mut outsider = Outsider::new();
    let name = outsider.name.to_string();
    outsider.create(&format!("{}/1", world.room), &name, config());
    let welcome = outsider.welcome(&world.package(1).1);
    let invitation = outsider.invitation(world.room);
    let joined = world.devices[1].join(invitation, &welcome);
    assert_eq!(joined, Err(Error::RoomExists(world.room)));
    world.all_talk();
}

#[test]
fn a_welcome_into_a_room_that_breaks_the_rules_is_refused() {
    let (room, id) = new_room();
    let refused = |id: &str, identity: Option<&str>, config: MlsGroupCreateConfig| {
        let mut outsider = Outsider::new();
        let own = outsider.name.to_string();
        outsider.create(id, identity.unwrap_or(&own), config);
        let mut joiner = device(MemberId::new());
        let welcome = outsider.welcome(&joiner.key_package().unwrap());
        let joined = joiner.join(outsider.invitation(room), &welcome);
        assert!(joiner.rooms().eq(joined.is_ok().then_some(room)));
        joined
    };
    assert_eq!(refused(&id, None, config()), Ok(()));
    let signed = format!("{room}/+1");
    for id in [
        id.to_uppercase(),
        format!("{id}0"),
        room.to_string(),
        signed,
        format!("{}/0", MemberId::new()),
    ] {
        assert_eq!(
            refused(&id, None, config()),
            Err(Error::Welcome("it does not name a room"))
        );
    }
    let nameless = refused(&id, Some("somebody"), config());
    assert_eq!(nameless, Err(Error::Welcome("a credential does not name a device")));
    let extended = MlsGroupCreateConfig::builder()
        .ciphersuite(SUITE)
        .use_ratchet_tree_extension(true)
        .with_group_context_extensions(
            Extensions::single(Extension::RequiredCapabilities(RequiredCapabilitiesExtension::default())).unwrap(),
        )
        .build();
    let extended = refused(&id, None, extended);
    assert_eq!(extended, Err(Error::Welcome("a room has no extensions")));
}

#[test]
fn a_welcome_into_a_room_with_a_device_twice_is_refused() {
    let mut outsider = Outsider::new();
    let mut joiner = device(MemberId::new());
    let own = outsider.name.to_string();
    let (room, id) = new_room();
    outsider.create(&id, &own, config());
    let twin = Outsider::new().package_of(&own);
    let bundle = outsider.commit(|builder| builder.propose_adds([twin]));
    drop(bundle);
    let Outsider { group, provider, .. } = &mut outsider;
    group.as_mut().unwrap().merge_pending_commit(provider).unwrap();
    let welcome = outsider.welcome(&joiner.key_package().unwrap());
    assert_eq!(
        joiner.join(outsider.invitation(room), &welcome),
        Err(Error::Welcome("a device is in the room twice"))
    );
}

#[test]
fn a_commit_that_is_called_a_message_is_refused_and_taken_as_what_it_is() {
    let mut outsider = Outsider::new();
    let mut world = infiltrated(&mut outsider);
    let entry = commit(&mut outsider, LeafNodeParameters::default());
    refused(&mut world, &outsider, false, &entry, &Error::Malformed);
    let message = world.seal(0, "a message");
    assert_eq!(world.open_commit(1, 0, &message), Err(Error::Malformed));
    world.reads(1, 0, &message, "a message");
    for device in 0..2 {
        let opened = world.devices[device].open_commit(world.room, outsider.name, &entry);
        assert!(opened.is_ok());
    }
}
