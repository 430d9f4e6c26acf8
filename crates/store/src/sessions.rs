//! Who is logged in. The token itself is never stored, only its hash.

use domain::{AppId, MchId, Millis, OpenId};

use crate::{
    Store, StoreError, Tx,
    row::{Columns, Row},
};

pub(crate) const STATEMENTS: &[&str] = &[INSERT, FIND, PRUNE];

const INSERT: &str = "-- sessions.insert
INSERT INTO sessions (mch_id, token_hash, app_id, openid, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6)";

const FIND: &str = "-- sessions.find
SELECT mch_id, app_id, openid, created_at, expires_at FROM sessions
WHERE mch_id = $1 AND token_hash = $2";

const PRUNE: &str = "-- sessions.prune
DELETE FROM sessions WHERE mch_id = $1 AND token_hash IN (
    SELECT token_hash FROM sessions WHERE mch_id = $1 AND expires_at < $2
    ORDER BY expires_at LIMIT $3)";

/// SHA-256 of the session token.
pub type TokenHash = [u8; 32];

/// A buyer's session in one mini program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The merchant; the token begins with it, so that every lookup has it.
    pub mch_id: MchId,
    /// What is kept of the token.
    pub token_hash: TokenHash,
    /// The mini program.
    pub app_id: AppId,
    /// The buyer.
    pub openid: OpenId,
    /// When it began.
    pub created_at: Millis,
    /// From when on it is worthless; the caller compares.
    pub expires_at: Millis,
}

/// Adds a session. A token that exists already is refused by the database: it would have to be
/// drawn twice.
pub fn insert(tx: &mut Tx, session: &Session) {
    let params = [
        session.mch_id.as_str().into(),
        hex(&session.token_hash).into(),
        session.app_id.as_str().into(),
        session.openid.as_str().into(),
        session.created_at.into(),
        session.expires_at.into(),
    ];
    tx.guarded(INSERT, params);
}

/// The session of this token, also when it has expired and was not pruned yet.
///
/// # Errors
/// Those of reading: [`StoreError::Unavailable`], [`StoreError::Inconsistent`].
pub async fn find(
    store: &Store,
    mch_id: &MchId,
    token_hash: &TokenHash,
) -> Result<Option<Session>, StoreError> {
    let row = store
        .read_one(FIND, [mch_id.as_str().into(), hex(token_hash).into()])
        .await?;
    row.map(|row| decode(row, *token_hash)).transpose()
}

/// Deletes sessions that expired before `before`, at most `limit`. Returns how many.
///
/// # Errors
/// Those of [`Store::run`].
pub async fn prune(
    store: &Store,
    mch_id: &MchId,
    before: Millis,
    limit: u32,
) -> Result<u64, StoreError> {
    let mut tx = Tx::new("prune_sessions");
    tx.push(
        PRUNE,
        [
            mch_id.as_str().into(),
            before.into(),
            i64::from(limit).into(),
        ],
    );
    Ok(store.run(tx).await?.rows("sessions.prune"))
}

fn decode(row: Row, token_hash: TokenHash) -> Result<Session, StoreError> {
    // Not named by its key: a hash of a token does not belong into a log.
    let mut row = Columns::new("sessions", "(hidden)", row);
    Ok(Session {
        mch_id: row.id("mch_id")?,
        token_hash,
        app_id: row.id("app_id")?,
        openid: row.id("openid")?,
        created_at: row.millis("created_at")?,
        expires_at: row.millis("expires_at")?,
    })
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    bytes
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            write!(text, "{byte:02x}").expect("writing to a string cannot fail");
            text
        })
}
