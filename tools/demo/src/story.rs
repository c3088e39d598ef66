//! The demo's deal: two brokers sign, a candidate is placed, the client pays, the ledger splits, a statement proves it.

use std::{fs, path::PathBuf, process::Command, thread, time::Instant};

use anyhow::{Context, Result, bail};
use inventure_http_client::{Api, PATIENCE, Request};
use inventure_stack::{
    aws::Aws,
    local::STAGE,
    package::Build,
    project::{Project, write_private},
    shell,
};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use serde_json::{Value, json};

use crate::{MATCHING_LIMIT, PAUSE, Work, candidate, owner, talk, text};

/// The parties: the broker with the job, the broker with the candidate, the employer and the arbiter.
const PARTIES: [&str; 4] = ["northbank", "harbour-hale", "orchid-robotics", "fairway"];
/// The résumé of the candidate whom they place.
const CANDIDATE: &str = "harbour-hale/daniel-osei-wright.pdf";
const NAME: &str = "Daniel Osei-Wright";
const ZONE: &str = "America/New_York";
const INVOICE: &str = "2026-001";
/// A year's pay, in cents.
const PAY: i64 = 16_000_000;
const STATEMENT_FILE: &str = "statement.json";

/// The story as it was told, line by line.
pub struct Story(Vec<String>);

impl Story {
    /// Prints the story.
    pub fn print(&self) {
        println!();
        for line in &self.0 {
            println!("{line}");
        }
    }
}

/// Tells the deal as far as it has not happened yet, through the API like everything else.
pub struct Teller<'a, 'b> {
    work: &'a mut Work<'b>,
    project: &'a Project,
    build: Build,
    /// The parties' names and ids.
    names: [String; 4],
    ids: [Value; 4],
    job_side: Api,
    candidate_side: Api,
    employer: Api,
    owners: [Api; 2],
    operator: Api,
    lines: Vec<String>,
}

impl<'a, 'b> Teller<'a, 'b> {
    /// Returns the teller, signed in as the brokers of both agencies, the employer, the owners and the operator.
    pub fn new(
        work: &'a mut Work<'b>,
        project: &'a Project,
        build: Build,
        people: &[Value],
        tenants: &Value,
    ) -> Result<Self> {
        let name = |key: &str| {
            let mut all = tenants.as_array().into_iter().flatten();
            let known = all.find(|tenant| tenant["key"] == key);
            known
                .and_then(|tenant| tenant["name"].as_str())
                .unwrap_or(key)
                .to_owned()
        };
        Ok(Self {
            names: PARTIES.map(name),
            ids: PARTIES.map(|key| work.made["ids"][format!("tenant/{key}")].clone()),
            job_side: work.as_worker(PARTIES[0], people)?,
            candidate_side: work.as_worker(PARTIES[1], people)?,
            employer: work.as_worker(PARTIES[2], people)?,
            owners: [
                work.sign_in(owner(PARTIES[0], people)?)?,
                work.sign_in(owner(PARTIES[1], people)?)?,
            ],
            operator: {
                let operator = people.iter().find(|person| person["role"] == "operator");
                work.sign_in(operator.context("the seed has no operator")?)?
            },
            work,
            project,
            build,
            lines: Vec::new(),
        })
    }

    /// Tells the whole story, of this job.
    pub fn tell(mut self, job: &str) -> Result<Story> {
        let deal = self.propose(job)?;
        self.sign(&deal)?;
        let person = self.submit(&deal)?;
        let brokers = [&self.job_side, &self.candidate_side];
        let names = [self.names[0].as_str(), self.names[1].as_str()];
        let talk = talk::tell(self.work, &deal, brokers, names, NAME)?;
        self.place(&deal, &person)?;
        self.onboard()?;
        self.settle(&deal)?;
        self.prove()?;
        self.compare()?;
        self.lines.push(String::new());
        self.lines.extend(talk);
        Ok(Story(self.lines))
    }

