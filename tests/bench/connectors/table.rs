//! The figures as a table in Markdown.

use crate::trial::{Trial, Way, median};

/// All cases of a connector that go one way.
pub(crate) struct Row<'a> {
    connector: &'static str,
    way: Way,
    trials: Vec<&'a Trial>,
}

impl<'a> Row<'a> {
    /// What is decoded, and what is encoded, where there is any.
    pub(crate) fn of(connector: &'static str, trials: &'a [Trial]) -> impl Iterator<Item = Row<'a>> {
        [Way::Decode, Way::Encode].into_iter().filter_map(move |way| {
            let of_it = |trial: &&Trial| trial.connector == connector && trial.way == way;
            let trials: Vec<&Trial> = trials.iter().filter(of_it).collect();
            (!trials.is_empty()).then_some(Row { connector, way, trials })
        })
    }

    fn print(&self) {
        let Row { connector, way, trials } = self;
        let way = match way {
            Way::Decode => "decode",
            Way::Encode => "encode",
        };
        let bytes = median(trials.iter().map(|trial| trial.bytes as f64).collect());
        let kib = trials.iter().map(|trial| trial.bytes as f64).sum::<f64>() / 1024.0;
        let native: f64 = trials.iter().map(|trial| trial.micros().native).sum();
        let sandbox: f64 = trials.iter().map(|trial| trial.micros().sandbox).sum();
        let ratio = |trial: &&Trial| trial.micros().sandbox / trial.micros().native;
        let Some(worst) = trials.iter().copied().max_by(|one, other| ratio(one).total_cmp(&ratio(other))) else {
            return;
        };
        println!(
            "| `{connector}` | {way} | {} | {bytes:.0} | {:.1} | {:.1} | **{:.2}** | {:.1} (`{}`, {} bytes) |",
            trials.len(),
            native / kib,
            sandbox / kib,
            sandbox / native,
            ratio(&worst),
            worst.case.name,
            worst.bytes,
        );
    }
}

/// Prints them all.
pub(crate) fn print<'a>(rows: impl Iterator<Item = Row<'a>>) {
    println!("| connector | | cases | bytes, median | native, µs/KiB | sandbox, µs/KiB | ratio | worst case |");
    println!("|---|---|---|---|---|---|---|---|");
    for row in rows {
        row.print();
    }
}
