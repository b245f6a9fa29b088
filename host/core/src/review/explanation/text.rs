//! The explanation in sentences, under headings.

use std::collections::BTreeSet;

use super::{Destination, Emitted, Explanation, Found, Installed, MismatchKind, Read, Served};
use crate::manifest::World;
use crate::policy::{Quarantine, Rollback};
use crate::review::words::{self, listed};

/// The widest line.
const WIDTH: usize = 118;

impl Explanation {
    /// The explanation in plain sentences; every one stands for itself.
    pub fn text(&self) -> String {
        let sections = [
            ("The component", self.installed()),
            ("Which messages it is given, and which it makes", self.served()),
            ("Which documents it may see", self.seen()),
            ("Which documents it may emit, and where they go", self.emitted()),
            ("What it may look up", self.looked_up()),
            ("Where its output may be sent", self.sent()),
            ("How much it may use", self.used()),
            ("Where manifest, code and policy do not agree", self.unsettled()),
        ];
        let mut text = format!("Plugin `{}`\n", self.plugin);
        for (heading, sentences) in sections {
            text.push_str(&format!("\n{heading}\n"));
            sentences.iter().for_each(|sentence| text.push_str(&wrapped(sentence)));
        }
        text
    }

    fn installed(&self) -> Vec<String> {
        let Installed { file, pinned_sha256, signed_by, rollback, found, missing } = &self.component;
        let mut sentences = Vec::new();
        match (found, missing) {
            (Some(Found { sha256, version, description, world, imports }), _) => {
                sentences.push(format!("It is the file `{file}`, version {version}, with the SHA-256 {sha256}."));
                sentences.push(format!("Its author says of it: \"{description}\""));
                sentences.push(
                    match world {
                        World::Connector => "It translates between the messages of partners and canonical documents.",
                        World::Rules => "It judges the assembled state of a shipment, and returns what does not fit.",
                        World::Composer => "It makes a declaration of the assembled state of a shipment.",
                    }
                    .to_owned(),
                );
                let imports: Vec<String> = imports.iter().map(|name| words::import(name)).collect();
                sentences.push(match imports.is_empty() {
                    true => "Its code uses nothing of the gateway.".to_owned(),
                    false => format!("Its code uses these interfaces of the gateway: {}.", imports.join(", ")),
                });
            }
            (None, missing) => {
                let why = missing.as_deref().unwrap_or("it was not looked at");
                sentences.push(format!(
                    "The component `{file}` could not be looked into: {why}. What follows is what the policies allow; what \
                     the component declares and imports is not known."
                ));
            }
        }
        if let Some(digest) = pinned_sha256 {
            sentences.push(format!("The policy takes the component with the SHA-256 {digest} and no other."));
        }
        if !signed_by.is_empty() {
            sentences.push(format!("Its component must be signed by {}.", listed(signed_by, "or")));
        }
        sentences.push(match rollback {
            None => "Its version never goes back.".to_owned(),
            Some(Rollback { to, by, reason }) => {
                format!("Its version may go back to {to}, and to no other: {by} decided that because \"{reason}\".")
            }
        });
        sentences.push(
            "Whatever it does, it has no network, files, clock, random numbers, environment or secrets, and every call \
             forgets everything."
                .to_owned(),
        );
        sentences
    }

    fn served(&self) -> Vec<String> {
        let mut sentences: Vec<String> = self.contracts.iter().flat_map(of_contract).collect();
        if sentences.is_empty() {
            sentences.push("It serves no contract: no partner's message reaches it, and it makes none.".to_owned());
        }
        sentences
    }

    fn seen(&self) -> Vec<String> {
        let mut sentences: Vec<String> = self.reads.iter().flat_map(of_read).collect();
        if sentences.is_empty() {
            sentences.push("It is given no documents.".to_owned());
        }
        for Destination { partner, response_headers, .. } in &self.destinations {
            sentences.push(format!(
                "It is shown the answers of partner `{partner}` to its requests: status, body, and the headers {}.",
                listed(response_headers, "and")
            ));
        }
        sentences
    }

    fn emitted(&self) -> Vec<String> {
        let mut sentences: Vec<String> = self.emits.iter().flat_map(of_emitted).collect();
        match sentences.is_empty() {
            true => sentences.push("It may emit no documents.".to_owned()),
            false => sentences.push(
                "Each document must keep the schema of its kind; what does not, and what is of another kind, is refused."
                    .to_owned(),
            ),
        }
        sentences
    }

