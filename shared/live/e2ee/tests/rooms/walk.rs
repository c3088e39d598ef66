//! A few hundred random steps of six devices of four members, with a server that only orders.

use std::collections::BTreeSet;

use inventure_core::{MemberId, RoomId};
use inventure_e2ee::{Device, DeviceName, Error, Invitation, Staged};

use crate::world::device;

/// A source of numbers that are the same for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

/// The part of an entry that the server stores.
struct Entry {
    sender: DeviceName,
    bytes: Vec<u8>,
}

/// The part of an entry that only the test knows.
enum Truth {
    Message { epoch: u64, text: String },
    Commit { epoch: u64, removed: Vec<DeviceName> },
}

struct Client {
    device: Device,
    /// The offset up to which the client has read the log.
    offset: usize,
    /// The epoch that the client joined in, while it is in the room.
    joined: Option<u64>,
    /// A welcome that has not been opened yet, the invitation that it belongs to, and the offset after its commit.
    welcome: Option<(Vec<u8>, Invitation, usize)>,
}

struct Walk {
    room: RoomId,
    clients: Vec<Client>,
    log: Vec<(Entry, Truth)>,
    epoch: u64,
    members: BTreeSet<DeviceName>,
    texts: Vec<String>,
    read: usize,
    own: usize,
}

impl Walk {
    fn new() -> Self {
        let members: Vec<MemberId> = (0..4).map(|_| MemberId::new()).collect();
        let clients = [0, 0, 1, 1, 2, 3].map(|member: usize| Client {
            device: device(members[member]),
            offset: 0,
            joined: None,
            welcome: None,
        });
        let mut walk = Self {
            room: RoomId::new(),
            clients: clients.into(),
            log: Vec::new(),
            epoch: 0,
            members: BTreeSet::new(),
            texts: Vec::new(),
            read: 0,
            own: 0,
        };
        let first = &mut walk.clients[0];
        first.device.found(walk.room, 0, &[]).unwrap();
        walk.epoch = first.device.confirm(walk.room).unwrap();
        first.joined = Some(walk.epoch);
        walk.members.insert(first.device.name());
        walk
    }

    fn talk(&mut self, by: usize) {
        let client = &mut self.clients[by];
        let text = format!("sentence number {:06} of the walk", self.texts.len());
        let bytes = client.device.seal(self.room, text.as_bytes()).unwrap();
        let epoch = client.device.epoch(self.room).unwrap();
        if epoch != self.epoch {
            // The server refuses it; the client reads on.
            return;
        }
        let sender = client.device.name();
        self.texts.push(text.clone());
        self.log.push((Entry { sender, bytes }, Truth::Message { epoch, text }));
    }

    /// Makes a commit and leaves it waiting.
    fn stage(&mut self, by: usize, dice: &mut Dice) -> Option<(Staged, Vec<usize>, Vec<DeviceName>)> {
        let known: BTreeSet<DeviceName> = {
            let members = self.clients[by].device.members(self.room).unwrap();
            members.into_iter().map(|leaf| leaf.device).collect()
        };
        let own = self.clients[by].device.name();
        let inside: Vec<DeviceName> = known.iter().copied().filter(|name| *name != own).collect();
        let outside: Vec<usize> = (0..self.clients.len())
            .filter(|other| !known.contains(&self.clients[*other].device.name()))
            .collect();
        let room = self.room;
        match dice.roll(6) {
            0..=2 if !outside.is_empty() => {
                let mut invited = vec![outside[dice.roll(outside.len())]];
                let second = outside[dice.roll(outside.len())];
                if second != invited[0] && dice.roll(2) == 0 {
                    invited.push(second);
                }
                let packages: Vec<_> = invited
                    .iter()
                    .map(|other| {
                        let device = &mut self.clients[*other].device;
                        (device.name(), device.key_package().unwrap())
                    })
                    .collect();
                let staged = self.clients[by].device.invite(room, &packages).unwrap();
                Some((staged, invited, vec![]))
            }
            3 if !inside.is_empty() => {
                let gone = inside[dice.roll(inside.len())];
                // Sometimes a device, sometimes all that the member has here.
                let all = dice.roll(3) == 0;
                let removed: Vec<DeviceName> = inside
                    .into_iter()
                    .filter(|name| *name == gone || all && name.member == gone.member)
                    .collect();
                let staged = self.clients[by].device.remove(room, &removed).unwrap();
                Some((staged, vec![], removed))
            }
            4 => Some((self.clients[by].device.update(room).unwrap(), vec![], vec![])),
            _ => None,
        }
    }

    fn commit(&mut self, by: usize, dice: &mut Dice) {
        if self.clients[by].device.pending(self.room).is_some() {
            return;
        }
        let Some((staged, added, removed)) = self.stage(by, dice) else {
            return;
        };
        // The answer may be lost either way; the log tells in the end.
        let answered = dice.roll(2) == 0;
        if staged.epoch != self.epoch {
            if answered {
                self.clients[by].device.discard(self.room).unwrap();
            }
            return;
        }
        let sender = self.clients[by].device.name();
        let epoch = self.epoch;
        self.epoch += 1;
        for name in &removed {
            self.members.remove(name);
        }
        for other in added {
            self.members.insert(self.clients[other].device.name());
            let welcome = staged.welcome.clone().unwrap();
            let invitation = Invitation {
                room: self.room,
                epoch: self.epoch,
                by: sender,
            };
            self.clients[other].welcome = Some((welcome, invitation, self.log.len() + 1));
        }
        let entry = Entry {
            sender,
            bytes: staged.commit,
        };
        self.log.push((entry, Truth::Commit { epoch, removed }));
        if answered {
            // A commit is confirmed at its place in the log.
            while self.clients[by].offset < self.log.len() {
                self.read_next(by);
            }
        }
    }

