//! The figures as a table in Markdown.

use crate::trial::{Trial, Way, median};

/// All cases of a connector that go one way, or both.
pub(crate) struct Row<'a> {
    connector: &'static str,
    way: &'static str,
    trials: Vec<&'a Trial>,
}

impl<'a> Row<'a> {
    /// What is decoded, what is encoded, and all of it where there is both.
    pub(crate) fn of(connector: &'static str, trials: &'a [Trial]) -> impl Iterator<Item = Row<'a>> {
        let that_go = |ways: &[Way]| -> Vec<&'a Trial> {
            trials.iter().filter(|trial| trial.connector == connector && ways.contains(&trial.way)).collect()
        };
        let (decoded, encoded) = (that_go(&[Way::Decode]), that_go(&[Way::Encode]));
        let both = match decoded.is_empty() || encoded.is_empty() {
            true => Vec::new(),
            false => that_go(&[Way::Decode, Way::Encode]),
        };
        let rows = [("decode", decoded), ("encode", encoded), ("both", both)];
        rows.into_iter().filter(|(_, trials)| !trials.is_empty()).map(move |(way, trials)| Row {
            connector,
            way,
            trials,
        })
    }

    fn print(&self) {
        let Row { connector, way, trials } = self;
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
