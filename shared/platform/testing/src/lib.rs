//! All functions put together in memory: the same routers, consumers and rules as deployed, on the in-memory table and bucket.
//! The parts that depend on AWS itself (tokens, the bucket's own refusals, queues, rights) are tested end to end, in `tests/`.

mod client;
mod description;
mod people;
mod processor;
mod rights;
mod sealed;
mod sockets;
mod state;
mod world;

pub use client::{Client, ClientError};
pub use description::{api, description};
pub use people::{Answer, Person};
pub use processor::StandIn;
pub use rights::{RIGHTS, Rights, allows};
pub use sealed::{Heard, Sealed, Wire, key_package, private_message};
pub use sockets::{Device, Lines, ORIGIN, PAGES, PostBox, Sockets};
pub use state::State;
pub use world::{HashModel, SECRET, World};

/// A résumé as plain text, of a made-up backend engineer.
pub const ENGINEER: &str = "Mara Lindqvist\nSenior Backend Engineer\nmara.lindqvist@example.com | +1 512 555 0142 | Austin, TX\n\n\
SUMMARY\nBackend engineer with eight years of distributed systems in Rust and Go.\n\n\
EXPERIENCE\nSenior Backend Engineer, Copperfield Systems\nMarch 2019 - Present\n\
- Built payment services in Rust on AWS Lambda and DynamoDB for two million users\n\
- Led the move from PostgreSQL to event sourcing with Kafka\n\n\
Backend Engineer, Tallow Labs\nJune 2015 - February 2019\n- Wrote Go services and Kubernetes operators\n\n\
EDUCATION\nBSc Computer Science, University of Leeds, 2015\n\n\
SKILLS\nRust, Go, PostgreSQL, Kafka, Kubernetes, AWS, Docker\n";

/// A résumé as plain text, of a made-up nurse.
pub const NURSE: &str = "Tomas Avery\nRegistered Nurse\ntomas.avery@example.com | +1 617 555 0177 | Boston, MA\n\n\
SUMMARY\nIntensive care nurse with six years at the bedside.\n\n\
EXPERIENCE\nRegistered Nurse, Harbourview Hospital\nMay 2018 - Present\n\
- Care for ventilated patients in a twenty-bed intensive care unit\n- Train new nurses in patient safety\n\n\
EDUCATION\nBSc Nursing, Northeastern University, 2018\n\n\
SKILLS\nCritical care, patient assessment, electronic medical records\n";

/// A résumé as plain text, of somebody made up who suits [`BACKEND_JOB`] less than [`ENGINEER`] does.
pub const DEVELOPER: &str = "Tomas Avery\nBackend Developer\ntomas.avery@example.com | +1 617 555 0177 | Boston, MA\n\n\
SUMMARY\nBackend engineer with six years of payment infrastructure in Java.\n\n\
EXPERIENCE\nBackend Engineer, Harbourview Payments\nMay 2018 - Present\n\
- Build payment infrastructure in Java on AWS and Kubernetes\n- Train new engineers in backend production work\n\n\
EDUCATION\nBSc Computer Science, Northeastern University, 2018\n\n\
SKILLS\nJava, AWS, Kubernetes\n";

/// A job for [`ENGINEER`].
pub const BACKEND_JOB: (&str, &str) = (
    "Senior Rust Backend Engineer",
    "We build payment infrastructure and look for a senior backend engineer.\n\nRequirements:\n- 5+ years of backend \
     engineering\n- Rust and PostgreSQL in production\n- AWS, Kubernetes\n\nNice to have:\n- Kafka\n\n\
     Location: Austin, TX or remote. Salary $150,000 - $190,000 a year. Full-time, permanent.",
);
