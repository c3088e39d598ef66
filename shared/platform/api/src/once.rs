//! Writes that are done once for each `Idempotency-Key`, however often they are asked for.

use inventure_table::{Change, Commit, Key, Record, Store, table::from_item};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    Problem, clock,
    http::Answer,
    idempotency::{Idempotency, Remembered},
    problem::stale,
};

/// Prefix of the partitions that answers are remembered in. The answering function's name follows, so that no role can put an answer
/// into the mouth of another function.
pub const PARTITION: &str = "IDEMPOTENCY#";

/// The time for which a key and its answer are remembered.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// The longest answer that is kept, in bytes. A longer one would not fit into its item, and nobody could write with a key.
const ANSWER_BYTES_MAX: usize = 100_000;

/// The first answer to a request with a key.
#[derive(Debug, Serialize, Deserialize)]
struct FirstAnswer {
    /// The hash of the key and its owner. No text of a client becomes part of a key of ours, and one person's keys are not
    /// another's.
    /// Nothing in answers from before it was kept.
    #[serde(default)]
    hash: String,
    /// The function that answered.
    #[serde(default)]
    function: String,
    /// Epoch second after which the table may drop it.
    expires_at: i64,
    #[serde(flatten)]
    remembered: Remembered,
}

impl FirstAnswer {
    fn key_of(function: &str, hash: &str) -> Key {
        Key::new(format!("{}{function}#{hash}", Self::PARTITION), "ANSWER")
    }

    fn replay(&self, idempotency: &Idempotency) -> Result<Answer, Problem> {
        let (status, body) = self.remembered.replay(idempotency)?;
        Ok(Answer { status, body })
    }
}

impl Record for FirstAnswer {
    const ENTITY: &'static str = "first_answer";
    const PARTITION: &'static str = PARTITION;

    fn key(&self) -> Key {
        Self::key_of(&self.function, &self.hash)
    }
}

/// An answer, and the change that is made with it.
#[derive(Debug)]
pub struct Reply {
    change: Change,
    answer: Answer,
    conflict: Problem,
}

impl Reply {
    /// An answer that is given once this change is made; [`stale`] where a record was not as the change expected.
    #[must_use]
    pub fn new(change: Change, answer: Answer) -> Self {
        Self {
            change,
            answer,
            conflict: stale(),
        }
    }

    /// An answer to what was done already, or changes nothing.
    #[must_use]
    pub fn kept(answer: Answer) -> Self {
        Self::new(Change::new(), answer)
    }

    /// Says another problem than [`stale`] where a record was not as the change expected.
    #[must_use]
    pub fn or(self, conflict: Problem) -> Self {
        Self { conflict, ..self }
    }
}

/// Whether a change was made with its answer.
#[derive(Debug)]
pub enum Written {
    /// The change was made.
    Now,
    /// The change was not made: the key was used before, and got this answer. Such a use may be a parallel request of just
    /// now.
    Before(Answer),
    /// The change was not made: a record was not as the change expected.
    Conflict,
}

/// A request to write, known by its key if it came with one.
pub struct Once<'a> {
    store: &'a Store,
    owner: String,
    idempotency: Option<&'a Idempotency>,
}

impl<'a> Once<'a> {
    /// A request of `owner`, a member or another sender, with the key that it came with.
    pub fn new(store: &'a Store, owner: impl ToString, idempotency: Option<&'a Idempotency>) -> Self {
        Self {
            store,
            owner: owner.to_string(),
            idempotency,
        }
    }

    /// Answers as the first time, or does what `reply` comes to and answers with it. If `reply` fails because of what a
    /// parallel request with the same key did, that request's answer is given.
    ///
    /// # Errors
    /// Fails with what `reply` fails with, its conflict, `idempotency-key-reused`, and whatever the table fails with.
    pub async fn answer(&self, reply: impl Future<Output = Result<Reply, Problem>>) -> Result<Answer, Problem> {
        if let Some(first) = self.first().await? {
            return Ok(first);
        }
        let reply = match reply.await {
            Ok(reply) => reply,
            Err(problem) if problem.kind.status().is_client_error() => {
                return self.first().await?.ok_or(problem);
            }
            Err(problem) => return Err(problem),
        };
        match self.commit(reply.change, &reply.answer).await? {
            Written::Now => Ok(reply.answer),
            Written::Before(first) => Ok(first),
            Written::Conflict => Err(reply.conflict),
        }
    }

