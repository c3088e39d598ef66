use inventure_core::MemberId;
use inventure_e2ee::{Commit, DEVICES_MAX, Error, INVITED_MAX};

use crate::world::{World, device};

#[test]
fn a_late_joiner_reads_nothing_of_what_was_said_before() {
    let mut world = World::of(&[0, 1]);
    let before = world.seal(0, "before");
    let late = world.devices.len();
    world.devices.push(device(MemberId::new()));
    world.invite(1, &[late]);
    assert_eq!(world.open(late, 0, &before), Err(Error::TooOld));
    // Nor do those who were there, after the commit: it stood before it, or it was moved.
    assert_eq!(world.open(0, 1, &before), Err(Error::TooOld));
    assert_eq!(world.open(1, 0, &before), Err(Error::TooOld));
    world.all_talk();
}

#[test]
fn a_removed_device_reads_nothing_of_what_is_said_after() {
    let mut world = World::of(&[0, 1, 2]);
    let saved = world.devices[2].save().unwrap();
    let (room, name) = (world.room, world.name(2));
    let staged = world.devices[0].remove(room, &[name]).unwrap();
    let opened = world.open_commit(2, 0, &staged.commit).unwrap();
    let commit = Commit {
        by: world.name(0),
        epoch: staged.epoch + 1,
        added: vec![],
        removed: vec![name],
        removed_self: true,
    };
    assert_eq!(opened, commit);
    assert!(!world.is_in(2));
    world.take(0, &staged);
    let after = world.seal(0, "after");
    assert_eq!(world.open(2, 0, &after), Err(Error::NoSuchRoom(room)));
    assert_eq!(world.devices[2].seal(room, b"still here"), Err(Error::NoSuchRoom(room)));

    // Nor does it if it keeps what it had and ignores that it was removed.
    world.devices[2] = inventure_e2ee::Device::restore(&saved).unwrap();
    assert!(matches!(world.open(2, 0, &after), Err(Error::Ahead { .. })));
}

#[test]
fn a_removed_device_sends_nothing_that_others_accept() {
    let mut world = World::of(&[0, 1, 2]);
    let saved = world.devices[2].save().unwrap();
    world.remove(0, &[2]);
    // It ignores that it was removed, and seals with the keys of the epoch before.
    world.devices[2] = inventure_e2ee::Device::restore(&saved).unwrap();
    let entry = world.seal(2, "still here");
    assert_eq!(world.open(0, 2, &entry), Err(Error::TooOld));
    assert_eq!(world.open(1, 2, &entry), Err(Error::TooOld));
    let staged = world.devices[2].update(world.room).unwrap();
    assert!(matches!(
        world.open_commit(1, 2, &staged.commit),
        Err(Error::Passed { .. })
    ));
    world.devices[2].leave(world.room).unwrap();
    world.update(1);
    assert_eq!(world.open(1, 2, &entry), Err(Error::TooOld));
}

#[test]
fn a_device_that_comes_back_is_heard_and_its_old_keys_are_not() {
    let mut world = World::of(&[0, 1, 2]);
    let stolen = world.devices[2].save().unwrap();
    world.remove(0, &[2]);
    world.invite(1, &[2]);
    world.all_talk();
    let mut thief = inventure_e2ee::Device::restore(&stolen).unwrap();
    let entry = thief.seal(world.room, b"with the old keys").unwrap();
    assert_eq!(world.open(0, 2, &entry), Err(Error::TooOld));
}

#[test]
fn a_lost_device_is_removed_and_replaced_by_another_of_the_same_person() {
    let mut world = World::of(&[0, 0, 1]);
    let lost = world.name(1);
    world.remove(0, &[1]);
    let new = world.devices.len();
    world.devices.push(device(lost.member));
    let staged = world.staged_invitation(0, &[new]);
    let opened = world.open_commit(2, 0, &staged.commit).unwrap();
    let commit = Commit {
        by: world.name(0),
        epoch: staged.epoch + 1,
        added: vec![world.name(new)],
        removed: vec![],
        removed_self: false,
    };
    assert_eq!(opened, commit);
    world.devices[0].confirm(world.room).unwrap();
    world.enter(new, 0, &staged).unwrap();
    world.all_talk();
    assert!(!world.is_in(1));
}

