//! The seals, for everybody.

use axum::{Json, extract::State};
use inventure_lambda::{Problem, http::Path};
use inventure_ledger::{
    Account, Head, Inclusion, Seal, SealedDay,
    pieces::{NotSealed, Piece, Step, Way},
};
use inventure_store::{
    records::{SealRecord, piece_key},
    table::Query,
};
use jiff::civil::Date;
use serde::{Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

use crate::App;

/// The most bytes of heads that one object holds.
const HEADS_MAX_BYTES: u64 = 200_000_000;

/// A seal as everybody may read it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SealView {
    /// The seal: date, moment, number of accounts, root, the hash of the seal before, its own hash.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub seal: Seal,
}

fn view(record: &SealRecord) -> Result<Json<SealView>, Problem> {
    let seal = serde_json::from_str(&record.seal).map_err(Problem::internal)?;
    Ok(Json(SealView { seal }))
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

    /// Where an account stood when a day was sealed, with the proof; nothing where it had no entries. Reads one piece of each level of the
    /// seal's tree.
    pub(crate) async fn sealed(
        &self,
        record: &SealRecord,
        account: &Account,
    ) -> Result<Option<(Head, Inclusion)>, Problem> {
        let seal: Seal = serde_json::from_str(&record.seal).map_err(Problem::internal)?;
        let Some(pieces) = &record.pieces else {
            return self.sealed_whole(record, seal, account).await;
        };
        let Some((mut way, mut place)) = Way::to(account, seal.tree_size) else {
            return Ok(None);
        };
        loop {
            let piece: Piece = self.object(&piece_key(pieces, place)).await?;
            match way.step(&piece, &seal).map_err(Problem::internal)? {
                Step::Read(next) => place = next,
                Step::NotThere => return Ok(None),
                Step::Found(found) => return Ok(Some(*found)),
            }
        }
    }

    /// The same for a seal without pieces, whose heads are one object.
    async fn sealed_whole(
        &self,
        record: &SealRecord,
        seal: Seal,
        account: &Account,
    ) -> Result<Option<(Head, Inclusion)>, Problem> {
        let heads: Vec<Head> = self.object(&record.heads_key).await?;
        let head = heads.iter().find(|head| head.account == *account).cloned();
        // The root is what was sealed, whatever came before: no previous seal is needed to find a place in the tree.
        let day = SealedDay::new(seal.date, seal.sealed_at, heads, None).map_err(Problem::internal)?;
        if day.seal().root != seal.root {
            return Err(Problem::internal(NotSealed));
        }
        let inclusion = day.inclusion(account).map(|inclusion| Inclusion { seal, ..inclusion });
        Ok(head.zip(inclusion))
    }

    async fn object<T: DeserializeOwned>(&self, key: &str) -> Result<T, Problem> {
        let bytes = self.seals.get(key, HEADS_MAX_BYTES).await?;
        let bytes = bytes.ok_or_else(|| Problem::internal(std::io::Error::other("the heads of a seal are missing")))?;
        serde_json::from_slice(&bytes).map_err(Problem::internal)
    }
}

/// The newest seal. Needs no token: compare its root with the one in a statement.
#[utoipa::path(
    get, path = "/seals/latest", tag = "statements", security(()), responses((status = 200, body = SealView))
)]
pub async fn latest(State(app): State<App>) -> Result<Json<SealView>, Problem> {
    view(&app.newest_seal().await?.ok_or_else(Problem::not_found)?)
}

/// The seal of a day, UTC. Needs no token.
#[utoipa::path(
    get, path = "/seals/{date}", tag = "statements", security(()), params(("date" = String, Path)),
    responses((status = 200, body = SealView))
)]
pub async fn read(State(app): State<App>, Path(date): Path<String>) -> Result<Json<SealView>, Problem> {
    let date: Date = date.parse().map_err(|_| Problem::not_found())?;
    let record: Option<SealRecord> = app.store.get(&SealRecord::key_of(date)).await?;
    view(&record.ok_or_else(Problem::not_found)?)
}
