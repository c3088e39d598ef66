//! Money under the worst conditions, on the real tables.
//! Many work at once, and processes die before and after everything they write.
//!
//! The workers are processes of their own that run the product's own settlement and payouts with the rights of a function. Their work
//! is then held against the rules, against a ledger in memory, and against the processor, which knows nothing of either.

mod books;
mod stories;

use std::{
    collections::BTreeMap,
    fs,
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use inventure_books::{
    Ledger,
    records::{ClientPayment, PaidOut, Payout, PayoutAccount, PayoutStatus},
};
use inventure_core::{Currency, TenantId};
use inventure_deal_store::load;
use inventure_deals::{Deal, What};
use inventure_ledger::{Account, Kind, Owner, Posting, Reference, Shard, Transaction, TransactionKind};
use inventure_payments::{Processor, Stripe, unit};
use inventure_table::{
    Change, Store, Table,
    aws::DynamoTable,
    change::OutboxItem,
    secrets::Known,
    table::{Item, Query},
};
use inventure_tests::{
    Stack,
    mortal::{DEATHS_MAX, Plan, Script, places, transfer_of, unsent},
};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use self::{
    books::{Books, Sums, tenants},
    stories::{Dice, script},
};

/// Workers at once.
const WORKERS: usize = 3;
/// Deals, in the currencies in turn.
const DEALS: usize = 4;
/// Brokers, who meet each other in all of them.
const BROKERS: usize = 4;
/// The time that all workers together may take.
const PATIENCE: Duration = Duration::from_mins(5);
/// The most times that workers may end otherwise than by dying or being done. They end so where all got into each other's way.
const GIVEN_UP_MAX: u32 = 5;
/// A key of the stand-in for the processor.
const KEY: &str = "sk_test_model";
/// The amount that the guarantee reserve has from the start, in the cash of each shard. It is more than all fees, so that no refund
/// takes the cash with which another deal's brokers are to be paid.
const FUNDED: i64 = 100_000_000;

pub fn table(stack: &Stack) -> DynamoTable {
    let administrator = Credentials::new("test", "test", None, None, "tests");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(administrator))
        .endpoint_url(stack.endpoint())
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .build();
    DynamoTable::new(&config, stack.output("MainTableName").to_owned()).with_growing(
        inventure_books::LEDGER_PREFIX,
        stack.output("LedgerTableName").to_owned(),
    )
}

pub fn amount(account: Account, minor_units: i64) -> Posting {
    Posting { account, minor_units }
}

pub fn transaction(id: &str, kind: TransactionKind, postings: Vec<Posting>) -> Transaction {
    Transaction {
        id: id.parse().unwrap(),
        kind,
        occurred_at: Timestamp::UNIX_EPOCH,
        deal: None,
        reason: None,
        corrects: None,
        resolves: None,
        postings,
    }
}

/// A room in which workers die.
struct Room {
    stack: Stack,
    store: Store,
    ledger: Ledger,
    processor: stripe_stand_in::Server,
    currencies: [Currency; 2],
    brokers: Vec<TenantId>,
    /// The broker's accounts at the processor.
    accounts: BTreeMap<TenantId, String>,
    funding: Reference,
    scripts: Vec<Script>,
    folder: PathBuf,
}

impl Room {
    /// Makes a room of two currencies that nobody has booked in yet. So all their accounts, the network's too, are this test's alone.
    async fn new(seed: u64) -> Self {
        let stack = Stack::running();
        let store = Store::new(Arc::new(table(&stack)), "test");
        let ledger = Ledger::new(store.clone());
        let heads = ledger.all_heads().await.unwrap();
        let is_free = |code: &&&str| heads.iter().all(|head| head.account.currency().code() != **code);
        let free = [
            "JPY", "KWD", "KRW", "BHD", "CHF", "TND", "SEK", "NOK", "CZK", "PLN", "DKK", "HKD",
        ];
        let mut free = free.iter().filter(is_free).map(|code| code.parse().unwrap());
        let currencies = [(); 2].map(|()| {
            free.next()
                .expect("a currency that nobody has booked in: use a new stack")
        });
        let options = stripe_stand_in::Options {
            port: 0,
            accounts_key: None,
            key: KEY.to_owned(),
            webhook: None,
        };
        let brokers: Vec<TenantId> = (0..BROKERS).map(|_| TenantId::new()).collect();
        let mut dice = Dice(seed);
        let all = (0..DEALS).map(|n| script(&mut dice, &brokers, currencies[n % 2]));
        let folder = std::env::temp_dir().join(format!("inventure-{}", Uuid::new_v4().simple()));
        fs::create_dir(&folder).unwrap();
        let mut room = Self {
            scripts: all.collect(),
            processor: stripe_stand_in::start(options).unwrap(),
            funding: format!("fund:{}", Uuid::new_v4().simple()).parse().unwrap(),
            accounts: BTreeMap::new(),
            stack,
            store,
            ledger,
            currencies,
            brokers,
            folder,
        };
        room.open_accounts().await;
        room.take_payments().await;
        room.fund().await;
        room
    }