    fn propose(&mut self, job: &str) -> Result<String> {
        let parts = json!({
            "template": "even", "job": job, "job_side": self.ids[0], "candidate_side": self.ids[1], "employer": self.ids[2],
            "arbiter": self.ids[3], "currency": "USD", "time_zone": ZONE,
        });
        let api = &self.job_side;
        let deal = self.work.once("deal", |_, key| {
            let mut terms = api.post("/deal-templates", key, &parts)?.ok()?;
            // So that nobody has to wait for the next business day to see the end.
            terms["payment"] = json!({ "hours": 0 });
            let deal = api.post("/deals", &format!("{key}-2"), &json!({ "terms": terms }))?;
            Ok(deal.ok()?["id"].clone())
        })?;
        self.lines.push(format!("A split deal   ({deal})"));
        Ok(deal)
    }

    /// Tells the deal what happened, once.
    fn tells(work: &mut Work, api: &Api, deal: &str, name: &str, what: &Value) -> Result<()> {
        work.once(&format!("deal/{name}"), |_, key| {
            api.post(&format!("/deals/{deal}/moves"), key, what)?.ok()?;
            Ok(json!("done"))
        })?;
        Ok(())
    }

    fn sign(&mut self, deal: &str) -> Result<()> {
        let view = |api: &Api| api.get(&format!("/deals/{deal}"))?.ok();
        for (api, party) in [(&self.job_side, PARTIES[0]), (&self.candidate_side, PARTIES[1])] {
            let open = view(api)?["proposed"].clone();
            let sign =
                json!({ "kind": "signed", "terms_version": open["terms"]["version"], "terms_hash": open["hash"] });
            Self::tells(self.work, api, deal, &format!("signed/{party}"), &sign)?;
        }
        let signed = view(&self.job_side)?;
        let hash = signed["in_force"]["hash"].as_str().unwrap_or_default();
        let [job_side, candidate_side, ..] = &self.names;
        self.lines.push(format!(
            "  {job_side} and {candidate_side} sign the same terms, 47.5% / 47.5% / 5% for the network: sha256 {}…",
            &hash[..hash.len().min(16)]
        ));
        Ok(())
    }

    fn submit(&mut self, deal: &str) -> Result<String> {
        let api = &self.candidate_side;
        let person = self.work.once(&format!("candidate/{CANDIDATE}"), |_, key| {
            candidate(api, key, NAME).map(Value::from)
        })?;
        let contact = json!({ "email": "daniel.osei-wright@example.com" });
        let submit = json!({ "kind": "submitted", "candidate": person, "source": "member", "contact": contact });
        let seen = format!("/deals/{deal}/candidates/{person}");
        if self.work.made["ids"]["deal/submitted"].is_null() {
            Self::tells(self.work, api, deal, "submitted", &submit)?;
            if self.job_side.get(&seen)?.ok()?.get("name").is_some() {
                bail!("the other side sees the name before the terms disclose it");
            }
        }
        let [job_side, candidate_side, ..] = &self.names;
        self.lines.push(format!(
            "  {candidate_side} submits {NAME} with consent; {job_side} sees what they can do, and not yet who it is"
        ));
        Ok(person)
    }

