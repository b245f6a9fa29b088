//! Claims about what all gateways of one journal share.

use crate::bed::Bed;

pub(crate) async fn a_shared_key_is_the_same_for_all_and_after_a_restart(bed: Bed) {
    let key = bed.journal.shared_key("one").await.expect("it works");
    assert_ne!(key, [0; 32]);
    assert_ne!(bed.journal.shared_key("two").await.expect("it works"), key);
    if let Some(another) = bed.another_gateway().await {
        assert_eq!(another.shared_key("one").await, Ok(key));
    }
    let bed = bed.reopened().await;
    assert_eq!(bed.journal.shared_key("one").await, Ok(key));
}