    /// Opens the brokers' accounts as the function for them does. The workers find out whether they are ready.
    async fn open_accounts(&mut self) {
        let url = self.processor.url().to_owned();
        let stripe = Stripe::new(&url, Arc::new(Known(KEY.to_owned())), false).unwrap();
        for tenant_id in self.brokers.clone() {
            let opened = stripe.open_account(&tenant_id.to_string()).await.unwrap();
            let link = stripe.onboarding_link(&opened.id, "https://app.example").await.unwrap();
            assert_eq!(self.stack.visit(&link).status, 200);
            let account = PayoutAccount {
                tenant_id,
                account: opened.id.clone(),
                is_ready: false,
                version: 1,
            };
            self.store.commit(Change::new().insert(&account)).await.unwrap();
            self.accounts.insert(tenant_id, opened.id);
        }
        for currency in self.currencies {
            let paid = json!({ "amount": 99_999_990, "currency": currency.code().to_lowercase() });
            let _ = self.stack.post(&format!("{url}/_test/payments"), &paid).expect(200);
        }
        // An answer that is lost after the money has gone, and one that never was.
        let fault = json!({ "kind": "server_error", "after_effect": true });
        let faults = json!({ "faults": [fault, { "kind": "rate_limit" }, fault] });
        let _ = self.stack.post(&format!("{url}/_test/faults"), &faults).expect(200);
    }

    /// Takes the payments that the clients will have made by the time that the deals say so. They are noted as the webhook notes them.
    async fn take_payments(&self) {
        let url = format!("{}/_test/payments", self.processor.url());
        for script in &self.scripts {
            for fact in script.steps.iter().flatten() {
                let What::PaymentReceived { invoice, amount } = &fact.what else {
                    continue;
                };
                let paid = json!({
                    "amount": amount.minor_units, "currency": amount.currency.code().to_lowercase(), "by_bank": true,
                });
                let intent = self.stack.post(&url, &paid).expect(200);
                let payment = ClientPayment {
                    deal_id: script.deal,
                    invoice: invoice.clone(),
                    payment_id: intent["id"].as_str().unwrap().to_owned(),
                    amount: *amount,
                    refunded_minor_units: 0,
                    charged_back_minor_units: 0,
                    version: 1,
                };
                self.store.commit(Change::new().insert(&payment)).await.unwrap();
            }
        }
    }

    /// Fills the guarantee reserve.
    async fn fund(&self) {
        let mut postings = Vec::new();
        for currency in self.currencies {
            let shards: Vec<Shard> = (0..inventure_ledger::SHARDS).filter_map(Shard::new).collect();
            let all = FUNDED * shards.len() as i64;
            for shard in shards {
                let cash = Account::new(Owner::Network(shard), Kind::Cash, currency);
                postings.push(amount(cash.unwrap(), FUNDED));
            }
            let reserve = Account::new(Owner::Network(Shard::FIRST), Kind::GuaranteeReserve, currency);
            postings.push(amount(reserve.unwrap(), -all));
        }
        let funded = transaction(self.funding.as_str(), TransactionKind::ReserveFunded, postings);
        self.ledger.book(&funded, |_| Change::new()).await.unwrap();
    }

    /// Runs all workers until each has come to its end, however often it dies. Returns the number of deaths, and of times that one gave
    /// up.
    fn work(&self) -> (u32, u32) {
        let deaths = self.folder.join("deaths");
        fs::create_dir(&deaths).unwrap();
        let plan = Plan {
            scripts: self.scripts.clone(),
            processor: self.processor.url().to_owned(),
            key: KEY.to_owned(),
        };
        let file = self.folder.join("plan.json");
        fs::write(&file, serde_json::to_string(&plan).unwrap()).unwrap();
        let roles = ["deals", "settlement", "payouts"].map(|function| self.stack.role_of(function));
        let (died, given_up, begun) = (AtomicU32::new(0), AtomicU32::new(0), Instant::now());
        thread::scope(|scope| {
            for number in 0..WORKERS {
                let (file, deaths, roles, died, given_up) = (&file, &deaths, &roles, &died, &given_up);
                scope.spawn(move || {
                    loop {
                        assert!(begun.elapsed() < PATIENCE, "the workers come to no end");
                        let ended = self.worker(roles, file, deaths, number).output().unwrap();
                        if ended.status.success() {
                            return;
                        }
                        let said = String::from_utf8_lossy(&ended.stderr);
                        // What `abort` ends with.
                        if ended.status.signal() == Some(6) {
                            died.fetch_add(1, Ordering::Relaxed);
                        } else {
                            println!("{}: {said}", ended.status);
                            // What they left behind then says why.
                            if given_up.fetch_add(1, Ordering::Relaxed) >= GIVEN_UP_MAX {
                                return;
                            }
                        }
                    }
                });
            }
        });
        (died.into_inner(), given_up.into_inner())
    }