    fn place(&mut self, deal: &str, person: &str) -> Result<()> {
        let (today, fee) = (today()?, PAY / 5);
        let placed = json!({
            "kind": "placed", "candidate": person, "accepted_on": today, "starts_on": today.checked_add(14.days())?,
            "pay": { "amount": money(PAY), "period": "year" },
        });
        Self::tells(self.work, &self.job_side, deal, "placed", &placed)?;
        for (api, party) in [(&self.candidate_side, PARTIES[1]), (&self.employer, PARTIES[2])] {
            let view = api.get(&format!("/deals/{deal}"))?.ok()?;
            let mut reports = view["assertions"].as_array().into_iter().flatten();
            if let Some(report) = reports.find(|report| report["awaits_you"] == true) {
                let yes = json!({ "kind": "assertion_confirmed", "assertion": report["fact"] });
                Self::tells(self.work, api, deal, &format!("placed/{party}"), &yes)?;
            }
        }
        let bill = json!({ "kind": "invoiced", "invoice": INVOICE, "billed": "placement", "amount": money(fee) });
        Self::tells(self.work, &self.job_side, deal, "invoiced", &bill)?;
        self.lines.push(format!(
            "  placed at {} with {} a year, which {} and {} confirm; the fee is 20%: {} billed",
            self.names[2],
            dollars(PAY),
            self.names[1],
            self.names[2],
            dollars(fee)
        ));
        self.work
            .once("deal/paid", |work, _| work.pay(deal, fee).map(|()| json!("done")))?;
        self.lines
            .push("  the client pays the processor, which says so in a signed event".to_owned());
        Ok(())
    }

    /// Lets both owners tell the processor who they are, as its page would ask them.
    fn onboard(&mut self) -> Result<()> {
        for (api, party) in self.owners.iter().zip(PARTIES) {
            self.work.once(&format!("deal/onboarded/{party}"), |_, key| {
                let body = json!({ "return_url": "http://localhost:5173/payouts" });
                let account = api.post("/payout-account", key, &body)?.ok()?;
                let page = Request::get(text(&account, "onboarding_url")?);
                page.send(PATIENCE).context("a page")?.ok()?;
                Ok(json!("done"))
            })?;
        }
        Ok(())
    }

    /// Waits until the payment is in the books and paid out, and shows what everybody got. It goes over bus and queues into the books
    /// and out again.
    fn settle(&mut self, deal: &str) -> Result<()> {
        let paid = |api: &Api| -> Result<Option<Value>> {
            let payouts = api.get("/payouts")?.ok()?;
            let mut payouts = payouts.as_array().cloned().unwrap_or_default().into_iter();
            Ok(payouts.find(|payout| payout["deal_id"] == deal && payout["status"] == "settled"))
        };
        let begun = Instant::now();
        let payouts = loop {
            if let (Some(one), Some(other)) = (paid(&self.job_side)?, paid(&self.candidate_side)?) {
                break [one, other];
            }
            if begun.elapsed() > MATCHING_LIMIT {
                bail!("the deal is not paid out; see cargo xtask logs settlement and payouts");
            }
            // The schedule would ask within a minute; nobody wants to wait for it.
            self.work.to_payouts(self.project, r#"{"plan":{}}"#)?;
            thread::sleep(4 * PAUSE);
        };
        let settled = self.job_side.get(&format!("/deals/{deal}/settlement"))?.ok()?;
        let movements = settled["movements"].as_array().into_iter().flatten();
        let network: i64 = movements
            .filter(|movement| movement["who"] == "network" && movement["why"] == "earned")
            .filter_map(|movement| movement["amount"]["minor_units"].as_i64())
            .sum();
        self.lines
            .push("  the ledger splits it, to the cent, and the schedule pays out:".to_owned());
        for (name, payout) in self.names.iter().zip(&payouts) {
            let units = payout["amount"]["minor_units"].as_i64().unwrap_or_default();
            let transfer = payout["transfer_id"].as_str().unwrap_or_default();
            self.lines
                .push(format!("    {name:<28} {:>14}   {transfer}", dollars(units)));
        }
        self.lines
            .push(format!("    {:<28} {:>14}", "the network", dollars(network)));
        Ok(())
    }

    fn prove(&mut self) -> Result<()> {
        let file = self.work.statement(self.project, &self.candidate_side)?;
        let says = shell::output(
            Command::new(self.build.cli(&self.project.target()?))
                .arg("verify")
                .arg(&file),
        )?;
        self.lines
            .push("  the day is sealed, and the statement proves it to anybody, offline:".to_owned());
        self.lines.extend(says.lines().map(|line| format!("    {line}")));
        Ok(())
    }
}

impl Teller<'_, '_> {
    /// Checks whether the processor has what the books say, as the schedule asks for once a day.
    fn compare(&mut self) -> Result<()> {
        let newest = |api: &Api| -> Result<Value> { Ok(api.get("/reconciliations")?.ok()?[0].clone()) };
        let before = newest(&self.operator)?;
        self.work.to_payouts(self.project, r#"{"reconcile":{}}"#)?;
        let begun = Instant::now();
        let found = loop {
            let found = newest(&self.operator)?;
            if found["until"] != before["until"] {
                break found;
            }
            if begun.elapsed() > MATCHING_LIMIT {
                bail!("the processor was not compared with the books; see cargo xtask logs payouts");
            }
            thread::sleep(4 * PAUSE);
        };
        let dollars_of = |name: &str| dollars(found["balances"][0][name].as_i64().unwrap_or_default());
        let (books, processor) = (dollars_of("books_minor_units"), dollars_of("processor_minor_units"));
        let differences = found["differences"].as_array().map_or(0, Vec::len);
        self.lines.push(format!(
            "  compared with the processor: the books have {books} in cash, the processor has {processor}, {differences} differences"
        ));
        Ok(())
    }
}

/// The account of what a broker has available.
fn available(api: &Api) -> Result<String> {
    let accounts = api.get("/accounts")?.ok()?;
    let found = accounts
        .as_array()
        .into_iter()
        .flatten()
        .find(|account| account["kind"] == "available");
    Ok(text(found.context("the broker has no account")?, "account")?.to_owned())
}

impl Work<'_> {
    /// Sends what a schedule would send to the payouts queue.
    fn to_payouts(&self, project: &Project, message: &str) -> Result<()> {
        let queue = self.stack.output("PayoutsQueueUrl")?;
        let send = ["sqs", "send-message", "--queue-url", queue, "--message-body", message];
        Aws::local(project, &self.stack.emulator).call(send).map(drop)
    }

