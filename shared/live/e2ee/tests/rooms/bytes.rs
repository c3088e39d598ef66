//! Tests that any bytes from a stranger end in an error, and change nothing.

use std::sync::OnceLock;

use inventure_core::{MemberId, RoomId};
use inventure_e2ee::{Device, DeviceName, Invitation};
use proptest::prelude::*;

use crate::world::{World, device};

/// A device in a room, one that is invited, and what is sent to them.
struct Sent {
    room: RoomId,
    sender: DeviceName,
    inside: Vec<u8>,
    invited: Vec<u8>,
    message: Vec<u8>,
    commit: Vec<u8>,
    welcome: Vec<u8>,
    invitation: Invitation,
    package: Vec<u8>,
    name: DeviceName,
}

fn sent() -> &'static Sent {
    static SENT: OnceLock<Sent> = OnceLock::new();
    SENT.get_or_init(|| {
        let mut world = World::of(&[0, 1]);
        world.devices.push(device(MemberId::new()));
        let message = world.seal(0, "a message");
        let inside = world.devices[1].save().unwrap().to_vec();
        let staged = world.staged_invitation(0, &[2]);
        let (name, package) = world.package(2);
        Sent {
            room: world.room,
            sender: world.name(0),
            inside,
            invited: world.devices[2].save().unwrap().to_vec(),
            message,
            commit: staged.commit,
            invitation: Invitation {
                room: world.room,
                epoch: staged.epoch + 1,
                by: world.name(0),
            },
            welcome: staged.welcome.unwrap(),
            package,
            name,
        }
    })
}

/// Flips some bits, cuts something off, and puts something on.
fn damage(bytes: &[u8], flips: &[(usize, u8)], cut: usize, tail: &[u8]) -> Vec<u8> {
    let mut damaged = bytes.to_vec();
    for (place, bit) in flips {
        let place = place % damaged.len();
        damaged[place] ^= 1 << (bit % 8);
    }
    damaged.truncate(damaged.len() - cut % damaged.len());
    damaged.extend_from_slice(tail);
    damaged
}

/// Checks that nobody takes the bytes for anything, and that what was sent is still good.
fn nobody_takes(bytes: &[u8]) {
    let sent = sent();
    let mut inside = Device::restore(&sent.inside).unwrap();
    let mut invited = Device::restore(&sent.invited).unwrap();
    assert!(inside.open_message(sent.room, sent.sender.member, bytes).is_err());
    assert!(inside.open_commit(sent.room, sent.sender, bytes).is_err());
    assert!(inside.join(sent.invitation, bytes).is_err());
    assert!(inside.invite(sent.room, &[(sent.name, bytes.to_vec())]).is_err());
    assert!(invited.join(sent.invitation, bytes).is_err());
    assert!(Device::restore(bytes).is_err());
    assert!(
        inside
            .open_message(sent.room, sent.sender.member, &sent.message)
            .is_ok()
    );
    assert!(inside.open_commit(sent.room, sent.sender, &sent.commit).is_ok());
    assert!(invited.join(sent.invitation, &sent.welcome).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        nobody_takes(&bytes);
    }

    #[test]
    fn random_bytes_behind_a_right_beginning_are_refused(
        kind in 0_u8..8,
        bytes in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        let mut message = vec![0, 1, 0, kind];
        message.extend(bytes);
        nobody_takes(&message);
    }

    #[test]
    fn damaged_entries_are_refused(
        which in 0_usize..4,
        flips in prop::collection::vec((any::<usize>(), any::<u8>()), 0..4),
        cut in prop_oneof![Just(0_usize), any::<usize>()],
        tail in prop::collection::vec(any::<u8>(), 0..8),
    ) {
        let sent = sent();
        let entry = [&sent.message, &sent.commit, &sent.welcome, &sent.package][which];
        let damaged = damage(entry, &flips, cut, &tail);
        if &damaged != entry {
            nobody_takes(&damaged);
        }
    }
}