    /// The answer that the key got before; none without a key, or where it is new.
    ///
    /// # Errors
    /// `idempotency-key-reused` where it came with another request, and whatever the table fails with.
    pub async fn first(&self) -> Result<Option<Answer>, Problem> {
        let Some(idempotency) = self.idempotency else {
            return Ok(None);
        };
        let key = FirstAnswer::key_of(self.store.function(), &self.hash(idempotency));
        let first: Option<FirstAnswer> = self.store.get(&key).await?;
        first.map(|first| first.replay(idempotency)).transpose()
    }

    /// Makes a change, and remembers its answer with it. Of an answer that is too long the status and the id are remembered.
    ///
    /// # Errors
    /// `idempotency-key-reused`, and whatever the table fails with.
    pub async fn commit(&self, change: Change, answer: &Answer) -> Result<Written, Problem> {
        let change = match self.idempotency {
            Some(idempotency) => change.once(&self.remembered(idempotency, answer)),
            None => change,
        };
        match (self.store.commit(change).await?, self.idempotency) {
            (Commit::Done, _) => Ok(Written::Now),
            (Commit::Before(item), Some(idempotency)) => {
                let first: FirstAnswer = from_item(item)?;
                Ok(Written::Before(first.replay(idempotency)?))
            }
            _ => Ok(Written::Conflict),
        }
    }

    fn remembered(&self, idempotency: &Idempotency, answer: &Answer) -> FirstAnswer {
        let mut body = answer.body.to_string();
        if body.len() > ANSWER_BYTES_MAX {
            body = serde_json::json!({ "repeated": true, "id": answer.body.get("id") }).to_string();
        }
        FirstAnswer {
            hash: self.hash(idempotency),
            function: self.store.function().to_owned(),
            expires_at: (clock::now() + KEPT).as_second(),
            remembered: Remembered {
                fingerprint: idempotency.fingerprint.clone(),
                status: answer.status.as_u16(),
                body,
            },
        }
    }

    fn hash(&self, idempotency: &Idempotency) -> String {
        let owner = &self.owner;
        hex::encode(Sha256::digest(format!("{}:{owner}:{}", owner.len(), idempotency.key)))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use inventure_table::memory::MemoryTable;

    use super::*;

    #[tokio::test]
    async fn an_answer_too_long_to_keep_is_repeated_by_its_status() {
        let store = Store::new(Arc::new(MemoryTable::default()), "test");
        let idempotency = Idempotency::new("key", "POST", "/deals/1/moves", b"{}").unwrap();
        let once = Once::new(&store, "ada", Some(&idempotency));
        let long = serde_json::json!({ "id": "dea_1", "text": "x".repeat(500_000) });
        let answer = Answer::created(&long).unwrap();
        let done = once.answer(async { Ok(Reply::kept(answer)) }).await;
        assert_eq!(done.unwrap().body, long);
        let repeated = once.answer(async { Err(Problem::not_found()) }).await.unwrap();
        assert_eq!(repeated.status.as_u16(), 201);
        assert_eq!(repeated.body, serde_json::json!({ "repeated": true, "id": "dea_1" }));
    }

    #[tokio::test]
    async fn a_request_whose_parallel_twin_was_quicker_gets_its_answer() {
        let store = Store::new(Arc::new(MemoryTable::default()), "test");
        let idempotency = Idempotency::new("key", "POST", "/jobs", b"{}").unwrap();
        let once = Once::new(&store, "ada", Some(&idempotency));
        let twin = async |number: u32| {
            let answer = Answer::created(&serde_json::json!({ "number": number })).unwrap();
            once.commit(Change::new(), &answer).await
        };
        let slower = once.answer(async {
            assert!(matches!(twin(1).await, Ok(Written::Now)));
            // As it finds the job closed that its twin has just closed.
            Err(stale())
        });
        assert_eq!(slower.await.unwrap().body["number"], 1);
        assert!(matches!(twin(2).await.unwrap(), Written::Before(first) if first.body["number"] == 1));
        let other = Idempotency::new("key", "POST", "/jobs", b"{\"another\":true}").unwrap();
        let reused = Once::new(&store, "ada", Some(&other)).first().await;
        assert_eq!(reused.unwrap_err().kind.code(), "idempotency-key-reused");
    }
}
