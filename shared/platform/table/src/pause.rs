//! The pause between attempts to write what others write at the same moment.

use jiff::SignedDuration;

/// The longest pause between attempts. As long as an attempt takes where many wait for one table, or they all meet again each time: with
/// 64 writers on the local stack the last needed 12 attempts, and 18 beside as many others.
const PAUSE_MAX: SignedDuration = SignedDuration::from_millis(1_000);

/// A pause of a random length that grows with the attempts, so that writers who met do not meet again. Up to a second.
pub async fn pause(attempt: u32) {
    let most = PAUSE_MAX.as_millis().min(5 << attempt.min(16)).unsigned_abs() as u64;
    let random = uuid::Uuid::new_v4().as_u128() as u64;
    tokio::time::sleep(std::time::Duration::from_millis(random % most.max(1))).await;
}
