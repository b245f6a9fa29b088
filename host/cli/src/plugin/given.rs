//! What a case gives a plugin, as a gateway calls the plugin with it.

use portgate_cases::{Case, GivenDocument};
use portgate_core::delivery::Target;
use portgate_core::document::{Document, Reference};
use portgate_core::message::Message;
use portgate_runtime::Tables;

use super::agreed::Agreed;

/// The message with this payload.
pub(super) fn message(case: &Case, body: &[u8], digest: &str) -> Result<Message, String> {
    let Agreed { agreement, control_numbers } = agreed(case)?;
    Ok(Message {
        partner: case.partner.clone(),
        contract: case.contract.clone(),
        version: case.version.clone(),
        content_type: case.content_type.clone(),
        headers: case.headers.clone(),
        received_at: case.received_at.clone(),
        digest: digest.to_owned(),
        body: body.to_vec(),
        agreement,
        control_numbers,
    })
}

/// A document of a case.
pub(super) fn document(document: &GivenDocument) -> Document {
    let refs = document.refs().into_iter();
    Document {
        kind: document.kind.clone(),
        key: document.key(),
        refs: refs.map(|name| Reference { scheme: name.scheme, value: name.value }).collect(),
        body: document.body.to_string().into_bytes(),
    }
}

/// What its documents are to be rendered as.
pub(super) fn target(case: &Case) -> Result<Target, String> {
    let Agreed { agreement, control_numbers } = agreed(case)?;
    let target = Target::new(&case.contract, &case.version, &case.received_at);
    Ok(Target { agreement, control_numbers, ..target })
}

fn agreed(case: &Case) -> Result<Agreed, String> {
    Agreed::of(case.agreement.as_ref(), &case.codes, case.control_numbers)
}

/// The rows of a case as the tables of the engine, which reads CSV.
pub(super) fn tables(case: &Case) -> Result<Tables, String> {
    let mut tables = Tables::default();
    let mut names: Vec<&str> = case.rows.iter().map(|row| row.table.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let mut csv = String::from("key,value,from,to\n");
        for row in case.rows.iter().filter(|row| row.table == name) {
            let fields = [
                &row.key,
                &row.value,
                row.from.as_ref().unwrap_or(&String::new()),
                row.to.as_ref().unwrap_or(&String::new()),
            ]
            .map(|field| format!("\"{}\"", field.replace('"', "\"\"")));
            csv.push_str(&fields.join(","));
            csv.push('\n');
        }
        tables.add(name, csv.as_bytes()).map_err(|error| format!("case.toml, rows of the table {name}: {error}"))?;
    }
    for (name, file) in &case.lists {
        tables.add(name, file).map_err(|error| format!("case.toml, the lists of the table {name}: {error}"))?;
    }
    Ok(tables)
}
