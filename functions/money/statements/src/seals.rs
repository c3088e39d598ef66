//! The seals of the ledger's days, which everybody may read.

use axum::{Json, extract::State};
use inventure_api::{Problem, http::Path};
use inventure_books::records::{SealRecord, piece_key};
use inventure_ledger::{
    Account, Hash, Head, Inclusion, Seal, SealedDay,
    pieces::{NotSealed, Piece, ProofPath, Step},
};
use inventure_table::{Record, table::Query};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

use crate::{App, parallel::in_parallel};

/// The most bytes of heads that one object holds.
const HEADS_MAX_BYTES: u64 = 200_000_000;

/// A seal as everybody may read it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SealView {
    /// The day that was over.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// The time of the sealing.
    #[schema(value_type = String, format = DateTime)]
    pub sealed_at: Timestamp,
    /// The number of accounts that had entries.
    pub tree_size: u64,
    /// The root over the heads of the accounts, SHA-256 in hexadecimal.
    #[schema(value_type = String, pattern = "^[0-9a-f]{64}$")]
    pub root: Hash,
    /// The hash of the seal before; zeros for the first.
    #[schema(value_type = String, pattern = "^[0-9a-f]{64}$")]
    pub previous_hash: Hash,
    /// The hash of all of the above.
    #[schema(value_type = String, pattern = "^[0-9a-f]{64}$")]
    pub hash: Hash,
}

fn view(record: SealRecord) -> Json<SealView> {
    let Seal {
        date,
        sealed_at,
        tree_size,
        root,
        previous_hash,
        hash,
    } = record.seal;
    Json(SealView {
        date,
        sealed_at,
        tree_size,
        root,
        previous_hash,
        hash,
    })
}

impl App {
    pub(crate) async fn newest_seal(&self) -> Result<Option<SealRecord>, Problem> {
        let query = Query {
            descending: true,
            limit: 1,
            ..Query::table(SealRecord::PARTITION, "")
        };
        Ok(self.store.query(&query).await?.pop())
    }

    /// Reads the heads of accounts under a seal, with their proofs. Accounts that had no entries then are left out.
    pub(crate) async fn sealed(
        &self,
        record: &SealRecord,
        accounts: &[Account],
    ) -> Result<Vec<(Head, Inclusion)>, Unread> {
        let seal = &record.seal;
        let Some(pieces) = &record.pieces else {
            return self.sealed_whole(record, seal, accounts).await;
        };
        let each = accounts.iter().map(|account| self.sealed_piece(pieces, seal, account));
        let found: Vec<Option<(Head, Inclusion)>> = in_parallel(each.collect()).await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// Reads the head of one account: one piece of each level of the seal's tree.
    async fn sealed_piece(
        &self,
        pieces: &str,
        seal: &Seal,
        account: &Account,
    ) -> Result<Option<(Head, Inclusion)>, Unread> {
        let Some((mut path, mut place)) = ProofPath::to(account, seal.tree_size) else {
            return Ok(None);
        };
        loop {
            let piece: Piece = self.object(&piece_key(pieces, place)).await?;
            match path.step(&piece, seal).map_err(Problem::internal)? {
                Step::Read(next) => place = next,
                Step::NotThere => return Ok(None),
                Step::Found(found) => return Ok(Some(*found)),
            }
        }
    }

    /// Reads a seal without pieces, once for all accounts. Its heads are one object of up to 200 MB.
    async fn sealed_whole(
        &self,
        record: &SealRecord,
        seal: &Seal,
        accounts: &[Account],
    ) -> Result<Vec<(Head, Inclusion)>, Unread> {
        let key = record.heads_key.as_deref().ok_or(Unread::Missing)?;
        let heads: Vec<Head> = self.object(key).await?;
        let own: Vec<Head> = heads
            .iter()
            .filter(|head| accounts.contains(&head.account))
            .cloned()
            .collect();
        // The root is what was sealed, whatever came before: no previous seal is needed to find a place in the tree.
        let day = SealedDay::new(seal.date, seal.sealed_at, heads, None).map_err(Problem::internal)?;
        if day.seal().root != seal.root {
            return Err(Problem::internal(NotSealed).into());
        }
        let proof = |head: Head| {
            let inclusion = day.inclusion(&head.account)?;
            let seal = seal.clone();
            Some((head, Inclusion { seal, ..inclusion }))
        };
        Ok(own.into_iter().filter_map(proof).collect())
    }

    async fn object<T: DeserializeOwned>(&self, key: &str) -> Result<T, Unread> {
        let bytes = self.seals.get(key, HEADS_MAX_BYTES).await.map_err(Problem::from)?;
        let bytes = bytes.ok_or(Unread::Missing)?;
        Ok(serde_json::from_slice(&bytes).map_err(Problem::internal)?)
    }
}

/// The error of a read under a seal.
pub(crate) enum Unread {
    /// An object of the seal is not there.
    Missing,
    /// The read failed for another reason.
    Failed(Problem),
}

impl From<Problem> for Unread {
    fn from(problem: Problem) -> Self {
        Self::Failed(problem)
    }
}

impl From<Unread> for Problem {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Missing => Self::internal(std::io::Error::other("the heads of a seal are missing")),
            Unread::Failed(problem) => problem,
        }
    }
}

/// Returns the newest seal. Needs no token: compare its root with the one in a statement.
#[utoipa::path(
    get, path = "/seals/latest", tag = "statements", security(()), responses((status = 200, body = SealView))
)]
pub async fn latest(State(app): State<App>) -> Result<Json<SealView>, Problem> {
    Ok(view(app.newest_seal().await?.ok_or_else(Problem::not_found)?))
}

/// Returns the seal of a day, UTC. Needs no token.
#[utoipa::path(
    get, path = "/seals/{date}", tag = "statements", security(()), params(("date" = String, Path)),
    responses((status = 200, body = SealView))
)]
pub async fn read(State(app): State<App>, Path(date): Path<String>) -> Result<Json<SealView>, Problem> {
    let date: Date = date.parse().map_err(|_| Problem::not_found())?;
    let record: Option<SealRecord> = app.store.get(&SealRecord::key_of(date)).await?;
    Ok(view(record.ok_or_else(Problem::not_found)?))
}