#[test]
fn all_devices_of_a_member_are_removed_at_once() {
    let mut world = World::of(&[0, 1, 1, 1]);
    world.remove(0, &[1, 2, 3, 3]);
    assert_eq!(world.devices[0].members(world.room).unwrap().len(), 1);
    assert!((1..4).all(|device| !world.is_in(device)));
}

#[test]
fn of_two_commits_of_one_epoch_the_refused_one_is_discarded_and_all_converge() {
    let mut world = World::of(&[0, 1, 2]);
    let third = world.devices.len();
    world.devices.push(device(MemberId::new()));
    let refused = world.staged_invitation(1, &[third]);
    let taken = world.devices[0].update(world.room).unwrap();
    assert_eq!(refused.epoch, taken.epoch);
    assert_eq!(world.devices[1].update(world.room), Err(Error::CommitPending));
    // The server answers before the other commit comes.
    world.devices[1].discard(world.room).unwrap();
    world.take(0, &taken);
    assert_eq!(world.devices[1].confirm(world.room), Err(Error::NothingPending));
    world.all_talk();

    // The other commit comes before the server answers.
    let refused = world.devices[1].update(world.room).unwrap();
    let taken = world.devices[2].update(world.room).unwrap();
    world.take(2, &taken);
    assert_eq!(world.devices[1].pending(world.room), None);
    world.devices[1].discard(world.room).unwrap();
    world.all_talk();

    // What was refused is refused by everybody, should the server hand it out all the same.
    assert!(matches!(
        world.open_commit(0, 1, &refused.commit),
        Err(Error::Passed { .. })
    ));
    world.invite(1, &[third]);
    world.all_talk();
}

#[test]
fn devices_that_took_different_commits_show_different_authenticators() {
    let mut world = World::of(&[0, 1, 2]);
    let one = world.devices[0].update(world.room).unwrap();
    world.devices[1].update(world.room).unwrap();
    // A server that lies: each is told that its own was taken.
    world.devices[0].confirm(world.room).unwrap();
    world.devices[1].confirm(world.room).unwrap();
    world.open_commit(2, 0, &one.commit).unwrap();
    let shown: Vec<_> = (0..3)
        .map(|device| world.devices[device].authenticator(world.room).unwrap())
        .collect();
    assert_eq!(shown[0], shown[2]);
    assert_ne!(shown[0], shown[1]);
}

#[test]
fn the_fingerprint_of_a_room_changes_with_its_devices_alone() {
    let mut world = World::of(&[0, 1]);
    let before = world.devices[0].room_fingerprint(world.room).unwrap();
    let epoch = world.devices[0].authenticator(world.room).unwrap();
    world.update(1);
    assert_eq!(world.devices[0].room_fingerprint(world.room).unwrap(), before);
    assert_ne!(world.devices[0].authenticator(world.room).unwrap(), epoch);
    let slipped_in = world.devices.len();
    world.devices.push(device(world.name(1).member));
    world.invite(0, &[slipped_in]);
    assert_ne!(world.devices[0].room_fingerprint(world.room).unwrap(), before);
}

#[test]
fn who_cannot_be_removed_is_told_apart() {
    let mut world = World::of(&[0, 1]);
    let (own, stranger) = (world.name(0), device(MemberId::new()).name());
    let room = world.room;
    let by = &mut world.devices[0];
    assert_eq!(by.remove(room, &[]), Err(Error::Nobody));
    assert_eq!(by.remove(room, &[own]), Err(Error::OwnDevice));
    assert_eq!(by.invite(room, &[]), Err(Error::Nobody));
    assert_eq!(by.found(room, 0, &[]), Err(Error::RoomExists(room)));
    world.all_talk();
    // Who has no leaf is named all the same, and keeps nobody in who has one.
    let two = world.name(1);
    let staged = world.devices[0].remove(room, &[stranger, two]).unwrap();
    let mut named = vec![stranger, two];
    named.sort_unstable();
    assert_eq!(staged.removed, named);
    let opened = world.open_commit(1, 0, &staged.commit).unwrap();
    assert_eq!((opened.removed, opened.removed_self), (vec![two], true));
}

