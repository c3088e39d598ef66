//! A room with all the devices that are in it.

use inventure_core::{MemberId, RoomId};
use inventure_e2ee::{Commit, Device, DeviceName, Error, Invitation, Message, Staged};
use uuid::Uuid;

/// Makes a new device of a member.
pub fn device(member: MemberId) -> Device {
    Device::new(member, Uuid::new_v4()).unwrap()
}

/// Devices by their place in a list, and the room that they share.
pub struct World {
    pub room: RoomId,
    pub devices: Vec<Device>,
}

impl World {
    /// Makes a room with one device for each of `members`, in which equal numbers are the same member. The first has invited the
    /// others.
    pub fn of(members: &[usize]) -> Self {
        let ids: Vec<MemberId> = (0..members.len()).map(|_| MemberId::new()).collect();
        let mut world = Self {
            room: RoomId::new(),
            devices: members.iter().map(|member| device(ids[*member])).collect(),
        };
        let invited: Vec<usize> = (1..members.len()).collect();
        world.found(0, &invited);
        world
    }

    pub fn name(&self, device: usize) -> DeviceName {
        self.devices[device].name()
    }

    pub fn package(&mut self, device: usize) -> (DeviceName, Vec<u8>) {
        let device = &mut self.devices[device];
        (device.name(), device.key_package().unwrap())
    }

    /// Makes the room's first group, with these devices.
    pub fn found(&mut self, by: usize, invited: &[usize]) {
        let packages: Vec<_> = invited.iter().map(|device| self.package(*device)).collect();
        let staged = self.devices[by].found(self.room, 0, &packages).unwrap();
        assert_eq!((staged.epoch, staged.founds), (0, true));
        self.devices[by].confirm(self.room).unwrap();
        self.join(by, invited, &staged);
    }

    pub fn staged_invitation(&mut self, by: usize, invited: &[usize]) -> Staged {
        let packages: Vec<_> = invited.iter().map(|device| self.package(*device)).collect();
        self.devices[by].invite(self.room, &packages).unwrap()
    }

    pub fn invite(&mut self, by: usize, invited: &[usize]) {
        let staged = self.staged_invitation(by, invited);
        self.take(by, &staged);
        self.join(by, invited, &staged);
    }

    fn join(&mut self, by: usize, invited: &[usize], staged: &Staged) {
        for device in invited {
            self.enter(*device, by, staged).unwrap();
            assert_eq!(self.devices[*device].epoch(self.room), Ok(staged.epoch + 1));
        }
    }

    /// Lets a device join by the commit of another one, as the log has it.
    pub fn enter(&mut self, device: usize, by: usize, staged: &Staged) -> Result<(), Error> {
        let invitation = Invitation {
            room: self.room,
            epoch: staged.epoch + 1,
            by: self.name(by),
        };
        self.devices[device].join(invitation, staged.welcome.as_ref().unwrap())
    }

    pub fn remove(&mut self, by: usize, removed: &[usize]) {
        let names: Vec<_> = removed.iter().map(|device| self.name(*device)).collect();
        let staged = self.devices[by].remove(self.room, &names).unwrap();
        self.take(by, &staged);
    }

    pub fn update(&mut self, by: usize) {
        let staged = self.devices[by].update(self.room).unwrap();
        self.take(by, &staged);
    }

    /// Lets the server take a commit: everybody in the room opens it, and its maker confirms it.
    pub fn take(&mut self, by: usize, staged: &Staged) {
        let name = self.name(by);
        for device in 0..self.devices.len() {
            if device != by && self.is_in(device) {
                let opened = self.devices[device].open_commit(self.room, name, &staged.commit);
                assert_eq!(opened.unwrap().epoch, staged.epoch + 1);
            }
        }
        assert_eq!(self.devices[by].confirm(self.room), Ok(staged.epoch + 1));
    }

    pub fn is_in(&self, device: usize) -> bool {
        self.devices[device].rooms().any(|room| room == self.room)
    }

    pub fn seal(&mut self, by: usize, text: &str) -> Vec<u8> {
        self.devices[by].seal(self.room, text.as_bytes()).unwrap()
    }

    /// Lets `by` open an entry that the server says is from a member of the device `from`.
    pub fn open(&mut self, by: usize, from: usize, entry: &[u8]) -> Result<Message, Error> {
        let member = self.name(from).member;
        self.devices[by].open_message(self.room, member, entry)
    }

    /// Lets `by` open a commit that the server says is from the device `from`.
    pub fn open_commit(&mut self, by: usize, from: usize, entry: &[u8]) -> Result<Commit, Error> {
        let name = self.name(from);
        self.devices[by].open_commit(self.room, name, entry)
    }

    /// Checks that `by` reads this text of `from` in the entry.
    #[track_caller]
    pub fn reads(&mut self, by: usize, from: usize, entry: &[u8], text: &str) {
        let device = self.name(from);
        let Message {
            device: sender,
            plaintext,
        } = self.open(by, from, entry).unwrap();
        assert_eq!((sender, plaintext.as_slice()), (device, text.as_bytes()));
    }

    /// Checks that everybody in the room says something that everybody else in it reads. All know the same room.
    #[track_caller]
    pub fn all_talk(&mut self) {
        let inside: Vec<usize> = (0..self.devices.len()).filter(|device| self.is_in(*device)).collect();
        for from in &inside {
            let text = format!("said by device {from}");
            let entry = self.seal(*from, &text);
            for by in &inside {
                if by != from {
                    self.reads(*by, *from, &entry, &text);
                }
            }
        }
        let known = |device: &usize| {
            let device = &self.devices[*device];
            (
                device.epoch(self.room).unwrap(),
                device.authenticator(self.room).unwrap(),
                device.members(self.room).unwrap(),
                device.room_fingerprint(self.room).unwrap(),
            )
        };
        let first = known(&inside[0]);
        assert!(inside.iter().all(|device| known(device) == first));
        assert_eq!(first.2.len(), inside.len());
    }
}
