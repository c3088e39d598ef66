//! A device's state as bytes, to be kept encrypted by the platform.

use std::collections::BTreeMap;

use inventure_core::RoomId;
use openmls::prelude::{MlsGroup, OpenMlsProvider};
use openmls_basic_credential::SignatureKeyPair;
use openmls_rust_crypto::OpenMlsRustCrypto;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{
    Device, DeviceName, Error, Staged,
    room::{Room, group_id},
    storage,
};

/// The version of the layout, in the first byte. Another layout is another number, and the older ones that anybody has stay
/// readable.
const VERSION: u8 = 3;

const SUM_BYTES: usize = 32;

#[derive(Serialize)]
struct Saved<'a> {
    name: DeviceName,
    signer: &'a SignatureKeyPair,
    rooms: Vec<Place<&'a Option<Staged>>>,
    founding: Vec<Place<&'a Option<Staged>>>,
    entries: &'a storage::Entries,
}

#[derive(Deserialize)]
struct Restored {
    name: DeviceName,
    signer: SignatureKeyPair,
    rooms: Vec<Place<Option<Staged>>>,
    founding: Vec<Place<Option<Staged>>>,
    entries: storage::Entries,
}

/// A room: its id, the epoch that its group was founded in, and what is kept beside the group.
type Place<P> = (RoomId, u64, P);

fn places(rooms: &BTreeMap<RoomId, Room>) -> Vec<Place<&Option<Staged>>> {
    let rooms = rooms.iter();
    rooms.map(|(id, room)| (*id, room.base, &room.pending)).collect()
}

fn loaded(provider: &OpenMlsRustCrypto, places: Vec<Place<Option<Staged>>>) -> Result<BTreeMap<RoomId, Room>, Error> {
    let room = |(id, base, pending)| {
        let group = MlsGroup::load(provider.storage(), &group_id(id, base)).map_err(|_| Error::State)?;
        let place = Room {
            group: group.ok_or(Error::State)?,
            base,
            pending,
        };
        Ok((id, place))
    };
    places.into_iter().map(room).collect()
}

impl Device {
    /// Returns the device's whole state, keys and all, as bytes. Anybody who has it is the device. Keep it encrypted by the
    /// platform, and put it in the place of the one before; an older one must never be used again.
    pub fn save(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        let entries = storage::read(&self.provider);
        let saved = Saved {
            name: self.name,
            signer: &self.signer,
            rooms: places(&self.rooms),
            founding: places(&self.founding),
            entries: &entries,
        };
        // The size first: a buffer that grows leaves copies of keys behind.
        let size = postcard::experimental::serialized_size(&saved).map_err(Error::internal)?;
        let mut bytes = Zeroizing::new(vec![0; 1 + size + SUM_BYTES]);
        if let Some((version, rest)) = bytes.split_first_mut() {
            *version = VERSION;
            postcard::to_slice(&saved, rest).map_err(Error::internal)?;
        }
        let sum = Sha256::digest(bytes.get(..=size).unwrap_or_default());
        if let Some(tail) = bytes.get_mut(1 + size..) {
            tail.copy_from_slice(&sum);
        }
        Ok(bytes)
    }

    /// Restores the device as it was saved. The sum at the end finds damage, not malice: keeping others from the state is the
    /// platform's part.
    pub fn restore(bytes: &[u8]) -> Result<Self, Error> {
        let body = bytes.len().checked_sub(SUM_BYTES).ok_or(Error::State)?;
        let (body, sum) = bytes.split_at(body);
        if Sha256::digest(body).as_slice() != sum {
            return Err(Error::State);
        }
        let (version, body) = body.split_first().ok_or(Error::State)?;
        if *version != VERSION {
            return Err(Error::State);
        }
        let restored: Restored = postcard::from_bytes(body).map_err(|_| Error::State)?;
        let provider = OpenMlsRustCrypto::default();
        *storage::write(&provider) = restored.entries;
        // From here on the device's own drop wipes the entries, whatever goes wrong.
        let mut device = Self {
            name: restored.name,
            signer: restored.signer,
            provider,
            rooms: BTreeMap::new(),
            founding: BTreeMap::new(),
        };
        device.rooms = loaded(&device.provider, restored.rooms)?;
        device.founding = loaded(&device.provider, restored.founding)?;
        Ok(device)
    }
}