#[test]
fn a_room_has_a_largest_size() {
    let mut world = World::of(&[0]);
    let packages = vec![(device(MemberId::new()).name(), Vec::new()); DEVICES_MAX];
    let invited = world.devices[0].invite(world.room, &packages);
    assert_eq!(invited, Err(Error::TooManyDevices));
    let invited = world.devices[0].invite(world.room, &packages[..=INVITED_MAX]);
    assert_eq!(invited, Err(Error::TooManyInvited));
}

#[test]
fn who_leaves_forgets_the_keys_and_can_be_invited_again() {
    let mut world = World::of(&[0, 1]);
    let before = world.devices[1].save().unwrap().len();
    let entry = world.seal(0, "unread");
    let room = world.room;
    world.devices[1].leave(room).unwrap();
    assert_eq!(world.open(1, 0, &entry), Err(Error::NoSuchRoom(room)));
    assert!(world.devices[1].save().unwrap().len() < before / 4);
    world.remove(0, &[1]);
    world.invite(0, &[1]);
    world.all_talk();
    assert!(world.open(1, 0, &entry).is_err());
}

#[test]
fn a_group_that_is_founded_anew_begins_when_it_is_taken_and_not_before() {
    let mut world = World::of(&[0, 1]);
    let (room, epoch) = (world.room, world.devices[0].epoch(world.room).unwrap());
    let package = world.package(1);
    let refused = world.devices[0].found(room, epoch, &[package]).unwrap();
    assert_eq!((refused.epoch, refused.founds), (epoch, true));
    assert_eq!(world.devices[0].update(room), Err(Error::CommitPending));
    let saved = world.devices[0].save().unwrap();
    world.devices[0] = inventure_e2ee::Device::restore(&saved).unwrap();
    assert_eq!(world.devices[0].pending(room), Some(&refused), "it outlives a restart");
    world.all_talk();
    // Another commit was taken: the group from before goes on.
    world.update(1);
    assert_eq!(world.devices[0].pending(room), None);
    world.all_talk();
    let package = world.package(1);
    let refused = world.devices[0].found(room, epoch + 1, &[package]).unwrap();
    world.devices[0].discard(room).unwrap();
    world.all_talk();

    let before = world.seal(0, "before");
    let package = world.package(1);
    let taken = world.devices[0].found(room, epoch + 1, &[package]).unwrap();
    assert_ne!(refused.message, taken.message);
    assert_eq!(world.devices[0].confirm(room), Ok(epoch + 2));
    world.devices[1].leave(room).unwrap();
    world.enter(1, 0, &taken).unwrap();
    assert_eq!(world.devices[1].epoch(room), Ok(epoch + 2));
    world.all_talk();
    // What was made in the group before fits nothing any more.
    assert_eq!(world.open(1, 0, &before), Err(Error::TooOld));
    world.update(1);
    assert_eq!(world.devices[0].epoch(room), Ok(epoch + 3));
    world.all_talk();
}

#[test]
fn of_two_groups_that_begin_at_once_the_one_that_was_taken_is_joined() {
    let mut world = World::of(&[0]);
    world.devices.push(device(MemberId::new()));
    world.devices.push(device(MemberId::new()));
    let room = world.room;
    world.devices[0].leave(room).unwrap();
    let package = world.package(1);
    let taken = world.devices[0].found(room, 7, &[package]).unwrap();
    let package = world.package(2);
    world.devices[1].found(room, 7, &[package]).unwrap();
    world.devices[0].confirm(room).unwrap();
    world.enter(1, 0, &taken).unwrap();
    assert_eq!(world.devices[1].pending(room), None);
    world.devices[1].discard(room).unwrap();
    world.all_talk();
}
