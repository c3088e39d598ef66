//! Works on deals with the product's own code, against the tables that its environment names.
//! The process dies at every place where nobody has died yet. It is called as `worker <plan> <folder of deaths> <number>`, and ends
//! well once there is nothing left to do.

use std::{env, fs, path::PathBuf, sync::Arc};

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use inventure_api::{batch::Failure, config, http::chain};
use inventure_books::records::{ClientRefund, Payable};
use inventure_deal_store::{LoadedDeal, load, new};
use inventure_payments::{Stripe, unit};
use inventure_table::{
    Store,
    aws::{DynamoTable, S3Objects, sdk_config},
    secrets::Known,
    table::Query,
};
use inventure_tests::mortal::{Deaths, MortalProcessor, MortalTable, Plan, Script};
use jiff::{SignedDuration, Timestamp};
use payouts::{Message, Payer, Queue};
use settlement::Settler;

/// The number of times that the worker goes through all deals. A step that fails is tried again in the next round, as the queues do.
const ROUNDS: usize = 30;

/// The number of times that the worker asks to be paid at one moment. First, what is owed is kept back; the rest is for the next
/// message.
const PAYMENTS: usize = 8;

/// A queue that takes nothing: a worker knows what there is.
struct NoQueue;

#[async_trait]
impl Queue for NoQueue {
    async fn send(&self, _: String) -> Result<(), Failure> {
        Err("nobody plans here".into())
    }
}

struct Worker {
    /// The tables as the role of the function that adds facts sees them.
    deals: Store,
    /// The tables as the role of the function that pays out sees them.
    payouts: Store,
    settler: Settler,
    payer: Payer,
    deaths: Arc<Deaths>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [plan, folder, number] = arguments.try_into().map_err(|_| "three arguments")?;
    let plan: Plan = serde_json::from_str(&fs::read_to_string(plan)?)?;
    let deaths = Deaths::new(PathBuf::from(folder));
    let sdk = sdk_config().await;
    let (deals, settlement) = (
        store_of("deals", &sdk, &deaths)?,
        store_of("settlement", &sdk, &deaths)?,
    );
    let payouts = store_of("payouts", &sdk, &deaths)?;
    let stripe = Stripe::new(&plan.processor, Arc::new(Known(plan.key)), false)?;
    let processor = Arc::new(MortalProcessor(stripe, Arc::clone(&deaths)));
    let worker = Worker {
        // Nobody takes a consent back here.
        settler: Settler::new(settlement, Arc::new(S3Objects::new(&sdk, "none".to_owned()))),
        payer: Payer::new(payouts.clone(), processor, Arc::new(NoQueue)),
        deals,
        payouts,
        deaths,
    };
    // Each begins elsewhere, so that they meet and part again.
    let mut scripts = plan.scripts;
    let first = number.parse::<usize>()? % scripts.len().max(1);
    scripts.rotate_left(first);
    let mut left = Vec::new();
    for _ in 0..ROUNDS {
        left.clear();
        for script in &scripts {
            match worker.work(script).await {
                Ok(None) => {}
                Ok(Some(open)) => left.push(open),
                Err(error) => left.push(format!("{}: {}", script.deal, chain(&*error))),
            }
        }
        if left.is_empty() {
            return Ok(());
        }
    }
    Err(format!("there is no end to it: {left:?}").into())
}

/// The tables as the role of a function sees them, whose credentials stand in the environment behind its name.
#[expect(
    clippy::disallowed_methods,
    reason = "the names are put together, one set for each function"
)]
fn store_of(function: &'static str, sdk: &SdkConfig, deaths: &Arc<Deaths>) -> Result<Store, Failure> {
    let name = |name: &str| format!("{}_{name}", function.to_uppercase());
    let role = Credentials::new(
        env::var(name("AWS_ACCESS_KEY_ID"))?,
        env::var(name("AWS_SECRET_ACCESS_KEY"))?,
        env::var(name("AWS_SESSION_TOKEN")).ok(),
        None,
        "worker",
    );
    let sdk = sdk
        .to_builder()
        .credentials_provider(SharedCredentialsProvider::new(role))
        .build();
    let table = DynamoTable::new(&sdk, config::required("TABLE_NAME")?);
    let table = table.with_growing(inventure_books::LEDGER_PREFIX, config::required("LEDGER_TABLE_NAME")?);
    Ok(Store::new(Arc::new(MortalTable(table, Arc::clone(deaths))), function))
}

