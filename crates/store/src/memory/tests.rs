use domain::{MchId, Millis};

use super::*;
use crate::merchants;

/// Every call has the same fate.
struct Always(Fate);

impl Seam for Always {
    fn before(&self, _call: Call) -> Passage<'_, Fate> {
        Box::pin(std::future::ready(self.0))
    }

    fn committed(&self, tx: &Tx) {
        assert!(tx.texts().any(|text| text == "Tea") || tx.name() != "introduce");
    }

    fn after(&self, _call: Call) -> Passage<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

async fn database() -> Memory {
    let memory = Memory::new().unwrap();
    let store = memory.store("setup", Arc::new(Always(Fate::Done)));
    store.migrate(Millis(1)).await.unwrap();
    memory
}

/// Tries to introduce a merchant; what came of it, and how many there are afterwards.
async fn introduce(fate: Fate) -> (Result<Done, StoreError>, usize) {
    let memory = database().await;
    let store = memory.store("one", Arc::new(Always(fate)));
    let mut tx = Tx::new("introduce");
    let merchant = merchants::Merchant {
        mch_id: MchId::new("1900000100").unwrap(),
        key: "default".to_owned(),
        name: "Tea".to_owned(),
    };
    merchants::put(&mut tx, &merchant, Millis(1));
    let outcome = store.run(tx).await;
    let rows = memory.look("SELECT mch_id FROM merchants WHERE name = $1", &["Tea"]);
    (outcome, rows.unwrap().len())
}

#[tokio::test]
async fn a_call_has_the_fate_that_its_seam_says() {
    let (outcome, rows) = introduce(Fate::Done).await;
    assert!(outcome.is_ok() && rows == 1);
    let (outcome, rows) = introduce(Fate::Refused).await;
    assert!(matches!(outcome, Err(StoreError::Unavailable(_))) && rows == 0);
    let (outcome, rows) = introduce(Fate::LostBefore).await;
    assert!(matches!(outcome, Err(StoreError::OutcomeUnknown { .. })) && rows == 0);
    let (outcome, rows) = introduce(Fate::LostAfter).await;
    assert!(matches!(outcome, Err(StoreError::OutcomeUnknown { .. })) && rows == 1);
}

#[tokio::test]
async fn stores_of_one_memory_see_each_other() {
    let memory = database().await;
    let one = memory.store("one", Arc::new(Always(Fate::Done)));
    let two = memory.store("two", Arc::new(Always(Fate::Done)));
    assert!(one.schema_state().await.unwrap().is_current());
    assert_eq!(
        one.schema_state().await.unwrap(),
        two.schema_state().await.unwrap()
    );
    assert_ne!(one.lease_token(), two.lease_token());
}