    fn looked_up(&self) -> Vec<String> {
        let mut sentences: Vec<String> = Vec::new();
        for table in &self.tables {
            let file = table.file.as_ref().map(|file| format!(", the file `{file}`")).unwrap_or_default();
            sentences.push(format!("It may look up any key in the reference table `{}`{file}.", table.name));
        }
        for (table, agreements) in &self.codes {
            sentences.push(match agreements.is_empty() {
                true => format!("It may look up partners' codes in the table `{table}`, which no agreement has."),
                false => format!(
                    "It may look up the partner's codes in the table `{table}` for messages under the agreements {}.",
                    listed(agreements, "and")
                ),
            });
        }
        if sentences.is_empty() {
            sentences.push("Nothing: no reference table is granted.".to_owned());
        }
        sentences
    }

    fn sent(&self) -> Vec<String> {
        let Some(egress) = &self.egress else {
            return vec!["Nowhere: its policy has no [egress], so no request of it is ever sent.".to_owned()];
        };
        let methods: BTreeSet<String> = egress.methods.iter().map(ToString::to_string).collect();
        let mut sentences = vec![
            format!(
                "A request of it is sent only if it goes to {} and has the method {}.",
                listed(&egress.base_urls, "or"),
                listed(&methods, "or")
            ),
            format!(
                "Its path, below that URL, must fit {}; `*` stands for one segment, `**` for one or more.",
                listed(&egress.paths, "or")
            ),
            match egress.query.is_empty() {
                true => "It may carry no query parameters.".to_owned(),
                false => format!("It may carry the query parameters {} and no others.", listed(&egress.query, "and")),
            },
        ];
        for destination in &self.destinations {
            sentences.extend(of_destination(destination));
        }
        if self.destinations.is_empty() {
            sentences.push("No partner is reached by it now: nothing is sent.".to_owned());
        }
        sentences
    }

    fn used(&self) -> Vec<String> {
        let Quarantine { failures_max, window_seconds, pause_seconds, .. } = self.quarantine;
        let mut sentences = vec![
            format!(
                "When more than {failures_max} calls for one partner fail within {window_seconds} seconds, it is not \
                 called for that partner for {pause_seconds} seconds; what the partner sends is kept until it works again."
            ),
            "A call that wants more than this is ended, and no other call is touched. At most there may be:".to_owned(),
        ];
        let budget = |budget: &super::Budget| format!("{}: {} ({})", budget.meaning, grouped(budget.max), budget.key);
        sentences.extend(self.budgets.iter().map(budget));
        sentences
    }

    fn unsettled(&self) -> Vec<String> {
        if self.component.found.is_none() {
            return vec!["That is not known, since the component could not be looked into.".to_owned()];
        }
        if self.mismatches.is_empty() {
            return vec!["They agree: what is declared is granted, and what is granted is declared.".to_owned()];
        }
        let sentence = |mismatch: &super::Mismatch| {
            let name = &mismatch.name;
            let what = match mismatch.capability {
                "contract" => format!("the contract `{name}`"),
                "table" => format!("look-ups in the reference table `{name}`"),
                "emit" => format!("emitting documents of kind `{name}`"),
                _ => format!("being given documents of kind `{name}`"),
            };
            match (mismatch.kind, mismatch.capability) {
                (MismatchKind::DeclaredNotGranted, "contract") => {
                    format!("Declared but not granted: {what}. It is not served.")
                }
                (MismatchKind::DeclaredNotGranted, _) => {
                    format!("Declared but not granted: {what}. The gateway refuses the plugin because of it.")
                }
                (MismatchKind::GrantedNotDeclared, "contract") => {
                    format!("Granted but not declared: {what}. The gateway refuses the plugin because of it.")
                }
                (MismatchKind::GrantedNotDeclared, _) => {
                    format!("Granted but not declared: {what}. The grant is more than its author asks for; remove it.")
                }
                (MismatchKind::GrantedNotImported, _) => {
                    format!("Granted and declared, but not imported: {what}. Its code cannot use the grant; remove it.")
                }
            }
        };
        self.mismatches.iter().map(sentence).collect()
    }
}

