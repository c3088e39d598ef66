use inventure_core::MemberId;
use inventure_e2ee::{DeviceName, Error, KEY_PACKAGE_DAYS, KEY_PACKAGE_DAYS_LEFT_MIN, KeyPackageFault, Staged};
use openmls::prelude::{Ciphersuite, Lifetime, ProtocolVersion};

use crate::{
    outsider::{DAY, Outsider, SUITE, bytes, now},
    world::{World, device},
};

fn invite(name: DeviceName, package: Vec<u8>) -> Result<Staged, Error> {
    let mut world = World::of(&[0, 1]);
    let invited = world.devices[0].invite(world.room, &[(name, package)]);
    if invited.is_err() {
        // A refusal leaves nothing behind.
        assert_eq!(world.devices[0].pending(world.room), None);
        world.update(0);
        world.all_talk();
    }
    invited
}

#[track_caller]
fn refused(outsider: &Outsider, package: Vec<u8>, fault: KeyPackageFault) {
    let device = outsider.name;
    assert_eq!(invite(device, package), Err(Error::KeyPackage { device, fault }));
}

#[track_caller]
fn of_lifetime(from: u64, to: u64) -> (Outsider, Vec<u8>) {
    let outsider = Outsider::new();
    let package = outsider.package(&outsider.name.to_string(), SUITE, Lifetime::init(from, to));
    (outsider, bytes(package))
}

#[test]
fn a_right_key_package_is_taken() {
    let outsider = Outsider::new();
    assert!(invite(outsider.name, outsider.key_package()).is_ok());
}

#[test]
fn a_key_package_of_another_device_is_refused() {
    let outsider = Outsider::new();
    let device = device(outsider.name.member).name();
    let fault = KeyPackageFault::OtherDevice(outsider.name);
    let invited = invite(device, outsider.key_package());
    assert_eq!(invited, Err(Error::KeyPackage { device, fault }));
}

#[test]
fn an_expired_key_package_is_refused() {
    let (outsider, package) = of_lifetime(now() - 10 * DAY, now() - 1);
    refused(&outsider, package, KeyPackageFault::Lifetime);
}

#[test]
fn a_key_package_that_expires_soon_is_refused() {
    let soon = now() + KEY_PACKAGE_DAYS_LEFT_MIN * DAY;
    let (outsider, package) = of_lifetime(now() - DAY, soon - 60);
    refused(&outsider, package, KeyPackageFault::Lifetime);
    let (outsider, package) = of_lifetime(now() - DAY, soon + 60);
    assert!(invite(outsider.name, package).is_ok());
}

#[test]
fn a_key_package_that_is_not_valid_yet_is_refused() {
    let (outsider, package) = of_lifetime(now() + DAY, now() + 40 * DAY);
    refused(&outsider, package, KeyPackageFault::Lifetime);
}

#[test]
fn a_key_package_that_is_valid_for_too_long_is_refused() {
    let (outsider, package) = of_lifetime(now() - DAY, now() + KEY_PACKAGE_DAYS * DAY);
    refused(&outsider, package, KeyPackageFault::Lifetime);
}

#[test]
fn a_key_package_of_another_ciphersuite_is_refused() {
    let suite = Ciphersuite::MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519;
    let outsider = Outsider::with(suite);
    let package = outsider.package(&outsider.name.to_string(), suite, Lifetime::new(80 * DAY));
    refused(&outsider, bytes(package), KeyPackageFault::Ciphersuite);
}

#[test]
fn a_key_package_whose_credential_names_no_device_is_refused() {
    let outsider = Outsider::new();
    let upper = outsider.name.to_string().to_uppercase();
    for identity in [outsider.name.member.to_string(), upper, String::new()] {
        refused(
            &outsider,
            bytes(outsider.package_of(&identity)),
            KeyPackageFault::Credential,
        );
    }
}

