use inventure_core::RoomId;
use inventure_e2ee::{Error, LATE_MESSAGES_MAX, PADDING_BYTES, PLAINTEXT_BYTES_MAX};

use crate::world::World;

#[test]
fn two_people_talk_both_ways() {
    let mut world = World::of(&[0, 1]);
    world.all_talk();
    let entry = world.seal(1, "and again");
    world.reads(0, 1, &entry, "and again");
}

#[test]
fn each_person_has_several_devices() {
    let mut world = World::of(&[0, 0, 1, 1, 1]);
    world.all_talk();
    let members = world.devices[3].members(world.room).unwrap();
    let fingerprints = members.iter().map(|leaf| (leaf.device, leaf.fingerprint));
    let mut own: Vec<_> = world
        .devices
        .iter()
        .map(|device| (device.name(), device.fingerprint()))
        .collect();
    own.sort_by_key(|(name, _)| *name);
    assert!(fingerprints.eq(own));
}

#[test]
fn messages_of_one_epoch_are_read_in_any_order() {
    let mut world = World::of(&[0, 1]);
    let texts: Vec<String> = (0..LATE_MESSAGES_MAX)
        .map(|number| format!("number {number}"))
        .collect();
    let entries: Vec<Vec<u8>> = texts.iter().map(|text| world.seal(0, text)).collect();
    for (text, entry) in texts.iter().zip(&entries).rev() {
        world.reads(1, 0, entry, text);
    }
}

#[test]
fn a_message_is_opened_once() {
    let mut world = World::of(&[0, 1]);
    let entry = world.seal(0, "once");
    world.reads(1, 0, &entry, "once");
    assert_eq!(world.open(1, 0, &entry), Err(Error::Replay));
    world.update(1);
    assert_eq!(world.open(1, 0, &entry), Err(Error::TooOld));
}

#[test]
fn a_message_that_was_moved_behind_a_commit_is_refused() {
    let mut world = World::of(&[0, 1, 2]);
    let entry = world.seal(0, "overtaken");
    world.reads(2, 0, &entry, "overtaken");
    world.update(1);
    for device in 0..3 {
        assert_eq!(world.open(device, 0, &entry), Err(Error::TooOld));
    }
    world.all_talk();
}

#[test]
fn a_message_from_ahead_waits_for_its_commit() {
    let mut world = World::of(&[0, 1]);
    let staged = world.devices[0].update(world.room).unwrap();
    world.devices[0].confirm(world.room).unwrap();
    let entry = world.seal(0, "after the commit");
    let ahead = Error::Ahead {
        entry: staged.epoch + 1,
        room: staged.epoch,
    };
    assert_eq!(world.open(1, 0, &entry), Err(ahead));
    world.open_commit(1, 0, &staged.commit).unwrap();
    world.reads(1, 0, &entry, "after the commit");
}

#[test]
fn own_entries_are_recognised_and_not_opened() {
    let mut world = World::of(&[0, 1]);
    let entry = world.seal(0, "mine");
    assert_eq!(world.open(0, 0, &entry), Err(Error::Own));
    let staged = world.devices[0].update(world.room).unwrap();
    assert_eq!(world.open_commit(0, 0, &staged.commit), Err(Error::Own));
    assert_eq!(world.devices[0].pending(world.room), Some(&staged));
    world.take(0, &staged);
    let passed = Error::Passed {
        entry: staged.epoch,
        room: staged.epoch + 1,
    };
    assert_eq!(world.open_commit(0, 0, &staged.commit), Err(passed));
    world.all_talk();
}

#[test]
fn a_changed_entry_is_refused_and_the_right_one_is_still_read() {
    let mut world = World::of(&[0, 1]);
    let entry = world.seal(0, "as it was");
    for byte in 0..entry.len() {
        let mut changed = entry.clone();
        changed[byte] ^= 1;
        assert!(world.open(1, 0, &changed).is_err(), "byte {byte}");
    }
    world.reads(1, 0, &entry, "as it was");

    let staged = world.devices[0].update(world.room).unwrap();
    for byte in 0..staged.commit.len() {
        let mut changed = staged.commit.clone();
        changed[byte] ^= 0x80;
        assert!(world.open_commit(1, 0, &changed).is_err(), "byte {byte}");
    }
    world.take(0, &staged);
    world.all_talk();
}

#[test]
fn an_entry_counts_in_its_own_room_alone() {
    let mut world = World::of(&[0, 1]);
    let entry = world.seal(0, "for the first room");
    let first = std::mem::replace(&mut world.room, RoomId::new());
    assert_eq!(world.open(1, 0, &entry), Err(Error::NoSuchRoom(world.room)));
    world.found(0, &[1]);
    assert_eq!(world.open(1, 0, &entry), Err(Error::OtherRoom));
    world.room = first;
    world.reads(1, 0, &entry, "for the first room");
}

#[test]
fn the_length_of_what_is_said_is_hidden() {
    let mut world = World::of(&[0, 1]);
    for by in 0..2 {
        let short = world.seal(by, "y");
        let long = world.seal(by, &"n".repeat(100));
        assert_eq!(short.len(), long.len());
        let longer = world.seal(by, &"n".repeat(100 + PADDING_BYTES));
        assert_eq!(longer.len(), long.len() + PADDING_BYTES);
    }
}

#[test]
fn a_plaintext_has_a_largest_size() {
    let mut world = World::of(&[0, 1]);
    let largest = "n".repeat(PLAINTEXT_BYTES_MAX);
    let entry = world.seal(0, &largest);
    world.reads(1, 0, &entry, &largest);
    let too_large = Error::TooLarge {
        bytes: PLAINTEXT_BYTES_MAX + 1,
        limit: PLAINTEXT_BYTES_MAX,
    };
    let over = vec![0; PLAINTEXT_BYTES_MAX + 1];
    assert_eq!(world.devices[0].seal(world.room, &over), Err(too_large));
}

#[test]
fn what_goes_to_the_server_holds_no_plaintext() {
    let mut world = World::of(&[0, 1]);
    let text = "a sentence that nobody else may read";
    let entry = world.seal(0, text);
    let staged = world.devices[0].update(world.room).unwrap();
    let name = world.name(0).to_string();
    for bytes in [&entry, &staged.commit] {
        assert!(
            !bytes
                .windows(8)
                .any(|part| text.as_bytes().windows(8).any(|other| part == other))
        );
        // Nor does a private message say which device sent it.
        assert!(!bytes.windows(name.len()).any(|part| part == name.as_bytes()));
    }
}

#[test]
fn a_debug_print_shows_no_plaintext_of_a_device() {
    let world = World::of(&[0]);
    let shown = format!("{:?}", world.devices[0]);
    assert_eq!(shown, format!("Device {{ name: {:?}, .. }}", world.name(0)));
}

#[test]
fn a_message_says_which_device_sent_it() {
    let mut world = World::of(&[0, 1, 1]);
    let entry = world.seal(2, "from the second");
    assert_eq!(world.open(0, 1, &entry).unwrap().device, world.name(2));
}