fn of_contract(served: &Served) -> Vec<String> {
    let Served { contract, decoded, encoded, body_bytes_max, headers, senders, receivers, forwarded_to } = served;
    let mut sentences = Vec::new();
    if *decoded == Some(true) || !senders.is_empty() {
        let size = body_bytes_max.map(|bytes| format!(" (at most {} bytes)", grouped(bytes))).unwrap_or_default();
        sentences.push(match senders.is_empty() {
            true => format!("It can read messages of the contract `{contract}`, but no partner may send them."),
            false => format!(
                "It is given the whole messages of the contract `{contract}`{size} that {} sends, with the partner's name.",
                partners(senders, "or")
            ),
        });
        if !headers.is_empty() {
            sentences.push(format!("It is shown these headers of them: {}.", listed(headers, "and")));
        }
        if let Some(upstream) = forwarded_to {
            sentences.push(format!(
                "The document that it makes of such a message goes straight to `{upstream}`, whose answer the partner gets."
            ));
        }
    }
    if *encoded == Some(true) || !receivers.is_empty() {
        for (partner, kinds) in receivers {
            sentences.push(format!(
                "It makes messages of the contract `{contract}` for partner `{partner}`, from documents of kind {}.",
                listed(kinds, "or")
            ));
        }
        if receivers.is_empty() {
            sentences.push(format!("It can make messages of the contract `{contract}`, but no route asks for them."));
        }
    }
    if sentences.is_empty() {
        sentences.push(format!("It is granted the contract `{contract}`, which nobody uses."));
    }
    sentences
}

fn of_read(read: &Read) -> Vec<String> {
    let Read { kind, meaning, fields, references, key } = read;
    let meaning = meaning.trim_end_matches('.');
    let meaning = if meaning.is_empty() { String::new() } else { format!(" ({meaning})") };
    let Some(fields) = fields else {
        return vec![format!("It is given documents of kind `{kind}`{meaning}, whole: every field and reference.")];
    };
    let mut sentences = vec![match fields.is_empty() {
        true => format!("It learns that there is a document of kind `{kind}`{meaning}, and none of its fields."),
        false => format!("Of documents of kind `{kind}`{meaning} it is given these fields and no others:"),
    }];
    for (pattern, meaning) in fields {
        sentences.push(match meaning.is_empty() {
            true => format!("`{pattern}`"),
            false => format!("`{pattern}`: {meaning}"),
        });
    }
    let key = if *key { "with their key" } else { "without their key" };
    sentences.push(match references.as_ref().filter(|references| !references.is_empty()) {
        Some(schemes) => format!(
            "It is given these documents {key}, and of their references those of the schemes {}.",
            listed(schemes, "and")
        ),
        None => format!("It is given these documents {key} and without any references."),
    });
    sentences
}

fn of_emitted(emitted: &Emitted) -> Vec<String> {
    let Emitted { kind, meaning, routes, webhooks, broker } = emitted;
    let meaning = meaning.trim_end_matches('.');
    let meaning = if meaning.is_empty() { String::new() } else { format!(" ({meaning})") };
    let mut sentences = vec![format!("It may emit documents of kind `{kind}`{meaning}.")];
    sentences.extend(routes.iter().map(|route| format!("Because of `routes.toml` the gateway may then {route}.")));
    for (partner, url) in webhooks {
        sentences.push(format!("Partner `{partner}` is told of those that concern it, at `{url}`."));
    }
    if *broker {
        sentences.push("The company's message broker is told of each.".to_owned());
    }
    sentences
}

fn of_destination(destination: &Destination) -> Vec<String> {
    let Destination { partner, title, base_url, enabled, private_addresses, credential, .. } = destination;
    let mut sentences = vec![
        format!("For partner `{partner}` ({title}) its requests go to `{base_url}`."),
        match credential {
            Some(credential) => format!("The gateway adds {credential}. The plugin never sees it."),
            None => "The gateway adds no credential.".to_owned(),
        },
    ];
    if *private_addresses {
        sentences.push("That address may be in a private network.".to_owned());
    }
    if !enabled {
        sentences.push("Sending to this partner is switched off now: its messages wait.".to_owned());
    }
    sentences
}

fn partners(names: &[String], word: &str) -> String {
    match names {
        [only] => format!("partner `{only}`"),
        several => format!("one of the partners {}", listed(several, word)),
    }
}

/// A number with its thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// A sentence as an item of a list, in lines that fit a terminal.
fn wrapped(sentence: &str) -> String {
    let (mut text, mut line) = (String::new(), "  -".to_owned());
    for word in sentence.split(' ') {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            text.push_str(&line);
            text.push('\n');
            line = "   ".to_owned();
        }
        line.push(' ');
        line.push_str(word);
    }
    text + &line + "\n"
}
