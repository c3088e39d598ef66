//! A process that works on deals with the product's own code, against the tables that its environment names, and dies at every place
//! where nobody has died yet. `worker <plan> <folder of deaths> <number>`; ends well once there is nothing left to do.

use std::{env, fs, path::PathBuf, sync::Arc};

use async_trait::async_trait;
use inventure_deal_store::{Held, load, new};
use inventure_api::{batch::Failure, config};
use inventure_payments::{Stripe, unit};
use inventure_table::{
    Store,
    aws::{DynamoTable, S3Objects, sdk_config},
    records::{ClientRefund, Payable},
    secrets::Known,
    table::Query,
};
use inventure_tests::mortal::{Deaths, MortalProcessor, MortalTable, Plan, Script};
use jiff::{SignedDuration, Timestamp};
use payouts::{Message, Payer, Queue};
use settlement::Settler;

/// How often it goes through all deals. Whatever fails is tried again in the next round, as the queues do.
const ROUNDS: usize = 30;

/// How often it asks to be paid at one moment: what is owed is kept back first, and the rest is for the next message.
const PAYMENTS: usize = 8;

/// Nothing is handed out: a worker knows what there is.
struct NoQueue;

#[async_trait]
impl Queue for NoQueue {
    async fn send(&self, _: String) -> Result<(), Failure> {
        Err("nobody plans here".into())
    }
}

struct Worker {
    store: Store,
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
    let table = DynamoTable::new(&sdk, config::required("TABLE_NAME")?);
    let table = table.with_ledger(config::required("LEDGER_TABLE_NAME")?);
    let store = Store::new(Arc::new(MortalTable(table, Arc::clone(&deaths))));
    let stripe = Stripe::new(&plan.processor, Arc::new(Known(plan.key)), false)?;
    let processor = Arc::new(MortalProcessor(stripe, Arc::clone(&deaths)));
    let worker = Worker {
        // Nobody takes a consent back here.
        settler: Settler::new(store.clone(), Arc::new(S3Objects::new(&sdk, "none".to_owned()))),
        payer: Payer::new(store.clone(), processor, Arc::new(NoQueue)),
        store,
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
                Err(error) => left.push(format!("{}: {error}", script.deal)),
            }
        }
        if left.is_empty() {
            return Ok(());
        }
    }
    Err(format!("there is no end to it: {left:?}").into())
}

impl Worker {
    /// Takes a deal as far as it goes: tells what happens next, settles and pays, and so on. What is still open then.
    async fn work(&self, script: &Script) -> Result<Option<String>, Failure> {
        loop {
            let held = load(&self.store, script.deal).await?;
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
                let held = load(&self.store, script.deal).await?;
                return self.open(script, held.as_ref()).await;
            }
            self.tell(script, told, held).await?;
        }
    }

    /// Adds the facts of the next step, unless another was quicker.
    async fn tell(&self, script: &Script, step: usize, held: Option<Held>) -> Result<(), Failure> {
        let mut facts = script.steps[step].clone();
        let planned = facts.first().ok_or("a step of no facts")?.at;
        let held = held.unwrap_or_else(|| new(script.deal, script.job, script.employer, planned));
        for fact in &mut facts {
            fact.at = held.moment(fact.at);
        }
        self.deaths.begin(format!("{} step {step}", script.deal));
        let (change, _) = held.add(facts, "test")?;
        self.store.commit(change).await?;
        Ok(())
    }

    async fn settle_and_pay(&self, script: &Script, step: usize, now: Timestamp) -> Result<(), Failure> {
        self.deaths
            .begin(format!("{} settled after {step} at {now}", script.deal));
        self.settler.settle(script.deal, "test", now).await?;
        // The next minute's payouts. What was settled after a crash is dated a nanosecond later than what was not.
        let now = now + SignedDuration::from_mins(1);
        for tenant in &script.parties {
            self.deaths
                .begin(format!("{} pays {tenant} after {step} at {now}", script.deal));
            for _ in 0..PAYMENTS {
                let payable: Option<Payable> = self.store.get(&Payable::key_of(script.deal, *tenant)).await?;
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

    /// What the processor has still to pay back of a deal.
    async fn refunds(&self, script: &Script) -> Result<Vec<ClientRefund>, Failure> {
        let mut all: Vec<ClientRefund> = Vec::new();
        for shard in 0..ClientRefund::SHARDS {
            let query = Query::table(ClientRefund::partition(shard), "");
            all.extend(self.store.query::<ClientRefund>(&query).await?);
        }
        all.retain(|refund| refund.deal_id == script.deal);
        Ok(all)
    }

    async fn open(&self, script: &Script, held: Option<&Held>) -> Result<Option<String>, Failure> {
        let due = held.and_then(|held| held.head.due_at);
        if due.is_some_and(|due| due <= script.end) {
            return Ok(Some(format!("{} is due", script.deal)));
        }
        let key = |tenant| Payable::key_of(script.deal, tenant);
        let keys: Vec<_> = script.parties.iter().copied().map(key).collect();
        let payables: Vec<Payable> = self.store.get_many(&keys).await?;
        let refunds = self.refunds(script).await?;
        let can_go = |refund: &&ClientRefund| unit::movable(refund.left.minor_units, refund.left.currency) > 0;
        let is_open = !payables.is_empty() || refunds.iter().any(|refund| can_go(&refund));
        Ok(is_open.then(|| format!("{payables:?} {refunds:?}")))
    }
}

/// How many steps have been told.
fn told(script: &Script, held: Option<&Held>) -> usize {
    let facts = held.map_or(&[][..], |held| held.deal.facts());
    let is_told =
        |step: &&Vec<inventure_deals::Fact>| step.iter().all(|fact| facts.iter().any(|known| known.id == fact.id));
    script.steps.iter().take_while(is_told).count()
}
