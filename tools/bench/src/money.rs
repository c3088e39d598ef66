//! Measures the time until a placement is in the books, and the calls of AWS and money that it takes.
//! Also measures many writers to one account.

use std::{
    fmt::Write as _,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use inventure_demo::{self as demo, Demo};
use inventure_http_client::Api;
use inventure_stack::{
    local::{STACK_FILE, Stack},
    logs,
    project::Project,
    shell,
};
use serde_json::{Value, json};

use crate::{quantile, sorted};

/// Placements, one after another.
const PLACEMENTS: usize = 30;
/// A placement that is not in the books by then never will be.
const BOOKED_LIMIT: Duration = Duration::from_mins(1);
/// The time for which the schedules may still work on the last placement.
const REST: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(10);
/// The test that measures how writers to one account meet.
const CONTENTION: &str =
    "money::contention::sixty_four_writers_to_one_account_lose_nothing_and_try_a_bounded_number_of_times";

/// The prices that AWS asks in us-east-1, on demand, in US dollars for a million. <https://aws.amazon.com/dynamodb/pricing/on-demand/>,
/// <https://aws.amazon.com/lambda/pricing/> (arm64), as of 2025.
pub const READ_UNITS_PRICE: f64 = 0.125;
pub const WRITE_UNITS_PRICE: f64 = 0.625;
pub const INVOCATIONS_PRICE: f64 = 0.20;
/// A million GB-seconds.
pub const MEMORY_PRICE: f64 = 13.3334;
/// The functions of a placement have 256 MB.
const MEMORY_GB: f64 = 0.25;
/// The price of a million events that bring about an invocation, in US dollars. Such an event is a request of the HTTP API, or a
/// message of the bus or a queue; the price is that of the dearest of them.
const TRIGGERS_PRICE: f64 = 1.0;

/// Builds what the contention is measured with, before anything is timed.
pub fn build(project: &Project) -> Result<()> {
    let mut cargo = project.cargo();
    cargo.args([
        "test",
        "--release",
        "--quiet",
        "--no-run",
        "--package",
        "inventure-tests",
        "--test",
        "e2e",
    ]);
    shell::run(&mut cargo)
}

/// Measures, and writes the section.
pub fn measure(project: &Project, stack: &Stack, demo: &Demo, page: &mut String) -> Result<()> {
    writeln!(page, "\n## Deals and money\n")?;
    let parties = Parties::of(stack, demo)?;
    // The first finds everything cold.
    parties.placement(stack, "warm")?;
    let begun = jiff::Timestamp::now().as_millisecond().unsigned_abs();
    let times = (0..PLACEMENTS)
        .map(|number| parties.placement(stack, &number.to_string()))
        .collect::<Result<Vec<_>>>()?;
    let times = sorted(times);
    writeln!(
        page,
        "From the client's payment at the processor until it is in the books and shared, {PLACEMENTS} placements one after another: \
         p50 {:.0} ms, p95 {:.0} ms, at most {:.0} ms.",
        quantile(&times, 50),
        quantile(&times, 95),
        quantile(&times, 100)
    )?;
    thread::sleep(REST);
    writeln!(page, "\n{}", Bill::since(project, stack, begun)?.text())?;
    Ok(())
}

/// Measures many writers who book to one account at the same moment, and writes the section's line about them.
pub fn contention(project: &Project, stack: &Stack, page: &mut String) -> Result<()> {
    let mut cargo = project.cargo();
    cargo.args([
        "test",
        "--release",
        "--quiet",
        "--package",
        "inventure-tests",
        "--test",
        "e2e",
        "--",
    ]);
    cargo.args(["--exact", CONTENTION, "--nocapture"]);
    cargo.env("INVENTURE_STACK", stack.folder.join(STACK_FILE));
    let said = shell::output(&mut cargo)?;
    let line = said.lines().find(|line| line.contains("writers:"));
    let line = line.context("the test of many writers said nothing")?;
    writeln!(page, "\nTo one account at once, none lost: {line} (24 allowed).")?;
    Ok(())
}

/// The parties that take part in the placements.
struct Parties {
    job_side: Api,
    candidate_side: Api,
    employer: Api,
    ids: [String; 4],
    job: String,
}

impl Parties {
    fn of(stack: &Stack, demo: &Demo) -> Result<Self> {
        let id = |tenant| demo::tenant_id(stack, tenant);
        let (job_side, candidate_side) = ("northbank", "harbour-hale");
        let this = Self {
            ids: [
                id(job_side)?,
                id(candidate_side)?,
                id("orchid-robotics")?,
                id("fairway")?,
            ],
            job_side: demo.sign_in(stack, job_side)?,
            candidate_side: demo.sign_in(stack, candidate_side)?,
            employer: demo.sign_in(stack, "orchid-robotics")?,
            job: String::new(),
        };
        let body = json!({ "title": "Machinist", "description": "We look for a machinist.\n\nLocation: Leeds." });
        let job = this.job_side.post("/jobs", "bench-money-job", &body)?.ok()?;
        Ok(Self {
            job: text(&job, "id")?,
            ..this
        })
    }

    /// Takes a deal from its terms to the client's money. Returns the time from the payment until the books have shared it, in
    /// milliseconds.
    fn placement(&self, stack: &Stack, number: &str) -> Result<f64> {
        let key = |step: &str| format!("bench-money-{number}-{step}");
        let (one, other) = (&self.job_side, &self.candidate_side);
        let [job_side, candidate_side, employer, arbiter] = &self.ids;
        let parts = json!({
            "template": "even", "job": self.job, "employer": employer, "job_side": job_side,
            "candidate_side": candidate_side, "arbiter": arbiter, "currency": "USD", "time_zone": "Europe/London",
        });
        let mut terms = one.post("/deal-templates", &key("terms"), &parts)?.ok()?;
        terms["payment"] = json!({ "hours": 0 });
        let made = one.post("/deals", &key("deal"), &json!({ "terms": terms }))?.ok()?;
        let deal = text(&made, "id")?;
        let tell =
            |api: &Api, step: &str, what: Value| api.post(&format!("/deals/{deal}/moves"), &key(step), &what)?.ok();
        let sign = json!({ "kind": "signed", "terms_version": 1, "terms_hash": made["proposed"]["hash"] });
        tell(one, "sign-1", sign.clone())?;
        tell(other, "sign-2", sign)?;
        let person = demo::candidate(other, &key("candidate"), &format!("Bench {number}"))?;
        let contact = json!({ "email": format!("{deal}@example.com") });
        let submitted = json!({ "kind": "submitted", "candidate": person, "source": "member", "contact": contact });
        tell(other, "submit", submitted)?;
        let today = text(&made, "created_at")?;
        let today = today.split('T').next().unwrap_or_default();
        let money = |units: i64| json!({ "minor_units": units, "currency": "USD" });
        let placed = json!({
            "kind": "placed", "candidate": person, "accepted_on": today, "starts_on": today,
            "pay": { "amount": money(16_666_665), "period": "year" },
        });
        let told = tell(one, "place", placed)?;
        let yes = json!({ "kind": "assertion_confirmed", "assertion": told["assertions"][0]["fact"] });
        tell(other, "place-yes-1", yes.clone())?;
        tell(&self.employer, "place-yes-2", yes)?;
        let bill = json!({ "kind": "invoiced", "invoice": "1", "billed": "placement", "amount": money(3_333_333) });
        tell(one, "bill", bill)?;
        let owed = format!("/statements/client/{deal}/receivable/USD");
        let balance = || -> Result<Option<i64>> {
            let statement = one.get(&owed)?.ok()?;
            let text = statement["head"]["balance_minor_units"].as_str();
            Ok(text.and_then(|units| units.parse().ok()))
        };
        wait(|| Ok(balance()? == Some(3_333_333)))?;
        let paid = json!({
            "amount": 3_333_333, "currency": "usd", "metadata": { "deal": deal, "invoice": "1" },
        });
        let begun = Instant::now();
        Api::new(&stack.processor, None)
            .post("/_test/payments", "none", &paid)?
            .ok()?;
        wait(|| Ok(balance()? == Some(0)))?;
        Ok(begun.elapsed().as_secs_f64() * 1e3)
    }
}

fn wait(until: impl Fn() -> Result<bool>) -> Result<()> {
    let begun = Instant::now();
    while !until()? {
        if begun.elapsed() > BOOKED_LIMIT {
            bail!("the placement is not in the books; see cargo xtask logs settlement");
        }
        thread::sleep(PAUSE);
    }
    Ok(())
}

fn text(value: &Value, name: &str) -> Result<String> {
    let text = value[name].as_str().map(str::to_owned);
    text.with_context(|| format!("no {name} in {value}"))
}

/// The use that the functions made of AWS.
#[derive(Default)]
struct Bill {
    pieces: f64,
    calls: f64,
    reads: f64,
    writes: f64,
    milliseconds: f64,
}

impl Bill {
    /// Adds up everything since `begun`, in milliseconds of the epoch. Statements are left out: they were asked for to measure.
    fn since(project: &Project, stack: &Stack, begun: u64) -> Result<Self> {
        let mut bill = Self::default();
        for (time, function, line) in logs::of_stack(project, stack)? {
            let Ok(line) = serde_json::from_str::<Value>(&line) else {
                continue;
            };
            let number = |name: &str| line[name].as_f64();
            let (Some(calls), Some(duration)) = (number("aws_calls"), number("duration_ms")) else {
                continue;
            };
            if time < begun || function == "statements" {
                continue;
            }
            bill.pieces += 1.0;
            bill.calls += calls;
            bill.reads += number("read_units").unwrap_or(0.0);
            bill.writes += number("write_units").unwrap_or(0.0);
            bill.milliseconds += duration;
        }
        Ok(bill)
    }

    fn text(&self) -> String {
        let each = PLACEMENTS as f64;
        let seconds = self.milliseconds / 1e3;
        let price = self.reads * READ_UNITS_PRICE
            + self.writes * WRITE_UNITS_PRICE
            + self.pieces * (INVOCATIONS_PRICE + TRIGGERS_PRICE)
            + seconds * MEMORY_GB * MEMORY_PRICE;
        format!(
            "A placement from its terms to the brokers' money, all functions and schedules of that time together: {:.0} requests and messages, \
             {:.0} calls of AWS, {:.0} read and {:.0} write units of the tables, {:.2} s inside functions; at AWS's list prices (us-east-1, \
             on demand, arm64, every trigger priced as an HTTP request) USD {:.5}, without storage and logs.",
            self.pieces / each,
            self.calls / each,
            self.reads / each,
            self.writes / each,
            seconds / each,
            price / 1e6 / each
        )
    }
}