    /// Lets the client pay at the processor, which tells the platform.
    fn pay(&self, deal: &str, minor_units: i64) -> Result<()> {
        let body = json!({
            "amount": minor_units, "currency": "usd", "metadata": { "deal": deal, "invoice": INVOICE },
        });
        let processor = Api::new(&self.stack.processor, None);
        processor.post("/_test/payments", "none", &body)?.ok()?;
        Ok(())
    }

    /// Seals the day and keeps a statement of what a broker has available.
    fn statement(&self, project: &Project, api: &Api) -> Result<PathBuf> {
        let aws = Aws::local(project, &self.stack.emulator);
        let function = format!("inventure-{STAGE}-sealer");
        let answered = self.stack.folder.join("sealer.json");
        aws.call(
            [
                "lambda",
                "invoke",
                "--function-name",
                &function,
                "--qualifier",
                inventure_stack::stack::LIVE,
                "--payload",
                "{}",
            ]
            .into_iter()
            .chain([answered.to_str().context("the path of the state folder is no text")?]),
        )?;
        let _ = fs::remove_file(answered);
        let account = available(api)?;
        let document = api.get_text(&format!("/statements/{account}"))?;
        let file = self.stack.folder.join(STATEMENT_FILE);
        write_private(&file, document.as_bytes())?;
        Ok(file)
    }
}

fn money(minor_units: i64) -> Value {
    json!({ "minor_units": minor_units, "currency": "USD" })
}

/// Whole cents as a person writes them.
fn dollars(minor_units: i64) -> String {
    let (whole, cents) = (minor_units / 100, minor_units % 100);
    let digits = whole.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("USD {grouped}.{cents:02}")
}

fn now() -> Timestamp {
    Timestamp::now()
}

fn today() -> Result<Date> {
    Ok(now().to_zoned(TimeZone::get(ZONE)?).date())
}