#[test]
fn a_key_package_of_a_device_that_is_not_like_ours_is_refused() {
    let mut outsider = Outsider::new();
    outsider.versions.push(ProtocolVersion::Other(7));
    refused(&outsider, outsider.key_package(), KeyPackageFault::Capabilities);
    // One that is longer than any of ours is not even looked at.
    outsider.versions = vec![ProtocolVersion::Mls10; 200];
    refused(&outsider, outsider.key_package(), KeyPackageFault::Malformed);
}

#[test]
fn a_key_package_with_a_wrong_signature_is_refused() {
    let outsider = Outsider::new();
    let mut package = outsider.key_package();
    let last = package.len() - 1;
    package[last] ^= 1;
    refused(&outsider, package, KeyPackageFault::Signature);
}

#[test]
fn what_is_no_key_package_is_refused() {
    let outsider = Outsider::new();
    refused(&outsider, Vec::new(), KeyPackageFault::Malformed);
    let mut longer = outsider.key_package();
    longer.push(0);
    refused(&outsider, longer, KeyPackageFault::Malformed);
    refused(&outsider, vec![0; 5 * 1024], KeyPackageFault::Malformed);
    let mut world = World::of(&[0, 1]);
    refused(&outsider, world.seal(0, "a message"), KeyPackageFault::Malformed);
}

#[test]
fn a_device_is_in_a_room_once() {
    let mut world = World::of(&[0, 1]);
    let (room, name) = (world.room, world.name(1));
    let again = world.package(1);
    assert_eq!(world.devices[0].invite(room, &[again]), Err(Error::AlreadyInRoom(name)));
    world.devices.push(device(MemberId::new()));
    let (one, two) = (world.package(2), world.package(2));
    let name = world.name(2);
    assert_eq!(
        world.devices[0].invite(room, &[one, two]),
        Err(Error::AlreadyInRoom(name))
    );
}

#[test]
fn a_key_package_that_repeats_a_key_of_the_room_is_refused() {
    let mut world = World::of(&[0, 1]);
    let outsider = Outsider::new();
    let package = (outsider.name, outsider.key_package());
    let staged = world.devices[0].invite(world.room, &[package]).unwrap();
    world.take(0, &staged);
    // The same signature key under another name.
    let other = device(MemberId::new()).name();
    let package = (other, bytes(outsider.package_of(&other.to_string())));
    let refused = Error::KeyPackage {
        device: other,
        fault: KeyPackageFault::Unusable,
    };
    let mut good: Vec<_> = (0..4)
        .map(|_| Outsider::new())
        .map(|new| (new.name, new.key_package()))
        .collect();
    good.insert(2, package);
    assert_eq!(world.devices[0].invite(world.room, &good), Err(refused), "which one");
    assert_eq!(world.devices[0].pending(world.room), None);
    let entry = world.seal(0, "we two");
    world.reads(1, 0, &entry, "we two");
}

#[test]
fn a_key_package_is_used_once_and_the_last_resort_again_and_again() {
    let mut world = World::of(&[0, 1]);
    world.devices.push(device(MemberId::new()));
    let name = world.name(2);
    let once = (name, world.devices[2].key_package().unwrap());
    let last = (name, world.devices[2].last_resort_key_package().unwrap());
    let room = world.room;
    for (package, again) in [(once, false), (last, true)] {
        for round in 0..2 {
            let staged = world.devices[0].invite(room, std::slice::from_ref(&package)).unwrap();
            world.take(0, &staged);
            let joined = world.enter(2, 0, &staged);
            if round == 0 || again {
                assert!(joined.is_ok());
                world.all_talk();
                world.remove(0, &[2]);
            } else {
                assert_eq!(joined, Err(Error::NotInvited));
                world.remove(0, &[2]);
            }
        }
    }
}

#[test]
fn key_packages_that_are_still_good_are_not_forgotten() {
    let mut world = World::of(&[0]);
    world.devices.push(device(MemberId::new()));
    let staged = world.staged_invitation(0, &[1]);
    assert_eq!(world.devices[1].forget_expired_key_packages(), 0);
    world.take(0, &staged);
    assert!(world.enter(1, 0, &staged).is_ok());
}
