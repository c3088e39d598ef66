//! Measures how long each step takes: `cargo run --release -p inventure-e2ee --example measure`.
#![expect(clippy::print_stdout, reason = "what it prints is what it is for")]

use std::time::{Duration, Instant};

use inventure_core::{MemberId, RoomId};
use inventure_e2ee::{Device, DeviceName, Error, INVITED_MAX, Invitation};
use uuid::Uuid;

fn main() -> Result<(), Error> {
    for size in [2, 100, 200] {
        room_of(size)?;
    }
    Ok(())
}

/// Measures a room of so many devices. It grows one by one at its end, and its first and last device are the ones that talk.
fn room_of(size: usize) -> Result<(), Error> {
    let room = RoomId::new();
    let mut first = Device::new(MemberId::new(), Uuid::new_v4())?;
    first.found(room, 0, &[])?;
    first.confirm(room)?;
    let mut packages = Vec::new();
    for _ in 2..size {
        packages.push(fresh()?.1);
    }
    if !packages.is_empty() {
        let started = Instant::now();
        let mut bytes = (0, 0);
        for packages in packages.chunks(INVITED_MAX) {
            let staged = first.invite(room, packages)?;
            first.confirm(room)?;
            bytes = (staged.commit.len(), staged.welcome.map_or(0, |welcome| welcome.len()));
        }
        say(size, "invite all others but one and confirm", started.elapsed(), 1);
        println!("{size:4} devices: commit {} bytes, welcome {} bytes", bytes.0, bytes.1);
    }

    let (mut last, package) = fresh()?;
    let started = Instant::now();
    let staged = first.invite(room, &[package])?;
    say(size, "invite the last one", started.elapsed(), 1);
    let started = Instant::now();
    first.confirm(room)?;
    say(size, "confirm it", started.elapsed(), 1);
    let welcome = staged.welcome.unwrap_or_default();
    let started = Instant::now();
    let invitation = Invitation {
        room,
        epoch: staged.epoch + 1,
        by: first.name(),
    };
    last.join(invitation, &welcome)?;
    say(size, "join", started.elapsed(), 1);
    println!(
        "{size:4} devices: commit {} bytes, welcome {} bytes",
        staged.commit.len(),
        welcome.len()
    );

    let update = last.update(room)?;
    let started = Instant::now();
    first.open_commit(room, last.name(), &update.commit)?;
    say(size, "open a commit", started.elapsed(), 1);
    println!("{size:4} devices: the update is {} bytes", update.commit.len());
    last.confirm(room)?;

    let count = 500;
    let started = Instant::now();
    let mut entries = Vec::new();
    for _ in 0..count {
        entries.push(first.seal(room, &[7; 300])?);
    }
    say(size, "seal 300 bytes", started.elapsed(), count);
    let started = Instant::now();
    for entry in &entries {
        last.open_message(room, first.name().member, entry)?;
    }
    say(size, "open them", started.elapsed(), count);

    let started = Instant::now();
    let saved = last.save()?;
    say(size, "save", started.elapsed(), 1);
    let started = Instant::now();
    Device::restore(&saved)?;
    say(size, "restore", started.elapsed(), 1);
    println!("{size:4} devices: the state is {} bytes\n", saved.len());
    Ok(())
}

fn fresh() -> Result<(Device, (DeviceName, Vec<u8>)), Error> {
    let mut device = Device::new(MemberId::new(), Uuid::new_v4())?;
    let package = device.key_package()?;
    let name = device.name();
    Ok((device, (name, package)))
}

fn say(size: usize, what: &str, took: Duration, count: u32) {
    let each = took / count;
    println!(
        "{size:4} devices: {what}: {each:?} each, {:.0} a second",
        1.0 / each.as_secs_f64()
    );
}
