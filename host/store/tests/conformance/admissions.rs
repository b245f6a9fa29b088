//! Claims about the plugins that were admitted.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use portgate_core::admission::{Admitted, Version};
use portgate_store::open;

use crate::bed::{Bed, later, start};

fn version(text: &str) -> Version {
    Version::parse(text).expect("a version")
}

fn build(text: &str, content: u8, seconds: i64) -> Admitted {
    Admitted { version: version(text), content_sha256: [content; 32], at: later(seconds) }
}

async fn admit(bed: &Bed, plugin: &str, admitted: Admitted) {
    let one = BTreeMap::from([(plugin.to_owned(), admitted)]);
    bed.journal.admit(&one).await.expect("it is kept");
}

async fn kept(bed: &Bed, plugin: &str) -> Admitted {
    bed.journal.admissions().await.expect("it reads").remove(plugin).expect("it was admitted")
}

pub(crate) async fn the_highest_version_of_each_plugin_is_kept(bed: Bed) {
    assert!(bed.journal.admissions().await.expect("it reads").is_empty());
    admit(&bed, "carrier", build("1.9.0", 1, 0)).await;
    admit(&bed, "broker", build("0.1.0", 2, 0)).await;
    // Higher as a version, though not as a text.
    admit(&bed, "carrier", build("1.10.0", 3, 1)).await;
    admit(&bed, "carrier", build("1.9.1", 4, 2)).await;
    admit(&bed, "carrier", build("1.10.0-rc.1", 5, 3)).await;
    assert_eq!(kept(&bed, "carrier").await, build("1.10.0", 3, 1));
    assert_eq!(kept(&bed, "broker").await, build("0.1.0", 2, 0));
}

pub(crate) async fn a_build_keeps_the_time_of_its_first_admission(bed: Bed) {
    admit(&bed, "carrier", build("1.0.0", 1, 0)).await;
    admit(&bed, "carrier", build("1.0.0", 1, 5)).await;
    assert_eq!(kept(&bed, "carrier").await.at, start());
    admit(&bed, "carrier", build("1.0.0", 2, 9)).await;
    assert_eq!(kept(&bed, "carrier").await, build("1.0.0", 2, 9));
}

pub(crate) async fn gateways_that_admit_at_once_keep_the_highest(bed: Bed) {
    let journals = bed.gateways().await;
    let mut gateways = tokio::task::JoinSet::new();
    for minor in 0..8 {
        let journal = Arc::clone(&journals[minor % journals.len()]);
        gateways.spawn(async move {
            let both = ["carrier", "broker"].map(|plugin| (plugin.to_owned(), build(&format!("1.{minor}.0"), 1, 0)));
            journal.admit(&BTreeMap::from(both)).await
        });
    }
    while let Some(ended) = gateways.join_next().await {
        ended.expect("no panic").expect("it is kept");
    }
    for plugin in ["carrier", "broker"] {
        assert_eq!(kept(&bed, plugin).await.version, version("1.7.0"));
    }
}

pub(crate) async fn what_was_admitted_is_there_after_a_restart(mut bed: Bed) {
    admit(&bed, "carrier", build("1.0.0", 1, 0)).await;
    bed.journal.close(Duration::from_secs(10)).await;
    bed.journal = open(&bed.settings).await.expect("it opens again");
    assert_eq!(kept(&bed, "carrier").await, build("1.0.0", 1, 0));
}