    /// Lets a client read its next entry, or join.
    fn read_next(&mut self, by: usize) {
        let room = self.room;
        let client = &mut self.clients[by];
        let Some(_) = client.joined else {
            let Some((welcome, invitation, offset)) = client.welcome.take() else {
                return;
            };
            client.device.join(invitation, &welcome).unwrap();
            client.offset = offset;
            client.joined = Some(invitation.epoch);
            return;
        };
        let Some((entry, truth)) = self.log.get(client.offset) else {
            return;
        };
        client.offset += 1;
        let own = client.device.name();
        let now = client.device.epoch(room).unwrap();
        match truth {
            Truth::Message { epoch, text } => {
                let opened = client.device.open_message(room, entry.sender.member, &entry.bytes);
                assert_eq!(*epoch, now, "the server takes messages in the current epoch alone");
                let expected = if entry.sender == own {
                    Err(Error::Own)
                } else {
                    Ok(text.as_bytes())
                };
                match (&opened, expected) {
                    (Ok(message), Ok(text)) => {
                        assert_eq!((message.device, message.plaintext.as_slice()), (entry.sender, text));
                        self.read += 1;
                    }
                    (Err(error), Err(expected)) if *error == expected => {
                        self.own += 1;
                    }
                    (opened, expected) => panic!("{opened:?} is not {expected:?}"),
                }
            }
            Truth::Commit { epoch, removed } => {
                let opened = client.device.open_commit(room, entry.sender, &entry.bytes);
                assert_eq!(*epoch, now, "a log has no gaps");
                if entry.sender == own {
                    assert_eq!(opened, Err(Error::Own));
                    let pending = client.device.pending(room).unwrap();
                    assert_eq!(pending.commit, entry.bytes);
                    assert_eq!(client.device.confirm(room), Ok(epoch + 1));
                } else {
                    let opened = opened.unwrap();
                    let gone: BTreeSet<_> = opened.removed.into_iter().collect();
                    assert_eq!(gone, removed.iter().copied().collect());
                    assert_eq!(opened.removed_self, removed.contains(&own));
                    if opened.removed_self {
                        client.joined = None;
                    }
                }
            }
        }
    }

    fn step(&mut self, dice: &mut Dice) {
        let inside: Vec<usize> = (0..self.clients.len())
            .filter(|by| self.clients[*by].joined.is_some())
            .collect();
        // Mostly those who are in the room, since the others can only wait.
        let anybody = dice.roll(self.clients.len());
        let by = if dice.roll(3) == 0 {
            anybody
        } else {
            inside[dice.roll(inside.len())]
        };
        match dice.roll(9) {
            0..=2 if self.clients[by].joined.is_some() => self.talk(by),
            3..=4 if self.clients[by].joined.is_some() => self.commit(by, dice),
            5 => {
                let saved = self.clients[by].device.save().unwrap();
                self.clients[by].device = Device::restore(&saved).unwrap();
            }
            _ => {
                for _ in 0..=dice.roll(8) {
                    self.read_next(by);
                }
            }
        }
    }

    fn read_all(&mut self) {
        for by in 0..self.clients.len() {
            loop {
                let client = &self.clients[by];
                let done = client.offset >= self.log.len() || client.joined.is_none();
                if done && client.welcome.is_none() {
                    break;
                }
                self.read_next(by);
            }
        }
    }

    fn all_agree(&self) {
        let mut shown = BTreeSet::new();
        for client in &self.clients {
            let name = client.device.name();
            assert_eq!(client.joined.is_some(), self.members.contains(&name), "{name}");
            if client.joined.is_some() {
                assert_eq!(client.device.epoch(self.room), Ok(self.epoch));
                let members = client.device.members(self.room).unwrap();
                assert!(members.iter().map(|leaf| leaf.device).eq(self.members.iter().copied()));
                shown.insert(client.device.authenticator(self.room).unwrap().to_string());
            }
        }
        assert_eq!(shown.len(), 1);
    }

    fn no_plaintext_in_the_log(&self) {
        let part = "sentence number ".as_bytes();
        assert!(self.texts.iter().all(|text| text.as_bytes().starts_with(part)));
        for (entry, _) in &self.log {
            assert!(!entry.bytes.windows(part.len()).any(|bytes| bytes == part));
        }
    }
}

#[test]
fn six_devices_converge_and_each_message_is_read_by_those_who_were_there() {
    for seed in 1..=4 {
        let mut dice = Dice(seed);
        let mut walk = Walk::new();
        for step in 1..=600 {
            walk.step(&mut dice);
            if step % 50 == 0 {
                walk.read_all();
                walk.all_agree();
            }
        }
        walk.read_all();
        walk.all_agree();
        walk.no_plaintext_in_the_log();
        eprintln!(
            "seed {seed}: epoch {}, {} entries, {} read, {} own",
            walk.epoch,
            walk.log.len(),
            walk.read,
            walk.own
        );
        assert!(walk.epoch > 20 && walk.read > 200, "seed {seed} is too quiet");
    }
}
