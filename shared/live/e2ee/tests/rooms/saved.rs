use inventure_core::MemberId;
use inventure_e2ee::{Device, Error};

use crate::world::{World, device};

fn restart(world: &mut World, device: usize) {
    let saved = world.devices[device].save().unwrap();
    world.devices[device] = Device::restore(&saved).unwrap();
}

#[test]
fn a_restored_device_goes_on_where_it_was() {
    let mut world = World::of(&[0, 1]);
    let early = world.seal(0, "early");
    let fingerprint = world.devices[1].fingerprint();
    restart(&mut world, 0);
    restart(&mut world, 1);
    assert_eq!(world.devices[1].fingerprint(), fingerprint);
    world.reads(1, 0, &early, "early");
    restart(&mut world, 1);
    assert_eq!(world.open(1, 0, &early), Err(Error::Replay));
    world.all_talk();
    world.update(1);
    restart(&mut world, 1);
    world.all_talk();
}

#[test]
fn a_key_package_outlives_a_restart() {
    let mut world = World::of(&[0]);
    world.devices.push(device(MemberId::new()));
    let staged = world.staged_invitation(0, &[1]);
    restart(&mut world, 1);
    world.take(0, &staged);
    world.enter(1, 0, &staged).unwrap();
    world.all_talk();
}

#[test]
fn a_commit_that_waits_outlives_a_restart() {
    let mut world = World::of(&[0, 1]);
    let staged = world.devices[0].update(world.room).unwrap();
    restart(&mut world, 0);
    assert_eq!(world.devices[0].pending(world.room), Some(&staged));
    assert_eq!(world.devices[0].update(world.room), Err(Error::CommitPending));
    world.take(0, &staged);
    world.all_talk();
    let refused = world.devices[0].update(world.room).unwrap();
    restart(&mut world, 0);
    world.devices[0].discard(world.room).unwrap();
    restart(&mut world, 0);
    assert_eq!(world.devices[0].confirm(world.room), Err(Error::NothingPending));
    world.update(1);
    assert!(matches!(
        world.open_commit(1, 0, &refused.commit),
        Err(Error::Passed { .. })
    ));
    world.all_talk();
}

#[test]
fn a_damaged_state_is_refused() {
    let world = World::of(&[0, 1]);
    let saved = world.devices[1].save().unwrap();
    assert!(Device::restore(&saved).is_ok());
    for byte in (0..saved.len()).step_by(97).chain([0, 1, saved.len() - 1]) {
        let mut damaged = saved.to_vec();
        damaged[byte] ^= 4;
        assert_eq!(Device::restore(&damaged).unwrap_err(), Error::State, "byte {byte}");
    }
    for length in [0, 1, 31, 32, 33, saved.len() / 2, saved.len() - 1] {
        assert_eq!(
            Device::restore(&saved[..length]).unwrap_err(),
            Error::State,
            "{length} bytes"
        );
    }
}