    fn worker(&self, roles: &[inventure_tests::Credentials; 3], plan: &Path, deaths: &Path, number: usize) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_worker"));
        command
            .args([plan, deaths])
            .arg(number.to_string())
            .stdin(Stdio::null())
            .env_clear()
            .envs(
                ["DEALS_", "SETTLEMENT_", "PAYOUTS_"]
                    .iter()
                    .zip(roles)
                    .flat_map(|(function, role)| {
                        let named = role.environment().into_iter();
                        named.map(move |(name, value)| (format!("{function}{name}"), value))
                    }),
            )
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ENDPOINT_URL", self.stack.endpoint())
            .env("TABLE_NAME", self.stack.output("MainTableName"))
            .env("LEDGER_TABLE_NAME", self.stack.output("LedgerTableName"));
        command
    }

    /// The deals as they ended.
    async fn deals(&self) -> Vec<(Deal, Timestamp)> {
        let mut deals = Vec::new();
        for script in &self.scripts {
            let held = load(&self.store, script.deal).await.unwrap().unwrap();
            let due = held.head.due_at;
            assert!(
                due.is_none_or(|due| due > script.end),
                "{} is still due: {due:?}",
                script.deal
            );
            for fact in script.steps.iter().flatten() {
                let told = held.deal.facts().iter().filter(|known| known.id == fact.id).count();
                assert_eq!(told, 1, "{} {}", script.deal, fact.what.kind());
            }
            deals.push((held.deal, script.end));
        }
        deals
    }

    /// Checks that the books have what the deals' facts come to, and what the processor moved.
    fn check_sums(&self, books: &Books, deals: &[(Deal, Timestamp)], currency: Currency, state: &Value) {
        let transfers = state["transfers"].as_array().unwrap();
        let sums = Sums::of(deals, currency);
        let refunds = state["refunds"].as_array().unwrap().iter();
        let refunds = refunds.filter(|refund| refund["currency"] == currency.code().to_lowercase());
        let refunded: i64 = refunds.map(|refund| refund["amount"].as_i64().unwrap()).sum();
        // Less than the processor moves stays owed: of each deal less than one step.
        let short_max = (unit::step(currency) - 1) * deals.len() as i64;
        let short = sums.refunded - refunded;
        assert!(
            (0..=short_max).contains(&short),
            "every client is paid back what it is to get, once: {short} are missing"
        );
        let transferred = |to: Option<&str>| -> i64 {
            let code = currency.code().to_lowercase();
            let own = transfers.iter().filter(|transfer| transfer["currency"] == code);
            let own = own.filter(|transfer| to.is_none_or(|to| transfer["destination"] == to));
            let number = |transfer: &Value, name: &str| transfer[name].as_i64().unwrap();
            own.map(|transfer| number(transfer, "amount") - number(transfer, "amount_reversed"))
                .sum()
        };
        let funded = FUNDED * i64::from(inventure_ledger::SHARDS);
        let network = |kind| books.network(kind, currency);
        assert_eq!(network(Kind::Cash), funded + sums.cash - transferred(None), "cash");
        assert_eq!(network(Kind::Revenue), sums.revenue, "revenue");
        assert_eq!(network(Kind::InTransit), 0, "nothing is on its way");
        let stood_in = network(Kind::GuaranteeReserve) + network(Kind::Recoverable);
        assert_eq!(stood_in, funded, "the reserve has it or gets it back");
        for (deal, owed) in &sums.receivable {
            let account = Account::receivable(deal.clone(), currency);
            assert_eq!(books.balance(&account), *owed, "{account}");
        }
        let mut debts = 0;
        for tenant in tenants(deals) {
            let has = |kind| books.balance(&Account::broker(tenant, kind, currency).unwrap());
            let of = |sums: &BTreeMap<TenantId, i64>| sums.get(&tenant).copied().unwrap_or(0);
            assert_eq!(has(Kind::Reserved), of(&sums.reserved), "{tenant} reserved");
            let paid = transferred(Some(&self.accounts[&tenant]));
            let left = of(&sums.theirs) - paid;
            assert_eq!(has(Kind::Available) - has(Kind::Debt), left, "{tenant} was paid {paid}");
            debts += has(Kind::Debt);
        }
        assert_eq!(network(Kind::Recoverable), debts, "what is owed and what it is owed to");
    }

    /// Checks that each payout is one transfer of its amount to its broker. Its end is booked and was said once.
    async fn check_payouts(&self, books: &Books, transfers: &[Value]) {
        let mut paid = 0;
        for first in books.payouts() {
            let id = first.id.as_str();
            let of_payout: Vec<&Value> = transfers.iter().filter(|of| of["metadata"]["payout"] == id).collect();
            let [transfer] = of_payout[..] else {
                panic!("{id} is {} transfers", of_payout.len())
            };
            let record: Payout = self.store.get(&Payout::key_of(id)).await.unwrap().unwrap();
            assert_eq!(record.status, PayoutStatus::Settled, "{id}");
            assert_eq!(record.transfer_id.as_deref(), transfer["id"].as_str(), "{id}");
            let taken: Vec<&Posting> = first
                .postings
                .iter()
                .filter(|posting| posting.minor_units > 0)
                .collect();
            let [Posting { account, minor_units }] = taken[..] else {
                panic!("{first:?}")
            };
            assert_eq!(*account.owner(), Owner::Broker(record.tenant_id));
            assert_eq!(record.amount.minor_units, *minor_units, "{id}");
            assert_eq!(transfer["amount"], *minor_units, "{id}");
            assert_eq!(transfer["currency"], account.currency().code().to_lowercase(), "{id}");
            assert_eq!(
                transfer["destination"],
                self.accounts[&record.tenant_id].as_str(),
                "{id}"
            );
            let settled = books.transactions.get(&format!("{id}:settled").parse().unwrap());
            assert_eq!(settled.and_then(|settled| settled.resolves.as_ref()), Some(&first.id));
            let said = Query::table(unsent(id), "");
            let table = table(&self.stack);
            let said: Vec<Item> = table.query(&said).await.unwrap();
            let said: Vec<OutboxItem> = said
                .into_iter()
                .map(|item| inventure_table::change::outbox_item(item).unwrap())
                .collect();
            assert_eq!(said.len(), 1, "{id} is said to be sent once: {said:?}");
            paid += 1;
        }
        assert_eq!(transfers.len(), paid, "nothing is transferred that is not in the books");
        for script in &self.scripts {
            for tenant in &script.parties {
                let key = PaidOut::key_of(script.deal, *tenant);
                let paid: Option<PaidOut> = self.store.get(&key).await.unwrap();
                assert_eq!(paid.and_then(|paid| paid.open), None, "no payout is open");
            }
        }
    }

    /// Checks that every booking of a worker killed one process just before it and one just after it. So did every transfer.
    fn check_deaths(&self, books: &Books, transfers: &[Value]) -> usize {
        let places = places(&self.folder.join("deaths")).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let transfers = transfers
            .iter()
            .map(|of| transfer_of(&text(&of["transfer_group"]), &text(&of["destination"])));
        let booked = books.transactions.keys().filter(|id| **id != self.funding);
        let booked = booked.map(|id| format!("LEDGER#TRANSACTION#{id}/TRANSACTION"));
        for place in booked.chain(transfers) {
            for side in ["before", "after"] {
                let here = |known: &&String| known.starts_with(side) && known.split(' ').any(|word| word == place);
                assert!(places.iter().any(|known| here(&known)), "nobody died {side} {place}");
            }
        }
        assert!(places.len() < DEATHS_MAX, "not everywhere has somebody died");
        places.len()
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the tests' own way to be told what to repeat")]
async fn whoever_dies_wherever_the_books_are_as_if_nobody_had() {
    let seed = std::env::var("INVENTURE_SEED").ok().map(|seed| seed.parse().unwrap());
    let seed = seed.unwrap_or_else(|| Uuid::new_v4().as_u128() as u64);
    println!("INVENTURE_SEED={seed}");
    let room = Room::new(seed).await;
    let begun = Instant::now();
    let (died, given_up) = room.work();
    println!("{died} died and {given_up} gave up in {:?}", begun.elapsed());
    let deals = room.deals().await;
    let books = Books::read(&room.ledger, &room.currencies).await;
    let state = room
        .stack
        .visit(&format!("{}/_test/state", room.processor.url()))
        .expect(200);
    let transfers = state["transfers"].as_array().unwrap();
    println!(
        "{} transactions, {} payouts, {} deals",
        books.transactions.len(),
        transfers.len(),
        deals.len()
    );
    books.check_chains();
    room.check_payouts(&books, transfers).await;
    for currency in room.currencies {
        books.check_debits_equal_credits(currency);
        room.check_sums(&books, &deals, currency, &state);
    }
    books.check_against_model(&deals, &room.funding);
    assert!(given_up <= GIVEN_UP_MAX, "the workers came to no end");
    let places = room.check_deaths(&books, transfers);
    assert_eq!(places as u32, died, "a place kills once");
}