impl Worker {
    /// Takes a deal as far as it goes: tells what happens next, settles and pays, and so on. Returns what is still open then.
    async fn work(&self, script: &Script) -> Result<Option<String>, Failure> {
        loop {
            let held = load(&self.deals, script.deal).await?;
            let told = told(script, held.as_ref());
            let last = held.as_ref().and_then(|held| held.deal.facts().last());
            if let Some(last) = last {
                if told == script.steps.len() && self.open(script, held.as_ref()).await?.is_none() {
                    return Ok(None);
                }
                self.settle_and_pay(script, told, last.at).await?;
            }
            if told == script.steps.len() {
                self.settle_and_pay(script, told, script.end).await?;
                // Money that was first seen at the end and that no deal has due is claimed an hour later.
                self.pay(script, told, script.end + SignedDuration::from_hours(2))
                    .await?;
                let held = load(&self.deals, script.deal).await?;
                return self.open(script, held.as_ref()).await;
            }
            self.tell(script, told, held).await?;
        }
    }

    /// Adds the facts of the next step, unless another was quicker.
    async fn tell(&self, script: &Script, step: usize, held: Option<LoadedDeal>) -> Result<(), Failure> {
        let mut facts = script.steps[step].clone();
        let planned = facts.first().ok_or("a step of no facts")?.at;
        let held = held.unwrap_or_else(|| new(script.deal, script.job, script.employer, planned));
        for fact in &mut facts {
            fact.at = held.moment(fact.at);
        }
        self.deaths.begin(format!("{} step {step}", script.deal));
        let (change, _) = held.add(facts, "test")?;
        self.deals.commit(change).await?;
        Ok(())
    }

    async fn settle_and_pay(&self, script: &Script, step: usize, now: Timestamp) -> Result<(), Failure> {
        self.deaths
            .begin(format!("{} settled after {step} at {now}", script.deal));
        self.settler.settle(script.deal, "test", now).await?;
        // The next minute's payouts. What was settled after a crash is dated a nanosecond later than what was not.
        self.pay(script, step, now + SignedDuration::from_mins(1)).await
    }

    async fn pay(&self, script: &Script, step: usize, now: Timestamp) -> Result<(), Failure> {
        for tenant in &script.parties {
            self.deaths
                .begin(format!("{} pays {tenant} after {step} at {now}", script.deal));
            for _ in 0..PAYMENTS {
                let payable: Option<Payable> = self.payouts.get(&Payable::key_of(script.deal, *tenant)).await?;
                if payable.is_none_or(|payable| payable.not_before > now) {
                    break;
                }
                let (deal, tenant) = (script.deal, *tenant);
                self.payer.handle(&Message::Pay { deal, tenant }, now).await?;
            }
        }
        let refunds = self.refunds(script).await?;
        for refund in refunds.iter().filter(|refund| refund.not_before <= now) {
            self.deaths
                .begin(format!("{} refunds after {step} at {now}", script.deal));
            let (deal, refund) = (script.deal, refund.refund_id.clone());
            for _ in 0..PAYMENTS {
                let message = Message::Refund {
                    deal,
                    refund: refund.clone(),
                };
                self.payer.handle(&message, now).await?;
            }
        }
        Ok(())
    }

    /// Returns the refunds of a deal that the processor has still to pay back.
    async fn refunds(&self, script: &Script) -> Result<Vec<ClientRefund>, Failure> {
        let mut all: Vec<ClientRefund> = Vec::new();
        for shard in 0..ClientRefund::SHARDS {
            let query = Query::table(ClientRefund::partition(shard), "");
            all.extend(self.payouts.query::<ClientRefund>(&query).await?);
        }
        all.retain(|refund| refund.deal_id == script.deal);
        Ok(all)
    }

    async fn open(&self, script: &Script, held: Option<&LoadedDeal>) -> Result<Option<String>, Failure> {
        let due = held.and_then(|held| held.head.due_at);
        if due.is_some_and(|due| due <= script.end) {
            return Ok(Some(format!("{} is due", script.deal)));
        }
        let key = |tenant| Payable::key_of(script.deal, tenant);
        let keys: Vec<_> = script.parties.iter().copied().map(key).collect();
        let payables: Vec<Payable> = self.payouts.get_many(&keys).await?;
        let refunds = self.refunds(script).await?;
        let can_go = |refund: &&ClientRefund| unit::movable(refund.left.minor_units, refund.left.currency) > 0;
        let is_open = !payables.is_empty() || refunds.iter().any(|refund| can_go(&refund));
        Ok(is_open.then(|| format!("{payables:?} {refunds:?}")))
    }
}

/// Returns the number of steps that have been told.
fn told(script: &Script, held: Option<&LoadedDeal>) -> usize {
    let facts = held.map_or(&[][..], |held| held.deal.facts());
    let is_told =
        |step: &&Vec<inventure_deals::Fact>| step.iter().all(|fact| facts.iter().any(|known| known.id == fact.id));
    script.steps.iter().take_while(is_told).count()
}
