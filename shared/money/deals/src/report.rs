//! The reports on a deal: its bookings, the amounts that its client has not paid, and a fall-off's cost now.

mod ageing;
mod booked;
mod exposure;

pub use ageing::{Bucket, OpenInvoice, open_invoices};
pub use booked::{Booked, BookedClient, BookedParty, booked};
pub use exposure::{ExposedPart, Exposure, exposure};

#[cfg(test)]
pub(crate) mod tests;
