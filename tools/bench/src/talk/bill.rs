//! Reckons the use that the sockets make of AWS, and the price that AWS asks for it.
//! The functions say the use in their logs.

use serde_json::Value;

use crate::money::{INVOCATIONS_PRICE, MEMORY_PRICE, READ_UNITS_PRICE, WRITE_UNITS_PRICE};

/// US dollars for a million messages of a WebSocket API, each of up to 32 KB, in and out alike. us-east-1, the first thousand million
/// of a month. <https://aws.amazon.com/api-gateway/pricing/>, as of 2025.
const SOCKET_MESSAGES_PRICE: f64 = 1.00;
/// US dollars for a million minutes of a connection. As above.
const CONNECTION_MINUTES_PRICE: f64 = 0.25;
/// US dollars for a million requests of a standard queue. <https://aws.amazon.com/sqs/pricing/>, us-east-1, as of 2025.
const QUEUE_REQUESTS_PRICE: f64 = 0.40;
/// US dollars for a GB of log taken in. <https://aws.amazon.com/cloudwatch/pricing/>, us-east-1, as of 2025.
const LOG_PRICE: f64 = 0.50;
/// Memory of `chat` and `fanout`, as the template has it.
const MEMORY_GB: f64 = 0.5;

/// Signs of life of an idle connection in an hour: one every four minutes.
const PINGS: f64 = 15.0;
/// Sweeps in an hour.
const SWEEPS: f64 = 60.0;
/// Connections that share the sweeps.
pub const SHARED_BY: f64 = 10_000.0;
/// A sweep's message is sent, received and deleted.
const QUEUE_REQUESTS: f64 = 3.0;
/// A frame comes in and its answer goes out.
const FRAME_AND_ANSWER: f64 = 2.0;
/// The writes of a sign of life into the index, which the functions do not count. The connection leaves its place and takes a new one.
const INDEX_WRITES: f64 = 2.0;

/// The use that a piece of work made of AWS. Of several pieces, it is the average of one of them.
#[derive(Clone, Copy, Default)]
pub struct Work {
    /// The number of calls of AWS.
    pub calls: f64,
    pub reads: f64,
    pub writes: f64,
    pub milliseconds: f64,
    /// Everything said meanwhile.
    pub log_bytes: f64,
}

impl Work {
    /// Reads from a function's lines the pieces of work that end with this event.
    pub fn read(said: &[String], event: &str) -> Vec<Self> {
        let mut log_bytes = 0;
        let mut all = Vec::new();
        for text in said {
            log_bytes += text.len() + 1;
            let line: Value = serde_json::from_str(text).unwrap_or_default();
            if line["message"] != event {
                continue;
            }
            let number = |name: &str| line[name].as_f64().unwrap_or_default();
            all.push(Self {
                calls: number("aws_calls"),
                reads: number("read_units"),
                writes: number("write_units"),
                milliseconds: number("duration_ms"),
                log_bytes: std::mem::take(&mut log_bytes) as f64,
            });
        }
        all
    }

    /// Returns the average of several pieces of work.
    pub fn mean(all: &[Self]) -> Self {
        let of = |part: fn(&Self) -> f64| all.iter().map(part).sum::<f64>() / all.len().max(1) as f64;
        Self {
            calls: of(|work| work.calls),
            reads: of(|work| work.reads),
            writes: of(|work| work.writes),
            milliseconds: of(|work| work.milliseconds),
            log_bytes: of(|work| work.log_bytes),
        }
    }

    /// Returns the US dollars for a million of these, without what the gateway and the log ask.
    fn inside(&self) -> f64 {
        self.reads * READ_UNITS_PRICE
            + self.writes * WRITE_UNITS_PRICE
            + INVOCATIONS_PRICE
            + self.milliseconds / 1e3 * MEMORY_GB * MEMORY_PRICE
    }

    /// Returns the US dollars for a million of these for the log.
    fn log(&self) -> f64 {
        self.log_bytes * 1e6 / 1e9 * LOG_PRICE
    }
}

/// A price in US dollars, by the service that asks it.
pub struct Price {
    pub gateway: f64,
    /// Functions and tables.
    pub inside: f64,
    pub log: f64,
}

impl Price {
    /// The price of one message in a room of two: it comes in, its answer and two posts go out.
    pub fn of_message(send: &Work) -> Self {
        let posts = 2.0;
        Self {
            gateway: (FRAME_AND_ANSWER + posts) * SOCKET_MESSAGES_PRICE / 1e6,
            inside: send.inside() / 1e6,
            log: send.log() / 1e6,
        }
    }

    /// The price of an hour of one connection that only shows that it lives.
    pub fn of_idle_hour(ping: &Work, sweep: &Work) -> Self {
        let shared = SWEEPS / SHARED_BY;
        let index = INDEX_WRITES * WRITE_UNITS_PRICE;
        Self {
            gateway: (PINGS * FRAME_AND_ANSWER * SOCKET_MESSAGES_PRICE + 60.0 * CONNECTION_MINUTES_PRICE) / 1e6,
            inside: (PINGS * (ping.inside() + index)
                + shared * (sweep.inside() + QUEUE_REQUESTS * QUEUE_REQUESTS_PRICE))
                / 1e6,
            log: (PINGS * ping.log() + shared * sweep.log()) / 1e6,
        }
    }

    pub fn sum(&self) -> f64 {
        self.gateway + self.inside + self.log
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_read_from_the_log_with_everything_said_before_it() {
        let said = [
            r#"{"message":"frame.delivered"}"#,
            r#"{"message":"frame.done","aws_calls":10,"duration_ms":4.0,"read_units":6,"write_units":8}"#,
            r#"{"message":"frame.done","aws_calls":4,"duration_ms":2.0}"#,
        ];
        let work = Work::read(&said.map(str::to_owned), "frame.done");
        let mean = Work::mean(&work);
        assert_eq!(
            (work.len(), mean.calls, mean.milliseconds, mean.writes),
            (2, 7.0, 3.0, 4.0)
        );
        let bytes = said.concat().len() + said.len();
        assert!((2.0 * mean.log_bytes - bytes as f64).abs() < 1e-9);
    }

    #[test]
    fn an_idle_hour_costs_fifteen_pings_and_their_index() {
        let ping = Work {
            writes: 3.0,
            reads: 2.0,
            ..Work::default()
        };
        let price = Price::of_idle_hour(&ping, &Work::default());
        assert!((price.gateway - 45e-6).abs() < 1e-9);
        assert!(
            (price.inside - 15.0 * (5.0 * 0.625 + 2.0 * 0.125 + 0.2) / 1e6).abs() < 1e-8,
            "{}",
            price.inside
        );
    }
}
