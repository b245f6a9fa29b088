//! What a partner is told of its messages in its own format, such as a functional acknowledgement: the turn to write it,
//! under which numbers, and where it goes.

use portgate_core::agreement::Acknowledgement;
use portgate_core::delivery::Request;
use portgate_core::document::Reply;
use portgate_core::finding::Finding;
use portgate_core::interchange;
use portgate_core::policy::{AgreementPolicy, Duplicates};
use portgate_core::sender;
use portgate_store::{
    ACKNOWLEDGEMENTS, Acceptance, Answer, DeliveryId, ExchangeId, JournalError, KeptAnswer, NewDelivery, Numbering,
    Received, RequestKey,
};

use super::agreement::ENVELOPE;
use super::{Incoming, Intake};
use crate::configuration::{Agreed, Contract};
use crate::numbering::Turn;

/// A gap of more control numbers is none: the sender has begun anew with them.
const GAP_MAX: u64 = 10_000;

/// A reply that is to be written, by an agreement: the numbers that it has, and the turn to use them.
pub(crate) struct Replying<'a> {
    agreement: &'a AgreementPolicy,
    pub(crate) numbering: Numbering,
    _turn: Turn,
}

impl<'a> Intake<'a> {
    /// The turn to reply to a message, where that was agreed with its sender.
    ///
    /// # Errors
    ///
    /// The journal does not say which numbers come next.
    pub(crate) async fn replying(
        &self,
        contract: &Contract,
        incoming: &Incoming,
    ) -> Result<Option<Replying<'a>>, JournalError> {
        let Agreed::By(agreement) = self.configuration.agreed_in(&incoming.partner, contract) else { return Ok(None) };
        if agreement.acknowledgement == Acknowledgement::None {
            return Ok(None);
        }
        let partner = sender::partner(&incoming.partner);
        let turn = self.state.numbering.next(partner, &agreement.name).await;
        let after = self.state.journal.last_numbers(partner, &agreement.name).await?;
        let numbering = Numbering {
            partner: partner.to_owned(),
            agreement: agreement.name.clone(),
            after,
            numbers: after.next(interchange::groups(&incoming.payload)),
            kinds: interchange::Kinds::default(),
        };
        Ok(Some(Replying { agreement, numbering, _turn: turn }))
    }

    /// What the sender of a message that was parked is told in its own format since it was taken up; nothing where it is told
    /// nothing that way, or belongs to the answer of another message.
    ///
    /// # Errors
    ///
    /// The journal does not say.
    pub(crate) async fn told_since(
        &self,
        incoming: &Incoming,
        exchange: ExchangeId,
    ) -> Result<Option<Answer>, JournalError> {
        let (key, fingerprint) = (RequestKey::TakenUp { exchange }, incoming.fingerprint());
        let kept = self.state.journal.kept_answer(&incoming.partner, &[key], fingerprint, self.now).await?;
        Ok(match kept {
            Some(KeptAnswer::Replayed(answer)) => Some(answer),
            Some(KeptAnswer::KeyReused(_) | KeptAnswer::Unanswered) | None => None,
        })
    }

    /// Whether a sender's messages of a contract are acknowledged as messages of their own.
    pub(crate) fn acknowledges_apart(&self, contract: &Contract, sender: &str) -> bool {
        let agreed = self.configuration.agreed_in(sender, contract);
        matches!(agreed, Agreed::By(agreement) if agreement.acknowledgement == Acknowledgement::Apart)
    }

    /// Has the journal keep the number of an interchange, where those of its agreement are followed: where what comes twice
    /// is known. A gap between the last one that was taken and this one is told; what is missing may still come.
    ///
    /// # Errors
    ///
    /// The journal does not say which was taken last.
    pub(crate) async fn follow(
        &self,
        contract: &Contract,
        incoming: &Incoming,
        acceptance: &mut Acceptance,
    ) -> Result<(), JournalError> {
        let Agreed::By(agreement) = self.configuration.agreed_in(&incoming.partner, contract) else { return Ok(()) };
        let number = interchange::control_number(&incoming.payload).and_then(|number| number.parse::<u64>().ok());
        let Some(interchange) = number.filter(|_| agreement.duplicates == Duplicates::Known) else { return Ok(()) };
        if let Some(last) = self.state.journal.last_received(&incoming.partner, &agreement.name).await? {
            acceptance.exchange.findings.extend(gap(last, interchange));
        }
        acceptance.received = Some(Received { agreement: agreement.name.clone(), interchange });
        Ok(())
    }

    /// What an interchange is known by to its sender and us, where that was agreed.
    pub(crate) fn interchange_key(&self, contract: &Contract, incoming: &Incoming) -> Option<RequestKey> {
        let Agreed::By(agreement) = self.configuration.agreed_in(&incoming.partner, contract) else { return None };
        if agreement.duplicates == Duplicates::New {
            return None;
        }
        let envelope = interchange::envelope(&incoming.payload)?;
        let called = |party: &interchange::Party| format!("{}:{}", party.qualifier, party.value);
        (!envelope.control_number.is_empty()).then(|| RequestKey::Interchange {
            sender: called(&envelope.sender),
            receiver: called(&envelope.receiver),
            control_number: envelope.control_number.clone(),
        })
    }
}

/// Which interchanges are missing between the last one that was taken and this one. Far behind the last one the numbers have
/// begun anew, or somebody sends them again.
fn gap(last: u64, interchange: u64) -> Option<Finding> {
    let (first, missing) = (last + 1, interchange.saturating_sub(last + 1));
    (1..=GAP_MAX).contains(&missing).then(|| {
        let which = match missing {
            1 => format!("The interchange {first} was"),
            _ => format!("The interchanges {first} to {} were", interchange - 1),
        };
        let detail = format!("{which} not taken before this one, by their control numbers.");
        Finding::warning("control-number-gap", ENVELOPE, detail)
    })
}

impl Replying<'_> {
    /// Whether the reply is part of the answer to the request that brought the message.
    pub(crate) fn is_in_answer(&self) -> bool {
        self.agreement.acknowledgement == Acknowledgement::InAnswer
    }

    /// The delivery of a reply that is a message of its own; nothing where it is part of the answer.
    pub(crate) fn apart(&self, incoming: &Incoming, reply: &Reply, now: jiff::Timestamp) -> Option<NewDelivery> {
        self.late(incoming, reply, now).filter(|_| !self.is_in_answer())
    }

    /// The delivery of a reply to a message whose request was answered before; nothing where nothing is posted to the sender.
    pub(crate) fn late(&self, incoming: &Incoming, reply: &Reply, now: jiff::Timestamp) -> Option<NewDelivery> {
        let path = self.agreement.acknowledgement_path.as_ref()?;
        let request = Request {
            method: "POST".to_owned(),
            path: path.clone(),
            headers: vec![("content-type".to_owned(), reply.content_type.clone())],
            body: reply.body.clone(),
        };
        Some(NewDelivery {
            id: DeliveryId::new(now),
            destination: self.numbering.partner.clone(),
            contract: incoming.contract.clone(),
            version: incoming.version.clone(),
            documents: Vec::new(),
            parts: Vec::new(),
            lane: Some(ACKNOWLEDGEMENTS.to_owned()),
            request: Some(request),
            batched: None,
        })
    }
}
