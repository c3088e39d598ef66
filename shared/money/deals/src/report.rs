//! What reports say of a deal: what was booked for it, what its client has not paid, and what a fall-off would cost now.

mod ageing;
mod booked;
mod exposure;

pub use ageing::{Bucket, OpenInvoice, open_invoices};
pub use booked::{Booked, BookedClient, BookedParty, booked};
pub use exposure::{ExposedPart, Exposure, exposure};

#[cfg(test)]
pub(crate) mod tests;
