//! The contract of a table: everything that callers rely on. The table in memory is held to it, and the emulator's.

use std::{cell::RefCell, collections::BTreeSet, fmt::Debug};

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use inventure_table::{
    Condition, Key, StoreError, Table, Write,
    table::{ITEM_BYTES_MAX, Item, KEYS_MAX, Outcome, Query, WRITES_MAX, bytes_of},
};

/// A rule of DynamoDB that another table may not keep. It is tried all the same, so that a table that has come to keep it says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Keys over the limit are refused in deletes, in checks and in the index too.
    LongKeys,
    /// One thing is not counted twice in one call.
    CountedOnce,
}

/// The longest partition key.
const PK_BYTES: usize = 2_048;
/// The longest sort key.
const SK_BYTES: usize = 1_024;
/// An expiry in the year 2096: nothing of this goes by itself while it is looked at.
const EXPIRY: i64 = 4_000_000_000;

/// Holds a table to the contract, all but the rules that it is known not to keep. The partitions of this prefix must be empty, and are
/// again afterwards.
pub async fn contract(table: &dyn Table, prefix: &str, unkept: &[Rule]) {
    let tested = Tested {
        table,
        prefix,
        unkept,
        written: RefCell::default(),
    };
    tested.items().await;
    tested.conditions().await;
    tested.transactions().await;
    tested.sizes().await;
    tested.keys().await;
    tested.numbers().await;
    tested.batches().await;
    tested.large_batch().await;
    tested.ranges().await;
    tested.pages().await;
    tested.index().await;
    tested.counters().await;
    tested.clear().await;
}

/// A prefix, a position, and the sort keys that are read in order and against it.
type Range<'a> = (&'a str, Option<&'a str>, &'a [&'a str], &'a [&'a str]);

/// A table under test.
struct Tested<'a> {
    table: &'a dyn Table,
    prefix: &'a str,
    unkept: &'a [Rule],
    /// The keys of everything that was written.
    written: RefCell<BTreeSet<Key>>,
}

fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// An item with these attributes.
fn item(key: &Key, attributes: &[(&str, AttributeValue)]) -> Item {
    let keys = [("pk", s(&key.pk)), ("sk", s(&key.sk))];
    let all = keys.iter().chain(attributes);
    all.map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

/// An item of so many bytes.
fn sized(key: &Key, bytes: usize) -> Item {
    let rest = bytes - bytes_of(&item(key, &[("blob", s(""))]));
    item(key, &[("blob", s("x".repeat(rest)))])
}

fn put(item: Item) -> Write {
    Write::Put(item, Condition::None)
}

fn sorts(items: &[Item]) -> Vec<String> {
    items.iter().filter_map(Key::of).map(|key| key.sk).collect()
}

/// Checks that the table took this for a mistake.
fn refuses<T: Debug>(answer: Result<T, StoreError>, what: &str) {
    assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{what}: {answer:?}");
}

impl Tested<'_> {
    fn key(&self, partition: &str, sort: &str) -> Key {
        Key::new(format!("{}{partition}", self.prefix), sort)
    }

    fn remember(&self, key: Key) {
        self.written.borrow_mut().insert(key);
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<Outcome, StoreError> {
        for write in &writes {
            if let Write::Put(item, _) = write
                && let Some(key) = Key::of(item)
            {
                self.remember(key);
            }
        }
        self.table.transact(writes).await
    }

    async fn done(&self, writes: Vec<Write>) {
        assert_eq!(self.transact(writes).await.unwrap(), Outcome::Done);
    }

    async fn get(&self, key: &Key) -> Option<Item> {
        self.table.get(key).await.unwrap()
    }

    async fn query(&self, query: &Query) -> Vec<String> {
        sorts(&self.table.query(query).await.unwrap())
    }

    /// Checks that a mistake is refused, or is taken where the table is known to take it.
    fn keeps<T: Debug>(&self, rule: Rule, answer: Result<T, StoreError>, what: &str) {
        if self.unkept.contains(&rule) {
            assert!(answer.is_ok(), "{rule:?} is kept now ({what}): {answer:?}");
        } else {
            refuses(answer, what);
        }
    }

    async fn items(&self) {
        let key = self.key("ITEM", "1");
        assert_eq!(self.get(&key).await, None);
        let full = item(
            &key,
            &[
                ("text", s("é 😀")),
                ("empty", s("")),
                ("number", n(-12)),
                ("fraction", n("0.25")),
                ("large", n(u64::MAX)),
                ("bytes", AttributeValue::B(Blob::new([0, 159, 146, 150]))),
                ("yes", AttributeValue::Bool(true)),
                ("nothing", AttributeValue::Null(true)),
                (
                    "list",
                    AttributeValue::L(vec![s("a"), n(1), AttributeValue::L(Vec::new())]),
                ),
                (
                    "map",
                    AttributeValue::M([("of".to_owned(), AttributeValue::M([].into()))].into()),
                ),
            ],
        );
        self.done(vec![put(full.clone())]).await;
        assert_eq!(self.get(&key).await, Some(full));
        // The whole item is replaced: nothing of the one before is left.
        let bare = item(&key, &[]);
        self.done(vec![put(bare.clone())]).await;
        assert_eq!(self.get(&key).await, Some(bare));
        // Another sort key is another item.
        assert_eq!(self.get(&self.key("ITEM", "2")).await, None);
        for _ in 0..2 {
            // There is no harm in removing what is not there.
            self.done(vec![Write::Delete(key.clone(), Condition::None)]).await;
            assert_eq!(self.get(&key).await, None);
        }
    }

    async fn conditions(&self) {
        let key = self.key("CONDITION", "1");
        let there = item(&key, &[("version", n(3)), ("number", n(5)), ("text", s("5"))]);
        let new = item(&key, &[("version", n(4))]);
        // Whether it holds without an item, and with one.
        let conditions = [
            (Condition::None, true, true),
            (Condition::Absent, true, false),
            (Condition::at(0), true, false),
            (Condition::at(3), false, true),
            (Condition::Version(3), false, true),
            (Condition::Version(2), false, false),
            (Condition::Version(4), false, false),
            (Condition::Below("number", 6), true, true),
            (Condition::Below("number", 5), true, false),
            (Condition::Below("number", 4), true, false),
            (Condition::Below("missing", 0), true, true),
            // There, and no number.
            (Condition::Below("text", 9), true, false),
        ];
        for (condition, holds_without, holds_with) in conditions {
            for (before, holds) in [(None, holds_without), (Some(&there), holds_with)] {
                let writes = [
                    (Write::Put(new.clone(), condition.clone()), Some(&new)),
                    (Write::Delete(key.clone(), condition.clone()), None),
                    (Write::Check(key.clone(), condition.clone()), before),
                ];
                for (write, after) in writes {
                    if matches!(write, Write::Check(_, Condition::None)) {
                        continue;
                    }
                    self.done(vec![before.map_or_else(
                        || Write::Delete(key.clone(), Condition::None),
                        |before| put(before.clone()),
                    )])
                    .await;
                    let what = format!("{write:?} where there is {before:?}");
                    let expected = if holds {
                        (Outcome::Done, after)
                    } else {
                        (Outcome::Refused(vec![0]), before)
                    };
                    assert_eq!(self.transact(vec![write]).await.unwrap(), expected.0, "{what}");
                    assert_eq!(self.get(&key).await.as_ref(), expected.1, "{what}");
                }
            }
        }
        // A check of nothing is a mistake of the caller's.
        let nothing = self.transact(vec![Write::Check(key, Condition::None)]).await;
        assert!(matches!(nothing, Err(StoreError::Corrupt(_))), "{nothing:?}");
    }

    async fn transactions(&self) {
        let [new, old, gone, seen] = ["new", "old", "gone", "seen"].map(|sort| self.key("TRANSACTION", sort));
        let at = |key: &Key, version: u64| item(key, &[("version", n(version))]);
        self.done(vec![put(at(&old, 1)), put(at(&gone, 1)), put(at(&seen, 1))])
            .await;
        // In one partition, and in another as well.
        let beside = self.key("TRANSACTION#2", "beside");
        let writes = |of_old, of_seen| {
            vec![
                Write::Put(at(&new, 1), Condition::Absent),
                Write::Put(at(&old, 2), Condition::Version(of_old)),
                Write::Delete(gone.clone(), Condition::Version(1)),
                Write::Check(seen.clone(), Condition::Version(of_seen)),
                put(at(&beside, 1)),
            ]
        };
        let found = async || {
            let keys = [&new, &old, &gone, &seen, &beside].map(Key::clone);
            self.table.get_many(&keys).await.unwrap()
        };
        let before = vec![at(&old, 1), at(&gone, 1), at(&seen, 1)];
        // Everything that did not hold is named, in order, and nothing happens.
        for (writes, refused) in [
            (writes(7, 1), vec![1]),
            (writes(1, 7), vec![3]),
            (writes(7, 7), vec![1, 3]),
        ] {
            assert_eq!(self.transact(writes).await.unwrap(), Outcome::Refused(refused));
            assert_eq!(found().await, before);
        }
        self.done(writes(1, 1)).await;
        assert_eq!(found().await, [at(&new, 1), at(&old, 2), at(&seen, 1), at(&beside, 1)]);
        let again = self.transact(writes(1, 1)).await.unwrap();
        assert_eq!(again, Outcome::Refused(vec![0, 1, 2]));
        self.done(Vec::new()).await;
    }

    async fn sizes(&self) {
        let all = |writes: usize| (0..writes).map(|at| self.key("WRITES", &at.to_string()));
        let puts = |writes| all(writes).map(|key| put(item(&key, &[]))).collect::<Vec<_>>();
        let refuses_all = async |writes: Vec<Write>, what: &str| {
            refuses(self.transact(writes).await, what);
            assert_eq!(self.get(&self.key("WRITES", "0")).await, None, "{what}");
        };
        refuses_all(puts(WRITES_MAX + 1), "101 writes").await;
        let [first, second] = ["0", "1"].map(|sort| self.key("WRITES", sort));
        for (twice, what) in [
            (put(item(&first, &[("other", n(1))])), "an item put twice"),
            (Write::Delete(first.clone(), Condition::None), "an item put and deleted"),
            (
                Write::Check(first.clone(), Condition::Absent),
                "an item put and checked",
            ),
        ] {
            refuses_all(vec![put(item(&first, &[])), twice], what).await;
        }
        // Alone an item goes another way than with others.
        let beside = put(item(&second, &[]));
        let too_large = put(sized(&first, ITEM_BYTES_MAX + 1));
        refuses_all(vec![too_large.clone()], "an item of more than 400 KB").await;
        refuses_all(
            vec![too_large, beside.clone()],
            "an item of more than 400 KB among others",
        )
        .await;
        let large = |writes| all(writes).map(|key| put(sized(&key, 400_000))).collect::<Vec<_>>();
        refuses_all(large(11), "a transaction of more than 4 MB").await;

        self.done(vec![put(sized(&first, ITEM_BYTES_MAX))]).await;
        self.done(vec![put(sized(&first, ITEM_BYTES_MAX)), beside]).await;
        // Numbers, lists and maps count as the table counts them.
        let nested = [
            ("list", AttributeValue::L(vec![n("123456"), AttributeValue::Bool(true)])),
            ("map", AttributeValue::M([("name".to_owned(), s("value"))].into())),
        ];
        let filled = |bytes: usize| {
            let mut filled = item(&first, &nested);
            let rest = bytes - bytes_of(&filled) - "blob".len();
            filled.insert("blob".to_owned(), s("x".repeat(rest)));
            vec![put(filled)]
        };
        self.done(filled(ITEM_BYTES_MAX)).await;
        refuses(
            self.transact(filled(ITEM_BYTES_MAX + 1)).await,
            "a nested item of more than 400 KB",
        );
        self.done(large(10)).await;
        self.done(puts(WRITES_MAX)).await;
    }

    async fn keys(&self) {
        let pk = |bytes: usize| {
            let prefix = format!("{}KEY#", self.prefix);
            format!("{prefix}{}", "x".repeat(bytes - prefix.len()))
        };
        let longest = Key::new(pk(PK_BYTES), "x".repeat(SK_BYTES));
        self.done(vec![put(item(&longest, &[]))]).await;
        assert!(self.get(&longest).await.is_some());
        let range = Query::table(longest.pk.as_str(), "x");
        assert_eq!(self.query(&range).await, [longest.sk.as_str()]);
        self.done(vec![Write::Delete(longest, Condition::None)]).await;

        for empty in [Key::new("", "x"), self.key("KEY", "")] {
            self.refuses_key(&empty, refuses).await;
        }
        let long = self.key("KEY", &"x".repeat(SK_BYTES + 1));
        for long in [Key::new(pk(PK_BYTES + 1), "x"), long] {
            self.refuses_key(&long, |answer, what| self.keeps(Rule::LongKeys, answer, what))
                .await;
        }
        refuses(
            self.table.query(&Query::table("", "x")).await,
            "a range without a partition",
        );
        let without = [("pk".to_owned(), s(pk(PK_BYTES)))].into();
        refuses(
            self.table.transact(vec![put(without)]).await,
            "an item without a sort key",
        );
    }

    /// Checks that a key is refused, and lets `check` look at the answers to transactions that delete or check it.
    async fn refuses_key(&self, key: &Key, check: impl Fn(Result<Outcome, StoreError>, &str)) {
        let what = format!("{key:?}");
        let other = self.key("KEY", "other");
        let beside = || put(item(&other, &[]));
        refuses(self.table.get(key).await, &what);
        refuses(self.table.get_many(&[key.clone(), other.clone()]).await, &what);
        refuses(self.table.count(key, &["count"], EXPIRY).await, &what);
        refuses(self.transact(vec![put(item(key, &[]))]).await, &what);
        refuses(self.transact(vec![put(item(key, &[])), beside()]).await, &what);
        let delete = Write::Delete(key.clone(), Condition::None);
        refuses(self.transact(vec![delete.clone()]).await, &what);
        for write in [delete, Write::Check(key.clone(), Condition::Absent)] {
            check(self.transact(vec![write, beside()]).await, &what);
        }
    }

    async fn numbers(&self) {
        let key = self.key("NUMBER", "1");
        for wrong in ["NaN", "inf", "", "1e126", &"1".repeat(39)] {
            let nested = AttributeValue::L(vec![n(wrong)]);
            for value in [n(wrong), nested] {
                let wrong = put(item(&key, &[("number", value)]));
                refuses(self.transact(vec![wrong.clone()]).await, &format!("{wrong:?}"));
                let check = Write::Check(self.key("NUMBER", "2"), Condition::Absent);
                refuses(self.transact(vec![check, wrong]).await, "a wrong number among others");
            }
        }
        assert_eq!(self.get(&key).await, None);
    }

    async fn batches(&self) {
        let keys: Vec<Key> = (0..=KEYS_MAX).map(|at| self.key("BATCH", &at.to_string())).collect();
        let some: Vec<Key> = keys.iter().step_by(2).take(WRITES_MAX / 2).cloned().collect();
        self.done(some.iter().map(|key| put(item(key, &[]))).collect()).await;
        let found = async |keys: &[Key]| {
            let found = self.table.get_many(keys).await.unwrap();
            found.iter().filter_map(Key::of).collect::<Vec<Key>>()
        };
        // In the order of the keys, without those that there are none of.
        assert_eq!(found(&keys[..KEYS_MAX]).await, some);
        let turned: Vec<Key> = keys[..KEYS_MAX].iter().rev().cloned().collect();
        assert_eq!(found(&turned).await, some.iter().rev().cloned().collect::<Vec<_>>());
        assert!(found(&[]).await.is_empty());
        assert!(found(&keys[1..2]).await.is_empty());
        refuses(self.table.get_many(&keys).await, "101 keys");
        let twice = [keys[0].clone(), keys[1].clone(), keys[0].clone()];
        refuses(self.table.get_many(&twice).await, "a key twice");
    }

    /// Reads more than an answer of DynamoDB holds, 16 MB, and 1 MB of one partition. The emulator gives all in one answer; the adapter's
    /// own tests are of answers that leave keys unprocessed.
    async fn large_batch(&self) {
        let one = (0..21).map(|at| self.key("LARGE", &at.to_string()));
        let many = (0..21).map(|at| self.key(&format!("LARGE#{at}"), "x"));
        let keys: Vec<Key> = one.chain(many).collect();
        for part in keys.chunks(10) {
            self.done(part.iter().map(|key| put(sized(key, 400_000))).collect())
                .await;
        }
        let found = self.table.get_many(&keys).await.unwrap();
        assert!(found.iter().all(|item| bytes_of(item) == 400_000));
        assert_eq!(found.iter().filter_map(Key::of).collect::<Vec<_>>(), keys);
    }

    async fn ranges(&self) {
        // By bytes of UTF-8, so that 10 comes before 2, and what is no ASCII behind it.
        let all = ["a", "a#1", "a#10", "a#2", "a#é", "a#😀", "b", "é", "😀"];
        let puts = all.map(|sort| put(item(&self.key("RANGE", sort), &[])));
        self.done(puts.into()).await;
        self.done(vec![put(item(&self.key("RANGE#2", "a#3"), &[]))]).await;
        let pk = self.key("RANGE", "").pk;
        let part = ["a#1", "a#10", "a#2", "a#é", "a#😀"];
        let ranges: [Range; 9] = [
            ("", None, &all, &all),
            ("a#", None, &part, &part),
            ("c", None, &[], &[]),
            ("a#", Some("a#10"), &part[2..], &part[..1]),
            // A position need not be there.
            ("a#", Some("a#11"), &part[2..], &part[..2]),
            // Before the range, and behind it.
            ("a#", Some("a"), &part, &[]),
            ("a#", Some("b"), &[], &part),
            ("", Some("a#😀"), &all[6..], &all[..5]),
            ("", Some(""), &all, &[]),
        ];
        for (prefix, after, onward, back) in ranges {
            for (descending, found) in [(false, onward), (true, back)] {
                let mut expected = found.to_vec();
                if descending {
                    expected.reverse();
                }
                for limit in [1_000, 2, 1, 0] {
                    let query = Query {
                        after: after.map(str::to_owned),
                        descending,
                        limit,
                        ..Query::table(pk.as_str(), prefix)
                    };
                    let expected = &expected[..limit.min(expected.len())];
                    assert_eq!(self.query(&query).await, expected, "{query:?}");
                }
            }
        }
        let nowhere = Query::table(self.key("RANGE#3", "").pk, "");
        assert_eq!(self.query(&nowhere).await, Vec::<String>::new());
    }

    /// Reads ranges over several pages of DynamoDB, which hold 1 MB, of the table and of the index.
    async fn pages(&self) {
        let keys: Vec<Key> = (0..8).map(|at| self.key("PAGES", &at.to_string())).collect();
        let index = self.key("PAGES#INDEX", "").pk;
        for part in keys.chunks(4) {
            let puts = part.iter().map(|key| {
                let mut item = sized(key, 300_000);
                item.insert("gsi1pk".to_owned(), s(index.as_str()));
                item.insert("gsi1sk".to_owned(), s(key.sk.as_str()));
                put(item)
            });
            self.done(puts.collect()).await;
        }
        for range in [Query::table(keys[0].pk.as_str(), ""), Query::index(index.as_str())] {
            for (limit, after, descending, expected) in [
                (1_000, None, false, "01234567"),
                (1_000, None, true, "76543210"),
                (6, None, false, "012345"),
                (1_000, Some("1"), false, "234567"),
                (5, Some("6"), true, "54321"),
            ] {
                let query = Query {
                    limit,
                    after: after.map(str::to_owned),
                    descending,
                    ..range.clone()
                };
                assert_eq!(self.query(&query).await.concat(), expected, "{query:?}");
            }
        }
    }

    /// Reads the index. The port does not promise that it shows a write at once; neither of these tables lags unless told to.
    async fn index(&self) {
        let (first, second) = (self.key("INDEX#1", "").pk, self.key("INDEX#2", "").pk);
        let shown = |sort: &str, partition: &str, place: &str| {
            let index = [("gsi1pk", s(partition)), ("gsi1sk", s(place)), ("more", n(1))];
            put(item(&self.key("INDEXED", sort), &index))
        };
        let puts = [("x", "1"), ("w", "2"), ("v", "3")].map(|(sort, place)| shown(sort, &first, place));
        self.done(puts.into()).await;
        let whole = self.table.query(&Query::index(first.as_str())).await.unwrap();
        assert_eq!(sorts(&whole), ["v", "w", "x"], "the newest first");
        assert!(whole.iter().all(|item| item.len() == 5), "all attributes");
        let range = |after: Option<&str>, descending, limit| Query {
            after: after.map(str::to_owned),
            descending,
            limit,
            ..Query::index(first.as_str())
        };
        assert_eq!(self.query(&range(None, false, 2)).await, ["x", "w"]);
        assert_eq!(self.query(&range(Some("3"), true, 1)).await, ["w"]);
        assert_eq!(self.query(&range(Some("1"), false, 9)).await, ["w", "v"]);
        let place = Query {
            prefix: "2".to_owned(),
            ..Query::index(first.as_str())
        };
        assert_eq!(self.query(&place).await, ["w"]);

        // One goes, one moves, one no longer stands in it, and one never does, with half a key.
        let half = item(&self.key("INDEXED", "u"), &[("gsi1pk", s(first.as_str()))]);
        self.done(vec![
            Write::Delete(self.key("INDEXED", "x"), Condition::None),
            shown("w", &second, "2"),
            put(item(&self.key("INDEXED", "v"), &[])),
            put(half),
        ])
        .await;
        assert_eq!(self.query(&Query::index(first.as_str())).await, Vec::<String>::new());
        assert_eq!(self.query(&Query::index(second.as_str())).await, ["w"]);

        // Two may stand at one place. A position passes both: whoever reads in pages needs places of their own for all.
        self.done(vec![
            shown("x", &first, "1"),
            shown("w", &first, "1"),
            shown("v", &first, "2"),
        ])
        .await;
        let mut both = self.query(&range(None, false, 2)).await;
        both.sort();
        assert_eq!(both, ["w", "x"]);
        assert_eq!(self.query(&range(Some("1"), false, 9)).await, ["v"]);
        assert_eq!(self.query(&range(Some("1"), true, 9)).await, Vec::<String>::new());

        let key = self.key("INDEXED", "wrong");
        for (partition, place) in [(s(""), s("1")), (s("1"), s("")), (n(1), s("1")), (s("1"), n(1))] {
            let wrong = put(item(&key, &[("gsi1pk", partition), ("gsi1sk", place)]));
            refuses(self.transact(vec![wrong.clone()]).await, &format!("{wrong:?}"));
            let beside = put(item(&self.key("INDEXED", "beside"), &[]));
            refuses(self.transact(vec![beside, wrong.clone()]).await, &format!("{wrong:?}"));
        }
        let long = |bytes| s("x".repeat(bytes));
        for (partition, place) in [(long(PK_BYTES + 1), s("1")), (s("1"), long(SK_BYTES + 1))] {
            let wrong = put(item(&key, &[("gsi1pk", partition), ("gsi1sk", place)]));
            self.keeps(
                Rule::LongKeys,
                self.transact(vec![wrong]).await,
                "a long key of the index",
            );
        }
        let longest = [("gsi1pk", long(PK_BYTES)), ("gsi1sk", long(SK_BYTES))];
        self.done(vec![put(item(&key, &longest))]).await;
    }

    async fn counters(&self) {
        let key = self.key("COUNTER", "1");
        self.remember(key.clone());
        let count = async |names: &[&str], expiry| self.table.count(&key, names, expiry).await.unwrap();
        assert_eq!(count(&["b", "a"], EXPIRY).await, [1, 1]);
        assert_eq!(count(&["a"], EXPIRY + 1).await, [2]);
        // In the order of the names.
        assert_eq!(count(&["c", "a", "b"], EXPIRY + 2).await, [1, 3, 2]);
        let counted = [("a", n(3)), ("b", n(2)), ("c", n(1)), ("expires_at", n(EXPIRY + 2))];
        let counted = item(&key, &counted);
        assert_eq!(self.get(&key).await, Some(counted.clone()));
        refuses(self.table.count(&key, &[], EXPIRY).await, "no counters");
        refuses(self.table.count(&key, &["pk"], EXPIRY).await, "a count of a key");
        assert_eq!(self.get(&key).await, Some(counted));
        let twice = self.table.count(&key, &["d", "d"], EXPIRY).await;
        self.keeps(Rule::CountedOnce, twice, "a counter twice");

        // One that is no number spoils the call, and nothing is counted.
        let text = item(&key, &[("a", n(1)), ("b", s("1"))]);
        self.done(vec![put(text.clone())]).await;
        refuses(self.table.count(&key, &["a", "b"], EXPIRY).await, "a count of a text");
        assert_eq!(self.get(&key).await, Some(text));
    }

    /// Removes everything that was written.
    async fn clear(&self) {
        let written: Vec<Key> = self.written.take().into_iter().collect();
        // Some have keys that the table did not take.
        let valid = |key: &&Key| (1..=PK_BYTES).contains(&key.pk.len()) && (1..=SK_BYTES).contains(&key.sk.len());
        let valid: Vec<&Key> = written.iter().filter(valid).collect();
        for part in valid.chunks(WRITES_MAX) {
            let deletes = part.iter().map(|key| Write::Delete((*key).clone(), Condition::None));
            self.done(deletes.collect()).await;
        }
    }
}
